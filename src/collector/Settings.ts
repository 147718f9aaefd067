/**
 * What the handlers know of the server they run in.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * @since 0.1.0
 * @category tags
 */
export class Settings extends Context.Tag("effect-telemetry/collector/Settings")<Settings, {
  /** Shown by `info`. */
  readonly version: string
  /** The interface that is listened on. */
  readonly host: string
}>() {}
