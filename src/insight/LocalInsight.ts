/**
 * Answers of the local store to a person's questions.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as LocalStats from "../LocalStats.js"
import * as CatchUp from "../persistence/CatchUp.js"
import type { EventFilter, StoredEvent } from "../persistence/EventStore.js"
import * as Portions from "../persistence/Portions.js"
import type { Service as Rollups } from "../persistence/Rollups.js"
import type { StoreError } from "../persistence/StoreError.js"
import * as UsageSummary from "./UsageSummary.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface LocalInsight {
  readonly stats: (request: LocalStats.StatsRequest) => Effect.Effect<ReadonlyArray<LocalStats.StatsRow>, StoreError>
  readonly usage: (filter: Pick<EventFilter, "from" | "to">) => Effect.Effect<UsageSummary.Usage, StoreError>
}

/**
 * What an older version has recorded is summed up first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  rollups: Rollups,
  definition: (eventType: string) => EventDefinition.Any | undefined,
  events: (filter: EventFilter) => Portions.Portions<StoredEvent, StoreError>
): LocalInsight => {
  const upToDate = CatchUp.run(rollups, definition)
  return {
    stats: (request) => Effect.zipRight(upToDate, LocalStats.read(rollups, request)),
    usage: (filter) =>
      Effect.flatMap(upToDate, () => {
        const summary = UsageSummary.fold()
        return Portions.forEach(LocalStats.portions(rollups, filter), summary.addRollup).pipe(
          Effect.zipRight(Portions.forEach(events(filter), ({ event }) => summary.addEvent(event))),
          Effect.map(summary.usage)
        )
      })
  }
}

/**
 * Where nothing was ever stored.
 *
 * @since 0.1.0
 * @category constants
 */
export const nothing: LocalInsight = {
  stats: () => Effect.succeed([]),
  usage: () => Effect.sync(UsageSummary.none)
}
