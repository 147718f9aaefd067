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
 * One piece of work on the clock.
 *
 * @since 0.1.0
 * @category models
 */
export interface Leave {
  /** Is the work asleep on the clock at this moment? */
  readonly isAsleep: () => boolean
  /** From now on the work never comes out of its sleep: it ends interrupted where it wakes. */
  readonly revoke: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Revocable {
  readonly clock: Clock.Clock
  /** What sleeps from now on is this work. */
  readonly begin: () => Leave
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
 * The given clock, whose sleepers can be kept from waking: for work that may be taken over while it sleeps. One clock serves
 * one piece of work after the other: to provide another for each would keep what each refers to alive, from one to the next,
 * until the garbage collector looks at the old generation.
 *
 * @since 0.1.0
 * @category constructors
 */
export const revocable = (base: Clock.Clock): Revocable => {
  const next = () => ({ asleep: 0, revoked: false })
  let current = next()
  return {
    begin: () => {
      const work = current = next()
      return {
        isAsleep: () => work.asleep > 0,
        revoke: () => {
          work.revoked = true
        }
      }
    },
    clock: make(base, {
      ahead: () => 0,
      sleep: (duration) =>
        Effect.suspend(() => {
          const work = current
          work.asleep++
          return base.sleep(duration).pipe(
            Effect.ensuring(Effect.sync(() => work.asleep--)),
            Effect.zipRight(Effect.suspend(() => work.revoked ? Effect.interrupt : Effect.void))
          )
        })
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
