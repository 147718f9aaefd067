/**
 * Reads what the store has: figures for the status, and the events.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EventFilter, StoredEvent } from "./persistence/EventStore.js"
import { EventStore } from "./persistence/EventStore.js"
import type { StoreError } from "./persistence/StoreError.js"
import { SubmissionQueue } from "./persistence/SubmissionQueue.js"
import * as Policy from "./Policy.js"
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
      damaged: (yield* store.damaged).kept,
      destinations: yield* Effect.forEach(destinations, (id) =>
        Effect.all({
          id: Effect.succeed(id),
          counts: queue.counts(id),
          state: queue.state(id),
          stats: queue.stats(id)
        }))
    }
  })

/**
 * Everything stored that fits the filter, in the order of recording, read in portions.
 *
 * @since 0.1.0
 * @category combinators
 */
export const stream = (
  store: EventStore["Type"],
  filter: EventFilter
): Stream.Stream<StoredEvent, StoreError> =>
  Stream.paginateChunkEffect(
    0,
    (after) =>
      Effect.map(store.read({ ...filter, after, limit: Policy.maxGroupSize }), (events) => {
        const last = events.at(-1)
        return [
          Chunk.unsafeFromArray(events),
          last === undefined || events.length < Policy.maxGroupSize ? Option.none() : Option.some(last.seq)
        ] as const
      })
  )
