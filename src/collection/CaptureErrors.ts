/**
 * Records the errors of an effect as they pass, and what came of the tries to recover from them.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { dual } from "effect/Function"
import { PerformanceMeasured } from "../domain/EventCatalog.js"
import { Breadcrumbs } from "./Breadcrumbs.js"
import { Collector } from "./Collector.js"
import { type CaptureOptions, ErrorTracking } from "./ErrorTracking.js"

/**
 * Records every error of a cause that is at hand. Interruption is none.
 *
 * @since 0.1.0
 * @category constructors
 */
export const captureCause = (
  cause: Cause.Cause<unknown>,
  options?: CaptureOptions
): Effect.Effect<void, never, ErrorTracking> =>
  Effect.flatMap(ErrorTracking, (errors) => errors.captureCause(cause, options))

/**
 * Records what the effect fails or dies with, and lets it pass.
 *
 * @example
 * import * as Effect from "effect/Effect"
 * import { captureErrors } from "effect-telemetry/collection/CaptureErrors"
 *
 * export const program = Effect.fail("no such page").pipe(captureErrors({ context: { page: 7 } }))
 *
 * @since 0.1.0
 * @category combinators
 */
export const captureErrors =
  (options?: CaptureOptions) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | ErrorTracking> =>
    Effect.tapErrorCause(self, (cause) => captureCause(cause, options))

/**
 * @since 0.1.0
 * @category models
 */
export interface Recovery<E, A, E2, R2> {
  /** What is tried: `retry`, `fallback`, `reconnect` … One of a few words: it names a metric. */
  readonly action: string
  readonly recover: (error: E) => Effect.Effect<A, E2, R2>
}

/** `interrupted`: nobody knows whether it would have succeeded. */
type RecoveryOutcome = "recovered" | "failed" | "interrupted"

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): RecoveryOutcome =>
  Exit.isSuccess(exit) ? "recovered" : Cause.isInterruptedOnly(exit.cause) ? "interrupted" : "failed"

const recordRecovery = (action: string, outcome: RecoveryOutcome, duration: number, error: unknown) =>
  Effect.gen(function*() {
    const collector = yield* Collector
    const breadcrumbs = yield* Breadcrumbs
    collector.unsafeTrack(PerformanceMeasured, {
      metricName: `recovery.${action}.${outcome}`,
      value: duration,
      unit: "ms"
    })
    yield* captureCause(Cause.fail(error), {
      context: { recovery: { action, outcome } },
      severity: outcome === "recovered" ? "WARNING" : undefined
    })
    breadcrumbs.unsafeAdd({ category: "recovery", message: action, data: { outcome } })
  })

/**
 * Tries to recover from a failure and records both: the error, a warning if it was recovered from, and the try, as
 * `performance_measured` with the name `recovery.<action>.<recovered | failed | interrupted>` and the time it took.
 *
 * @since 0.1.0
 * @category combinators
 */
export const recoverWith: {
  <E, A2, E2, R2>(
    recovery: Recovery<E, A2, E2, R2>
  ): <A, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A | A2, E2, R | R2 | ErrorTracking | Collector | Breadcrumbs>
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    recovery: Recovery<E, A2, E2, R2>
  ): Effect.Effect<A | A2, E2, R | R2 | ErrorTracking | Collector | Breadcrumbs>
} = dual(
  2,
  <A, E, R, A2, E2, R2>(self: Effect.Effect<A, E, R>, { action, recover }: Recovery<E, A2, E2, R2>) =>
    Effect.catchAll(self, (error) =>
      Effect.clockWith((clock) =>
        Effect.suspend(() => {
          const begun = clock.unsafeCurrentTimeNanos()
          return Effect.onExit(recover(error), (exit) =>
            Effect.suspend(() =>
              recordRecovery(action, outcomeOf(exit), Number(clock.unsafeCurrentTimeNanos() - begun) / 1e6, error)
            ))
        })
      ))
)
