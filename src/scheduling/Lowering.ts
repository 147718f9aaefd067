/**
 * What may stay of an event when the level is lowered: given by whoever knows the declarations.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type { Level } from "../domain/Level.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"

/**
 * @since 0.1.0
 * @category tags
 */
export class Lowering extends Context.Tag("effect-telemetry/scheduling/Lowering")<
  Lowering,
  (event: RedactedEvent, level: Level) => RedactedEvent | null
>() {}
