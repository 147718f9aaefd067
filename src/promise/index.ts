/**
 * For programs that do not use Effect: the same layers behind promises.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as Client from "../Client.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as GlobalErrors from "../node/GlobalErrors.js"
import * as KeepAlive from "../node/KeepAlive.js"
import * as TelemetryNode from "../node/TelemetryNode.js"

export type { Client } from "../Client.js"
export { redactText } from "../collection/Redaction.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateOptions extends Client.Options {
  /** Where everything is kept; by default the platform's data directory, under the application's name. */
  readonly dataDir?: string
  /** Records uncaught exceptions and unhandled rejections, on disk before the process dies of them; default false. */
  readonly globalErrors?: boolean
  /** The application's own events, beside the built-in ones. */
  readonly events?: ReadonlyArray<EventDefinition.Any>
}

/**
 * Opens telemetry for an application. Rejects only when an option is refused, and names it.
 *
 * @example
 * import { create } from "effect-telemetry/promise"
 *
 * const telemetry = await create({ app: { name: "ax", version: "2.0.0" } })
 * telemetry.track("feature_used", { featureName: "export", enabled: true })
 * await telemetry.close()
 *
 * @since 0.1.0
 * @category constructors
 */
export const create = (options: CreateOptions): Promise<Client.Client> => {
  const { consent, globalErrors = false, level, remote, ...rest } = options
  const live = TelemetryNode.layerForgiving({ ...rest, ...(level === undefined ? {} : { maxLevel: level }) })
  return Client.open(
    Layer.provideMerge(globalErrors ? GlobalErrors.layer : Layer.empty, live),
    { consent, endpoint: options.endpoint, level, remote },
    KeepAlive.during
  )
}
