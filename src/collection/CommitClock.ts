/**
 * Two clocks for the last moment of a process. A store that finds its database locked sleeps and tries again; in an exit
 * hook nothing can sleep, and what another fiber was sleeping over has to be taken from it.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * @since 0.1.0
 * @category models
 */
export interface Leave {
  /** Is the work asleep on the clock at this moment? */
  readonly isAsleep: () => boolean
  /** From now on the work never comes out of its sleep: it ends interrupted where it wakes. */
  readonly revoke: () => void
  readonly clock: Clock.Clock
}

const make = (base: Clock.Clock, over: Pick<Clock.Clock, "sleep"> & { readonly ahead: () => number }): Clock.Clock => {
  const millis = () => base.unsafeCurrentTimeMillis() + over.ahead()
  const nanos = () => base.unsafeCurrentTimeNanos() + BigInt(Math.round(over.ahead() * 1e6))
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: over.sleep
  }
}

/**
 * The given clock, whose sleepers can be kept from waking: for work that may be taken over while it sleeps.
 *
 * @since 0.1.0
 * @category constructors
 */
export const revocable = (base: Clock.Clock): Leave => {
  let asleep = 0
  let revoked = false
  return {
    isAsleep: () => asleep > 0,
    revoke: () => {
      revoked = true
    },
    clock: make(base, {
      ahead: () => 0,
      sleep: (duration) =>
        Effect.suspend(() => {
          asleep++
          return base.sleep(duration)
        }).pipe(
          Effect.ensuring(Effect.sync(() => asleep--)),
          Effect.zipRight(Effect.suspend(() => revoked ? Effect.interrupt : Effect.void))
        )
    })
  }
}

/**
 * A clock on which nobody sleeps: every sleep is over at once, and the time it would have taken has passed.
 *
 * @since 0.1.0
 * @category constructors
 */
export const sleepless = (base: Clock.Clock): Clock.Clock => {
  let slept = 0
  return make(base, {
    ahead: () => slept,
    sleep: (duration) =>
      Effect.sync(() => {
        slept += Duration.toMillis(duration)
      })
  })
}
