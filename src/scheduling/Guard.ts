/**
 * Watches over requests in flight: one is aborted when the consent it was made under goes away, and its lease is renewed
 * while it lasts. A change in this process is seen at once, one that another process made within a second.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import type * as ConsentGate from "../consent/ConsentGate.js"
import type { Effective } from "../domain/Consent.js"
import type { StoreError } from "../persistence/StoreError.js"

const lookEvery = "1 second"

/**
 * @since 0.1.0
 * @category models
 */
export interface Guard {
  /** The effect's result, or null when it was aborted. */
  readonly watch: <A>(options: {
    readonly isAllowed: (effective: Effective) => boolean
    readonly renew: (now: number) => Effect.Effect<unknown, StoreError>
    readonly request: Effect.Effect<A>
  }) => Effect.Effect<A | null>
}

interface InFlight {
  readonly isAllowed: (effective: Effective) => boolean
  readonly renew: (now: number) => Effect.Effect<unknown, StoreError>
  readonly fiber: Fiber.RuntimeFiber<unknown>
  isLost: boolean
}

/**
 * Works for as long as the scope lasts. Nothing runs before the first request, and no timer while none is in flight.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (gate: ConsentGate.Service): Effect.Effect<Guard, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    const inFlight = new Set<InFlight>()
    let isListening = false
    let isLooking = false

    const check = (effective: Effective): void => {
      for (const request of inFlight) {
        if (request.isLost || request.isAllowed(effective)) continue
        request.isLost = true
        request.fiber.unsafeInterruptAsFork(FiberId.none)
      }
    }

    const listen = gate.follow((effective) => Effect.sync(() => check(effective)))

    const look: Effect.Effect<void> = Effect.sleep(lookEvery).pipe(
      Effect.zipRight(gate.refresh),
      Effect.map(check),
      Effect.zipRight(Clock.currentTimeMillis),
      Effect.flatMap((now) =>
        Effect.forEach(inFlight, (request) => Effect.ignore(request.renew(now)), { discard: true })
      ),
      Effect.flatMap(() => {
        isLooking = inFlight.size > 0
        return isLooking ? look : Effect.void
      })
    )

    const start = Effect.suspend(() => {
      if (isListening && isLooking) return Effect.void
      const starting: Array<Effect.Effect<void>> = []
      if (!isListening) starting.push(listen)
      if (!isLooking) starting.push(look)
      isListening = true
      isLooking = true
      return Effect.forEach(starting, (effect) => Effect.forkIn(Effect.interruptible(effect), scope), { discard: true })
    })

    return {
      watch: ({ isAllowed, renew, request }) =>
        Effect.flatMap(Effect.fork(request), (fiber) => {
          const entry: InFlight = { isAllowed, renew, fiber, isLost: false }
          inFlight.add(entry)
          return start.pipe(
            Effect.zipRight(Fiber.await(fiber)),
            Effect.flatMap((exit) => entry.isLost && Exit.isInterrupted(exit) ? Effect.succeed(null) : exit),
            Effect.onInterrupt(() => Fiber.interrupt(fiber)),
            Effect.ensuring(Effect.sync(() => inFlight.delete(entry)))
          )
        })
    }
  })
