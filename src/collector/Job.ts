/**
 * A piece of background work: what it does, and when there may be something to do.
 *
 * Whoever runs it does so pass after pass. A pass may be cut short at any point, and two may run at once when a runner that
 * was paused wakes up beside the one that took over: it works in transactions that take turns (see {@link Turn}), each of
 * which finds out for itself what is left.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Limits from "./Limits.js"
import * as Transaction from "./Transaction.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Job {
  /** A word, for metrics and for the name of the singleton: it stays what it is from version to version. */
  readonly name: string
  /** Ends when this process knows of something to do. */
  readonly due: Effect.Effect<void>
  /** Replicas do not call each other: whoever runs the job looks this often, called or not. */
  readonly everyMillis: number
  /** Does all that is due. */
  readonly run: Effect.Effect<unknown, SqlError>
}

/**
 * What became of a job in this process since it started: plain numbers, raised in place.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  readonly name: string
  /** Is it run here, and not by another replica? */
  here: boolean
  runs: number
  failures: number
  /** When a pass last ended well, in milliseconds since the epoch; null: none has, here. */
  lastRunAt: number | null
  /** Did the last pass fail? */
  failing: boolean
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const progress = (job: Job): Progress => ({
  name: job.name,
  here: false,
  runs: 0,
  failures: 0,
  lastRunAt: null,
  failing: false
})

/** One pass; one that failed is followed by a pause, and then by another, whether anything new is due or not. */
const pass = (job: Job, progress: Progress, wait: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.matchCauseEffect(Effect.zipRight(job.run, Clock.currentTimeMillis), {
    onSuccess: (now) => {
      progress.runs += 1
      progress.lastRunAt = now
      progress.failing = false
      return wait
    },
    onFailure: (cause) => {
      progress.failures += 1
      progress.failing = true
      return Effect.zipRight(
        Effect.logWarning(`The job "${job.name}" failed; tried again`, Transaction.reasonOf(Cause.squash(cause))),
        Effect.sleep(Duration.seconds(Limits.unavailableRetrySeconds))
      )
    }
  })

/**
 * Runs the job at once, for what was left over, and then whenever it is due, until it is interrupted.
 *
 * @since 0.1.0
 * @category combinators
 */
export const loop = (
  job: Job,
  progress: Progress,
  options: { readonly shared: boolean }
): Effect.Effect<never> => {
  const wait = options.shared
    ? Effect.asVoid(Effect.timeoutOption(job.due, Duration.millis(job.everyMillis)))
    : job.due
  return Effect.acquireUseRelease(
    Effect.sync(() => {
      progress.here = true
    }),
    () => Effect.forever(pass(job, progress, wait)),
    () =>
      Effect.sync(() => {
        progress.here = false
      })
  )
}
