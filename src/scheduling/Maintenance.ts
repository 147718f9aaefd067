/**
 * Retention: removes in portions what is older than it may be, at the start and every hour, across processes. Rollups have a
 * retention of their own.
 *
 * A wall clock that jumped ahead makes everything look old. So a look that comes much later than the one before removes
 * nothing: only when the clock still says the same an hour on is it believed. When the last look was is kept in the store,
 * for programs that run for seconds.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import * as CatchUp from "../persistence/CatchUp.js"
import { EventStore } from "../persistence/EventStore.js"
import { Rollups } from "../persistence/Rollups.js"
import type { StoreError } from "../persistence/StoreError.js"
import { SubmissionQueue } from "../persistence/SubmissionQueue.js"
import { Config } from "../TelemetryConfig.js"

/**
 * Under this name, beside the destinations, the store keeps when retention was last looked at.
 *
 * @since 0.1.0
 * @category constants
 */
export const stateId = "$retention"

/**
 * Milliseconds between two looks.
 *
 * @since 0.1.0
 * @category constants
 */
export const everyMillis = 3_600_000

/** Rows a transaction. */
const portion = 500

/** A look this much later than the one before is the clock's doing until it has said so twice. */
const suspectMillis = 86_400_000

/**
 * When retention was last looked at, and before when nothing is removed because the clock is not believed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Looked {
  readonly lastAt: number | null
  readonly notBefore: number | null
}

/**
 * @since 0.1.0
 * @category decisions
 */
export const judge = (looked: Looked, now: number): { readonly expire: boolean; readonly looked: Looked } => {
  const { lastAt, notBefore } = looked
  if (lastAt === null || now < lastAt) return { expire: true, looked: { lastAt: now, notBefore: null } }
  if (notBefore !== null && now < notBefore) return { expire: false, looked }
  if (notBefore === null && now - lastAt < everyMillis) return { expire: false, looked }
  return notBefore === null && now - lastAt > suspectMillis
    ? { expire: false, looked: { lastAt: now, notBefore: now + everyMillis } }
    : { expire: true, looked: { lastAt: now, notBefore: null } }
}

/**
 * One look: removes what is due, and gives how many events went.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Effect.Effect<number, StoreError>,
  never,
  EventStore | SubmissionQueue | Rollups | ConsentGate | Config
> = Effect.gen(function*() {
  const config = yield* Config
  const gate = yield* ConsentGate
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  const rollups = yield* Rollups

  const removeAll = (before: number | null): Effect.Effect<number, StoreError> =>
    Effect.gen(function*() {
      let total = 0
      while (true) {
        const { removed } = yield* store.expire({ before, maxBytes: config.maxStoreBytes, limit: portion })
        total += removed
        if (removed < portion) return total
        yield* Effect.yieldNow()
      }
    })

  return Effect.gen(function*() {
    if (!gate.unsafeCurrent().enabled) return 0
    const now = yield* Clock.currentTimeMillis
    const state = yield* queue.state(stateId)
    const before = { lastAt: state.lastAttemptAt, notBefore: state.nextAttemptAt }
    const { expire, looked } = judge(before, now)
    if (looked !== before) {
      yield* queue.setState(stateId, { ...state, lastAttemptAt: looked.lastAt, nextAttemptAt: looked.notBefore })
    }
    if (!expire) return 0
    yield* CatchUp.run(rollups, (type) => config.events.find((event) => event.type === type))
    if (config.rollupRetention !== null) yield* rollups.expire(now - Duration.toMillis(config.rollupRetention))
    return yield* removeAll(config.retention === null ? null : now - Duration.toMillis(config.retention))
  })
})

/**
 * Looks at the start and every hour. Nothing while telemetry is off.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, EventStore | SubmissionQueue | Rollups | ConsentGate | Config> = Layer
  .scopedDiscard(Effect.gen(function*() {
    const look = yield* make
    yield* look.pipe(
      Effect.catchAllCause((cause) => Effect.logDebug("telemetry: retention did not run", cause)),
      Effect.zipRight(Effect.sleep(everyMillis)),
      Effect.forever,
      Effect.withTracerEnabled(false),
      Effect.interruptible,
      Effect.forkScoped
    )
  }))
