/**
 * Keeps the process alive while a person or a program waits for something whose sockets and timers do not.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/** A timer that is never due in practice: it is there to be counted by the event loop. */
const farMillis = 2 ** 30

/**
 * The process does not end of itself before the effect does.
 *
 * @since 0.1.0
 * @category combinators
 */
export const during = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => setInterval(() => {}, farMillis)),
    () => effect,
    (timer) => Effect.sync(() => clearInterval(timer))
  )
