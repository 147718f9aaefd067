/**
 * The clock of the system, whose sleepers do not keep the process alive: a program that has nothing else to do ends,
 * though a worker still waits for its next turn.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** What a timer of Node can wait for at most; a longer wait takes several. */
const longestMillis = 2 ** 31 - 1

const sleepMillis = (millis: number): Effect.Effect<void> =>
  millis > longestMillis
    ? Effect.zipRight(sleepMillis(longestMillis), Effect.suspend(() => sleepMillis(millis - longestMillis)))
    : Effect.async<void>((resume) => {
      const timer = setTimeout(() => resume(Effect.void), millis)
      timer.unref()
      return Effect.sync(() => clearTimeout(timer))
    })

const system = Clock.make()

/**
 * Tells the time as the default clock does; only `sleep` differs.
 *
 * @since 0.1.0
 * @category constants
 */
export const clock: Clock.Clock = {
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  unsafeCurrentTimeMillis: () => system.unsafeCurrentTimeMillis(),
  unsafeCurrentTimeNanos: () => system.unsafeCurrentTimeNanos(),
  currentTimeMillis: system.currentTimeMillis,
  currentTimeNanos: system.currentTimeNanos,
  // Not `Effect.never`, which holds a timer of its own.
  sleep: (duration) => Duration.isFinite(duration) ? sleepMillis(Duration.toMillis(duration)) : Effect.async(() => {})
}

/**
 * The fibers of `layer` sleep without keeping the process alive; the program that is given it keeps its own clock.
 *
 * @since 0.1.0
 * @category combinators
 */
export const within = <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> =>
  Layer.scopedContext(Effect.withClock(Layer.build(layer), clock))
