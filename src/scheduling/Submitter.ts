/**
 * Drains the queue of each destination: plan, claim, send, decide, settle, until there is nothing left that may be sent now.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import type { Effective } from "../domain/Consent.js"
import type { Ids } from "../domain/Ids.js"
import { EventStore } from "../persistence/EventStore.js"
import type { StoreError } from "../persistence/StoreError.js"
import { SubmissionQueue, waiting } from "../persistence/SubmissionQueue.js"
import * as Policy from "../Policy.js"
import { Destinations } from "../submission/Transport.js"
import { Config } from "../TelemetryConfig.js"
import * as Drain from "./drain/Drain.js"
import type * as Run from "./drain/Run.js"
import * as Guard from "./Guard.js"
import { Lowering } from "./Lowering.js"
import * as Permission from "./Permission.js"
import { Process } from "./Process.js"
import type { RateLimit } from "./RateLimit.js"
import * as SubmissionMetrics from "./SubmissionMetrics.js"
import * as SubmissionStats from "./SubmissionStats.js"

/**
 * What one drain has done, over all destinations.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmitReport {
  readonly submitted: number
  readonly rejected: number
  /** Events whose attempt failed and that wait for the next one. */
  readonly failed: number
  /** Waiting afterwards (pending, retrying and leased); dead letters are left out. Null when the store cannot be read. */
  readonly remaining: number | null
  readonly lastError: string | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * `person: true` overrides a back-off or a pause once, a `Retry-After` never, and waits a while for another process that
   * is submitting. `maxRequests` bounds the drain for each destination. No request is started once `stop` gives true.
   * Consent is looked at again before every claim and before every send. Drains of one process run one after the other.
   */
  readonly drain: (options: {
    readonly person: boolean
    readonly maxRequests?: number | undefined
    readonly stop?: (() => boolean) | undefined
  }) => Effect.Effect<SubmitReport, StoreError>
  /** How many milliseconds until something may be sent, 0 for now; null when nothing waits or nothing may ever be sent. */
  readonly nextAttempt: Effect.Effect<number | null, StoreError>
  /** Gives back every lease this process holds. */
  readonly release: Effect.Effect<void, StoreError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Submitter extends Context.Tag("effect-telemetry/scheduling/Submitter")<Submitter, Service>() {}

/** How long giving back what a drain holds may take when the drain is cut off. */
const giveBackMillis = 250

/** A worker that found another process submitting does not ask again sooner than this. */
const heldMillis = 5_000

const nothing: SubmitReport = { submitted: 0, rejected: 0, failed: 0, remaining: 0, lastError: null }

