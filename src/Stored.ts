/**
 * Reads what the store has: figures for the status, and the events.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { ConsentGate } from "./consent/ConsentGate.js"
import * as TelemetryEvent from "./domain/TelemetryEvent.js"
import type { EventFilter, StoredEvent } from "./persistence/EventStore.js"
import { EventStore } from "./persistence/EventStore.js"
import * as Portions from "./persistence/Portions.js"
import type { StoreError } from "./persistence/StoreError.js"
import { SubmissionQueue } from "./persistence/SubmissionQueue.js"
import * as Policy from "./Policy.js"
import type { Stored } from "./Status.js"

/**
 * Off, and nothing was ever stored: then nothing is opened to find that out.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isThere = (store: EventStore["Type"], gate: ConsentGate["Type"]): Effect.Effect<boolean> =>
  Effect.map(store.exists, (exists) => exists || gate.unsafeCurrent().enabled)

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
 * @category accessors
 */
export const portions = (
  store: EventStore["Type"],
  filter: EventFilter
): Portions.Portions<StoredEvent, StoreError> =>
  Portions.make((range) => store.read({ ...filter, ...range }), ({ seq }) => seq, Policy.maxGroupSize)

const decodeWire = Schema.decodeUnknownSync(Schema.parseJson(TelemetryEvent.WireEvent))

/**
 * As they are sent.
 *
 * @since 0.1.0
 * @category accessors
 */
export const exported = (
  store: EventStore["Type"],
  filter: EventFilter
): Portions.Portions<TelemetryEvent.WireEvent, StoreError> =>
  Portions.map(portions(store, filter), ({ event }) => decodeWire(TelemetryEvent.toJson(event)))

/**
 * Everything stored that fits the filter, in the order of recording.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (store: EventStore["Type"], filter: EventFilter): Stream.Stream<StoredEvent, StoreError> =>
  Portions.stream(portions(store, filter))
