/**
 * The one background fiber of a process: drains on an interval and when woken, and survives whatever a drain does.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { ConsentGate, until } from "../consent/ConsentGate.js"
import type { Effective } from "../domain/Consent.js"
import type { StoreError } from "../persistence/StoreError.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import { Network } from "./Network.js"
import * as Permission from "./Permission.js"
import * as RetryPolicy from "./RetryPolicy.js"
import { Submitter } from "./Submitter.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * So many events wait now. One that finds the queue empty is sent after the interval, a full batch soon. Synchronous and
   * free of failure.
   */
  readonly unsafeArrived: (waiting: number) => void
  /**
   * Drain soon: somebody asks, or (`online`) the network is back, which overrides a back-off once. Wakes that come while one
   * waits are one. Synchronous and free of failure.
   */
  readonly unsafeWake: (reason?: "online") => void
  /** Restarts after defects, and whether it is running now. */
  readonly health: Effect.Effect<
    { readonly running: boolean; readonly restarts: number; readonly lastDefect: string | null }
  >
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Worker extends Context.Tag("effect-telemetry/scheduling/Worker")<Worker, Service>() {}

/** After the start, a program that ends at once is not troubled with a request. */
const startDelayMillis = 1_000

/** A drain that could have gone on and did nothing is not repeated sooner. */
const idleMillis = 1_000

/**
 * With nothing to send there is hardly a timer: what this process records wakes the worker, and only what another one has
 * left behind is looked for, after so many intervals.
 */
const emptyIntervals = 10

/** What a rest comes after: a drain that did what could be done, a destination that is away, or a failure of our own. */
type After = "drain" | "away" | "failure"

/** Milliseconds by the monotonic clock: a wall clock that is set back must not make a rest longer. */
const elapsed = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e6)

