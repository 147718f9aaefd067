/**
 * Notices that the network has come back, without sending anything: what is away is then tried again at once.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Completes when the network has changed so that another try is worth it; never fails, and may be interrupted. The worker
   * runs it only while a destination backs off, so that an idle program watches nothing.
   */
  readonly returned: Effect.Effect<void>
}

/**
 * Without a platform that knows better, only the schedule decides when to try again.
 *
 * @since 0.1.0
 * @category references
 */
export class Network extends Context.Reference<Network>()("effect-telemetry/scheduling/Network", {
  defaultValue: (): Service => ({ returned: Effect.never })
}) {}

/**
 * Looks every so often at what describes the network (the addresses of its interfaces, say), and completes when that
 * has changed since the last look and `isUp` holds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const watching = <A>(options: {
  readonly look: Effect.Effect<A>
  readonly isUp: (seen: A) => boolean
  readonly isSame: (before: A, now: A) => boolean
  readonly every: Duration.DurationInput
}): Service => ({
  returned: Effect.flatMap(options.look, (first) => {
    let last = first
    const isBack = (now: A): boolean => {
      const changed = !options.isSame(last, now)
      last = now
      return changed && options.isUp(now)
    }
    return options.look.pipe(Effect.delay(options.every), Effect.repeat({ until: isBack }), Effect.asVoid)
  })
})
