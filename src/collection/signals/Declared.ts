/**
 * A recorder without its event in the catalogue records nothing: whoever adds the one and forgets the other is told.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as EventDefinition from "../../domain/EventDefinition.js"
import { Collector } from "../Collector.js"

/**
 * Logs a warning where `definition` is not declared.
 *
 * @since 0.1.0
 * @category warnings
 */
export const warn = (definition: EventDefinition.Any): Effect.Effect<void, never, Collector> =>
  Effect.flatMap(Collector, (collector) =>
    collector.definition(definition.type) === undefined
      ? Effect.logWarning(
        `telemetry: ${definition.type} is not declared, so none is recorded: give the option \`events: Signals.all\``
      )
      : Effect.void)
