/**
 * For pages that do not use Effect: the same layers behind promises.
 *
 * Here is only what is loaded at once: what does the work comes when `create` is called.
 *
 * @since 0.1.0
 */
import type * as Layer from "effect/Layer"
import type { Client, Options } from "../Client.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import type { Services } from "./Composed.js"
import * as Slices from "./Slices.js"
import * as Unloaded from "./unloaded/Client.js"

export type { Client } from "../Client.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Capture = Layer.Layer<never, never, Services>

/**
 * Pages of one origin that name the same application share one store. Whoever sees the page sees its key: it is one for ingest
 * only.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateOptions extends Options {
  /** The application's own events, beside the built-in ones; loaded with telemetry's own code where it says how. */
  readonly events?: ReadonlyArray<EventDefinition.Any> | Slices.Load<ReadonlyArray<EventDefinition.Any>>
  /**
   * What else is recorded by itself: modules beside this one, such as `() => import("effect-telemetry/browser/WebVitals")`,
   * which are loaded with telemetry's own code, or their layers. Default none.
   */
  readonly capture?: ReadonlyArray<Capture | Slices.Load<{ readonly layer: Capture }>>
}

/** All that a client is made of; nothing is opened by it. */
const load = async ({ capture = [], events, ...rest }: CreateOptions) => {
  const { open } = await Slices.inTurn([...Slices.runtime, ...Slices.stages], () => import("./Opened.js"))
  const options = {
    ...rest,
    events: typeof events === "function" ? await events() : events,
    capture: await Promise.all(capture.map(async (one) => typeof one === "function" ? (await one()).layer : one))
  }
  return { open: () => open(options) }
}

/**
 * Opens telemetry for an application. Its code is loaded in slices, none of which holds the page up for long; where that
 * fails the client records nothing, and its `status` says why. Rejects only when an option is refused, and names it.
 *
 * @example
 * import { create } from "effect-telemetry/browser"
 *
 * const telemetry = await create({ app: { name: "shop", version: "2.0.0" } })
 * telemetry.track("feature_used", { featureName: "checkout", enabled: true })
 *
 * @since 0.1.0
 * @category constructors
 */
export const create = async (options: CreateOptions): Promise<Client> => {
  const loaded = await load(options).catch(Slices.message)
  return typeof loaded === "string" ? Unloaded.make(options.endpoint, loaded) : loaded.open()
}
