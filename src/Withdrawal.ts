/**
 * Opting out, and erasing what was recorded: here, and at the collector.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { DebugFile } from "./collection/DebugLog.js"
import { Intake } from "./collection/Intake.js"
import { ConsentGate } from "./consent/ConsentGate.js"
import type { ConsentUnreadable } from "./consent/ConsentStore.js"
import type { Effective } from "./domain/Consent.js"
import * as Erasure from "./domain/Erasure.js"
import { EventStore } from "./persistence/EventStore.js"
import * as Portions from "./persistence/Portions.js"
import type { StoreError } from "./persistence/StoreError.js"
import { SubmissionQueue } from "./persistence/SubmissionQueue.js"
import * as Policy from "./Policy.js"
import { Erasures } from "./scheduling/Erasures.js"
import * as Stored from "./Stored.js"
import { Config } from "./TelemetryConfig.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Withdrawal {
  readonly disable: (
    options: { readonly erase?: boolean; readonly remoteOnly?: boolean }
  ) => Effect.Effect<Effective, ConsentUnreadable | StoreError>
  readonly clearEverywhere: Effect.Effect<
    { readonly events: number; readonly queue: number; readonly waiting: Erasure.Waiting | null },
    ConsentUnreadable | StoreError
  >
}

/**
 * The consent record is written first, with the requests to the collector in it: whatever dies afterwards, what was recorded
 * before never leaves, and the collector is asked. `isThere` says whether there is a store at all.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (isThere: Effect.Effect<boolean>) =>
  Effect.gen(function*() {
    const config = yield* Config
    const gate = yield* ConsentGate
    const intake = yield* Intake
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    const erasures = yield* Erasures
    const debugFile = yield* DebugFile

    /** Whom the collector may know, by what is stored; undefined where there is no collector. */
    const subjects = Effect.gen(function*() {
      const { endpoint } = config
      if (endpoint === null || !(yield* isThere)) return undefined
      const found = Erasure.collect(gate.unsafeCurrent().installationId)
      yield* Portions.forEach(Stored.portions(store, {}), ({ event }) => found.add(event.context))
      return found.subjects(endpoint)
    })

    /** A silent endpoint must not hold up whoever waits: the request is kept and asked again. */
    const ask = erasures.submit.pipe(
      Effect.timeoutTo({
        duration: Policy.erasurePatienceMillis,
        onSuccess: (left) => Effect.succeed(left),
        onTimeout: () => erasures.waiting
      }),
      Effect.flatten
    )

    const withdrawal: Withdrawal = {
      disable: ({ erase = false, remoteOnly = false }) =>
        Effect.gen(function*() {
          // A store that cannot be read must not keep anybody from opting out; what could not be erased is said then.
          const found = yield* Effect.either(erase ? subjects : Effect.succeed(undefined))
          const effective = yield* gate.disable({ remoteOnly, erase: Either.getOrUndefined(found) })
          yield* intake.flush
          if (yield* isThere) {
            // Only so that the counts say it at once: what was withdrawn is not claimed.
            yield* Effect.ignore(
              Effect.forEach(config.destinations, (id) => queue.withhold(id, new Set(effective.sendable.keys())))
            )
            if (erase) yield* store.clear
          }
          if (erase) yield* debugFile.clear
          yield* found
          if (erase) yield* ask
          return effective
        }),
      clearEverywhere: Effect.gen(function*() {
        const erased = yield* subjects
        if (erased !== undefined) yield* gate.erase(erased)
        yield* debugFile.clear
        const cleared = (yield* isThere) ? yield* store.clear : { events: 0, queue: 0 }
        return { ...cleared, waiting: Erasure.waiting(yield* ask) }
      })
    }
    return withdrawal
  })