const make = Effect.gen(function*() {
  const config = yield* Config
  const gate = yield* ConsentGate
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  const destinations = yield* Destinations
  const own = yield* Process
  const lower = yield* Lowering
  const { drain, giveBack: giveBackTokens, look } = yield* Drain.make
  const guard = yield* Guard.make(gate)
  const one = yield* Effect.makeSemaphore(1)
  const metrics = SubmissionMetrics.make()
  const warn = SubmissionStats.makeWarning(config.queueLimit)

  const closing = yield* Deferred.make<void>()
  let isClosing = false

  // A drain that somebody else's fiber runs is not ended by the scope: it is told, and gives back what it holds.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      isClosing = true
      return Deferred.succeed(closing, undefined)
    }).pipe(
      Effect.zipRight(one.withPermits(1)(Effect.void)),
      Effect.interruptible,
      Effect.timeoutOption(Duration.millis(Policy.shutdownGraceMillis + 2 * giveBackMillis))
    )
  )

  let aligned: string | null = null
  let heldUntil = -Infinity

  const isAligned = (effective: Effective): boolean => aligned === Permission.signature(effective)

  const align = (effective: Effective): Effect.Effect<void, StoreError> =>
    Effect.suspend(() => {
      if (isAligned(effective)) return Effect.void
      const sendable = new Set(effective.sendable.keys())
      const { level } = effective
      return Effect.forEach(destinations, ({ id }) => queue.withhold(id, sendable), { discard: true }).pipe(
        Effect.zipRight(store.relevel(level, (event) => lower(event, level))),
        Effect.zipRight(Effect.sync(() => {
          aligned = Permission.signature(effective)
        }))
      )
    })

  // The fiber may have been interrupted already, where nothing interruptible would run: a fiber of its own does it, and
  // ends by its own time-out.
  const giveBack = Effect.zipRight(queue.releaseAll(own.owner), giveBackTokens).pipe(
    Effect.timeoutOption(Duration.millis(giveBackMillis)),
    Effect.ignore,
    Effect.interruptible,
    Effect.forkDaemon,
    Effect.flatMap(Fiber.await)
  )

  const remaining = Effect.gen(function*() {
    let total = 0
    for (const { id } of destinations) {
      const n = waiting(yield* queue.counts(id))
      yield* metrics.queueSize(id, n)
      yield* warn(id, n)
      total += n
    }
    return total
  })

  const drainAll = (options: Parameters<Service["drain"]>[0]) =>
    Effect.gen(function*() {
      const effective = yield* gate.refresh
      if (!effective.enabled) return { ...nothing, lastError: Permission.describe(effective, null) }
      const runs = yield* Effect.forEach(
        destinations,
        (target) =>
          drain(target, {
            person: options.person,
            maxRequests: options.maxRequests ?? Infinity,
            stop: () => isClosing || (options.stop?.() ?? false),
            guard,
            align,
            isAligned,
            onSettled: metrics.settled
          }),
        { concurrency: "unbounded" }
      ).pipe(Effect.onExit((exit) =>
        exit._tag === "Failure" || exit.value.some((run) => run.rightUntil > -Infinity) ? giveBack : Effect.void
      ))
      heldUntil = runs.some((run) =>
          run.held
        )
        ? (yield* Clock.currentTimeMillis) + heldMillis
        : -Infinity
      return {
        submitted: sum(runs, (run) => run.submitted),
        rejected: sum(runs, (run) => run.rejected),
        failed: sum(runs, (run) => run.failed.size),
        remaining: yield* remaining,
        lastError: runs.reduce<string | null>((error, run) => error ?? run.lastError, null)
      }
    })

  /** A request in flight at the end gets a moment, then is aborted; its batch stays queued. */
  const cutOff = Deferred.await(closing).pipe(
    Effect.zipRight(Effect.sleep(Policy.shutdownGraceMillis)),
    Effect.zipRight(remaining),
    Effect.map((left) => ({ ...nothing, remaining: left, lastError: "telemetry is closed" }))
  )

  const nextAttempt = Effect.gen(function*() {
    const effective = yield* gate.refresh
    let next: number | null = null
    for (const target of destinations) {
      if (Permission.of(effective, target.transport.origin)._tag !== "Granted") continue
      const { now, plan } = yield* look(target, { person: false, patient: true })
      if (plan._tag === "Done") continue
      const at = Math.max(plan._tag === "Wait" ? plan.until : now, heldUntil)
      next = Math.min(next ?? Infinity, Math.max(at - now, 0))
    }
    return next
  })

  return Submitter.of({
    drain: (options) =>
      Effect.withTracerEnabled(Effect.raceFirst(one.withPermits(1)(drainAll(options)), cutOff), false),
    nextAttempt: Effect.withTracerEnabled(nextAttempt, false),
    release: Effect.withTracerEnabled(queue.releaseAll(own.owner), false)
  })
})

const sum = (runs: ReadonlyArray<Run.Run>, f: (run: Run.Run) => number): number =>
  runs.reduce((total, run) => total + f(run), 0)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Submitter,
  never,
  | ConsentGate
  | Config
  | Destinations
  | EventStore
  | Ids
  | Lowering
  | Process
  | RateLimit
  | SubmissionQueue
> = Layer.scoped(Submitter, make)
