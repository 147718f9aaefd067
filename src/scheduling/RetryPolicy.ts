/**
 * The delays between attempts, as one `Schedule`: it drives `Effect.retry`, and the delays that are persisted are read from
 * it by replay, so that policy and persistence cannot disagree.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import type { Retry } from "../TelemetryConfig.js"

/**
 * A schedule, and the longest delay that is believed of it: what is stored further in the future than that was stored by
 * another clock.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryPolicy {
  readonly schedule: Schedule.Schedule<unknown>
  readonly longest: Duration.Duration
}

/**
 * Milliseconds below which no delay of a destination or an event goes, whatever schedule an application brings: a schedule
 * without delays must not become a busy loop.
 *
 * @since 0.1.0
 * @category constants
 */
export const shortestMillis = 10

/**
 * The longest delay of a schedule of the application's own.
 *
 * @since 0.1.0
 * @category constants
 */
export const longestOwn: Duration.Duration = Duration.days(1)

/** Far above what jitter could bring below the cap: it only keeps 2^n finite. */
const farBeyond = 1_000_000

/**
 * Exponential with factor 2, then jitter, then the cap, which nothing exceeds. Endless. Delays are whole milliseconds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Omit<Retry, "schedule">): Schedule.Schedule<Duration.Duration> => {
  const cap = Duration.toMillis(options.maxDelay)
  return Schedule.exponential(options.baseDelay, 2).pipe(
    Schedule.modifyDelay((_, delay) => Math.min(Duration.toMillis(delay), cap * farBeyond)),
    Schedule.jitteredWith({ min: 1 - options.jitterFactor, max: 1 + options.jitterFactor }),
    Schedule.modifyDelay((_, delay) => Math.min(Math.round(Duration.toMillis(delay)), cap))
  )
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const fromConfig = (retry: Retry): RetryPolicy =>
  retry.schedule === null
    ? { schedule: make(retry), longest: retry.maxDelay }
    : { schedule: retry.schedule, longest: longestOwn }

/** Steps that are replayed at most: beyond them the last delay repeats. */
const maxSteps = 10_000

/**
 * The delay before retry number `attempt`, counted from 0, by replaying the schedule: nothing sleeps, and only `Clock` and
 * `Random` are asked. A schedule that has ended repeats its last delay; one without any delay gives zero.
 *
 * Only schedules that count attempts replay to what they would have done; those that look at time passed do not.
 *
 * @since 0.1.0
 * @category getters
 */
export const delayFor = <Out>(
  schedule: Schedule.Schedule<Out>,
  attempt: number
): Effect.Effect<Duration.Duration> =>
  Effect.gen(function*() {
    const steps = Math.min(Math.max(Math.floor(attempt), 0), maxSteps)
    let state: unknown = schedule.initial
    let at = yield* Clock.currentTimeMillis
    let delay = 0
    for (let i = 0; i <= steps; i++) {
      const [next, , decision] = yield* schedule.step(at, undefined, state)
      if (ScheduleDecision.isDone(decision)) break
      const start = ScheduleIntervals.start(decision.intervals)
      delay = start - at
      state = next
      at = start
    }
    return Duration.millis(Number.isFinite(delay) ? Math.max(Math.round(delay), 0) : Infinity)
  })

/**
 * The same in milliseconds, between `shortestMillis` and the longest that is believed: what is persisted.
 *
 * @since 0.1.0
 * @category getters
 */
export const persistedDelay = (policy: RetryPolicy, attempt: number): Effect.Effect<number> =>
  Effect.map(
    delayFor(policy.schedule, attempt),
    (delay) => Math.max(Math.min(Duration.toMillis(delay), Duration.toMillis(policy.longest)), shortestMillis)
  )
