/**
 * Reads what the store knows of an application, for its status.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { EventStore } from "./persistence/EventStore.js"
import type { StoreError } from "./persistence/StoreError.js"
import { SubmissionQueue } from "./persistence/SubmissionQueue.js"
import type { Stored } from "./Status.js"

/**
 * Size, ledger, and of each destination the counts, the state and the figures.
 *
 * @since 0.1.0
 * @category accessors
 */
export const read = (
  destinations: ReadonlyArray<string>
): Effect.Effect<Stored, StoreError, EventStore | SubmissionQueue> =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    return {
      size: yield* store.size,
      ledger: yield* store.ledger,
      destinations: yield* Effect.forEach(destinations, (id) =>
        Effect.all({
          id: Effect.succeed(id),
          counts: queue.counts(id),
          state: queue.state(id),
          stats: queue.stats(id)
        }))
    }
  })
