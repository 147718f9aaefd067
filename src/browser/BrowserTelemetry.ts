/**
 * Telemetry in a page: IndexedDB for events and queue, `localStorage` for consent, settings and the last instant. No cookies.
 *
 * Here is only what is loaded at once: what does the work comes when a layer is built.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ConfigIssue } from "../ConfigIssue.js"
import type { Options, Services } from "./Composed.js"
import * as Slices from "./Slices.js"
import * as Unloaded from "./unloaded/Services.js"

export type { Options, Services } from "./Composed.js"

/**
 * Telemetry for an application, from options and stored settings. Fails when an option is refused; the message names it.
 * Settings that are refused are left out, and `status` says so. Its code is loaded in slices while it is built, none of
 * which holds the page up for long; where that fails telemetry is off, which is logged and which `status` says.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Services, ConfigIssue> =>
  Layer.unwrapEffect(
    Effect.match(
      Effect.tryPromise({
        try: () => Slices.inTurn(Slices.stages, () => import("./Composed.js")),
        catch: Slices.message
      }),
      {
        onFailure: (message) => Unloaded.layer(options, message),
        onSuccess: (composed) => composed.layer(options)
      }
    )
  )

/**
 * Telemetry for an application, for a page that cannot go on without its layers: an option that is refused is a defect.
 *
 * @since 0.1.0
 * @category layers
 */
export const BrowserTelemetryLive = (options: Options): Layer.Layer<Services> => Layer.orDie(layer(options))