const make = Effect.gen(function*() {
  const config = yield* Config
  const gate = yield* ConsentGate
  const submitter = yield* Submitter
  const network = yield* Network
  const wakes = yield* Effect.makeLatch(false)
  const interval = Duration.toMillis(config.interval)
  const restartPolicy: RetryPolicy.RetryPolicy = {
    schedule: RetryPolicy.make({ ...config.retry, baseDelay: Duration.seconds(1) }),
    longest: config.retry.maxDelay
  }

  let stopping = false
  let online = false
  let enough = false
  let arrived = false
  let restarts = 0
  let defectsInRow = 0
  let lastDefect: string | null = null

  const unsafeWake: Service["unsafeWake"] = (reason) => {
    if (reason === "online") online = true
    enough = true
    wakes.unsafeOpen()
  }

  const unsafeArrived: Service["unsafeArrived"] = (waiting) => {
    if (waiting >= config.batchSize) unsafeWake()
    else if (waiting > 0 && !arrived) {
      arrived = true
      wakes.unsafeOpen()
    }
  }

  const woken = Effect.zipRight(wakes.await, Effect.sync(() => wakes.unsafeClose()))

  const networkBack = Effect.zipRight(
    network.returned,
    Effect.sync(() => {
      online = true
    })
  )

  /**
   * Rests for so long, or until there is reason to drain earlier. Those who wake because much has gathered do so again and
   * again; that is no reason while the destination is away, nor while the tokens at hand are not worth a request.
   */
  const rest = (millis: number, after: After): Effect.Effect<void> =>
    Effect.gen(function*() {
      let until = (yield* elapsed) + millis
      while (true) {
        const left = until - (yield* elapsed)
        if (left <= 0) return
        const due = Effect.raceFirst(Effect.as(woken, "woken"), Effect.as(Effect.sleep(left), "due"))
        const why = yield* after === "away" ? Effect.raceFirst(due, Effect.as(networkBack, "back")) : due
        if (why !== "woken" || online || stopping) return
        if (after !== "drain") continue
        if (arrived) until = Math.min(until, (yield* elapsed) + interval)
        if (!enough) continue
        enough = false
        const next = yield* Effect.catchAllCause(submitter.nextAttempt, () => Effect.succeed(0))
        if (next === 0) return
        if (next !== null) until = Math.min(until, (yield* elapsed) + next)
      }
    })

  /** Without consent to send there is no timer: only a change of it, or somebody who asks, ends the rest. */
  const restUntilChange = (effective: Effective): Effect.Effect<void> => {
    const seen = Permission.signature(effective)
    // What is recorded meanwhile changes nothing.
    arrived = true
    const changed = until(gate, (now) => Permission.signature(now) !== seen)
    return Effect.asVoid(Effect.raceFirst(woken, changed))
  }

  /** Drains once and gives the rest that is due afterwards. */
  const cycle: Effect.Effect<Effect.Effect<void>, StoreError> = Effect.gen(function*() {
    const effective = yield* gate.refresh
    if (!effective.enabled) return restUntilChange(effective)
    const person = online
    online = false
    enough = false
    arrived = false
    const report = yield* submitter.drain({ person, stop: () => stopping })
    defectsInRow = 0
    if (Permission.of(effective, null)._tag !== "Granted") return restUntilChange(effective)
    const next = yield* submitter.nextAttempt
    if (next === null) return rest(interval * emptyIntervals, "drain")
    const isIdle = next === 0 && report.submitted + report.rejected === 0
    return rest(
      Math.min(isIdle ? idleMillis : next, interval),
      report.lastError !== null && report.remaining !== 0 ? "away" : "drain"
    )
  })

  const afterDefect = (cause: Cause.Cause<never>): Effect.Effect<Effect.Effect<void>> => {
    const defect = Cause.squash(cause)
    lastDefect = defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect)
    restarts += 1
    return Effect.logWarning("telemetry: the worker failed and goes on after a while", cause).pipe(
      Effect.zipRight(RetryPolicy.persistedDelay(restartPolicy, defectsInRow++)),
      Effect.map((delay) => rest(delay, "failure"))
    )
  }

  const loop: Effect.Effect<void> = Effect.suspend(() =>
    stopping
      ? Effect.void
      : cycle.pipe(
        Effect.catchAll((error) =>
          Effect.as(Effect.logDebug("telemetry: the store is away", error), rest(interval, "failure"))
        ),
        Effect.catchAllCause(afterDefect),
        Effect.flatMap((resting) => stopping ? Effect.void : resting),
        Effect.zipRight(loop)
      )
  )

  const fiber = config.worker
    ? yield* rest(Math.min(startDelayMillis, interval), "drain").pipe(
      Effect.zipRight(loop),
      Effect.interruptible,
      Effect.forkScoped
    )
    : null

  const finish = Effect.suspend(() => {
    stopping = true
    unsafeWake()
    const ended = fiber === null ? Effect.void : Effect.asVoid(Fiber.await(fiber))
    const { shutdownDeadline } = config
    if (shutdownDeadline === null) return within(ended, Duration.millis(Policy.shutdownGraceMillis))
    return within(Effect.zipRight(ended, Effect.sandbox(submitter.drain({ person: false }))), shutdownDeadline)
  })

  // Added after the fiber, so that it runs before the fiber is interrupted.
  yield* Effect.addFinalizer(() => finish)

  return Worker.of({
    unsafeArrived,
    unsafeWake,
    health: Effect.sync(() => ({ running: fiber !== null && !stopping, restarts, lastDefect }))
  })
})

/** Finalizers cannot be interrupted unless they say so; a time-out that cannot interrupt does not end anything. */
const within = <A, E>(effect: Effect.Effect<A, E>, duration: Duration.Duration): Effect.Effect<void> =>
  effect.pipe(Effect.interruptible, Effect.timeoutOption(duration), Effect.ignore)

/**
 * Runs while its scope is open. On closing no request is started any more; one in flight gets a short grace and is then
 * aborted, its batch back in the queue. With a `shutdownDeadline` there is one last drain within it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Worker, never, Submitter | ConsentGate | Config> = Layer.scoped(Worker, make)

/**
 * No background fiber at all: something else calls the submitter.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNoop: Layer.Layer<Worker> = Layer.succeed(Worker, {
  unsafeArrived: () => {},
  unsafeWake: () => {},
  health: Effect.succeed({ running: false, restarts: 0, lastDefect: null })
})
