/**
 * Telemetry's own parts under watch: the store, the queue, the transports, the worker. Nothing is sent to find out; a
 * transport is as well as its last submissions were.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Health from "./collection/health/Health.js"
import type { Result } from "./collection/health/HealthState.js"
import { Intake } from "./collection/Intake.js"
import { ConsentGate } from "./consent/ConsentGate.js"
import type { DestinationState } from "./domain/Destination.js"
import { EventStore } from "./persistence/EventStore.js"
import { SubmissionQueue, waiting } from "./persistence/SubmissionQueue.js"
import * as Policy from "./Policy.js"
import { Worker } from "./scheduling/Worker.js"
import { Config } from "./TelemetryConfig.js"

const up: Result = { _tag: "Up" }
const unknown: Result = { _tag: "Unknown" }

/**
 * How well a destination is by what its last submissions came to.
 *
 * @since 0.1.0
 * @category decisions
 */
export const ofDestination = (state: DestinationState): Result => {
  const error = state.paused ?? state.lastError ?? "the last submission failed"
  if (state.paused !== null || state.failures > 0) return { _tag: "Down", error }
  if (state.lastAttemptAt === null) return unknown
  return state.lastError === null ? up : { _tag: "Impaired", error: state.lastError }
}

/**
 * How well a queue is by how full it is.
 *
 * @since 0.1.0
 * @category decisions
 */
export const ofQueue = (events: number, limit: number): Result => {
  if (events >= limit) return { _tag: "Down", error: `the queue is full: ${events} events wait, the oldest make room` }
  return events >= limit * Policy.queueWarningShare
    ? { _tag: "Impaired", error: `the queue is nearly full: ${events} of at most ${limit} events wait` }
    : up
}

const checks = Effect.gen(function*() {
  const config = yield* Config
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  const intake = yield* Intake
  const worker = yield* Worker
  let restarts = 0
  let damaged = 0

  const ofStore = Effect.gen(function*() {
    const refused = yield* intake.storeError
    if (refused !== null) return yield* refused
    const { setAside } = yield* store.damaged
    if (setAside > damaged) {
      damaged = setAside
      return { _tag: "Impaired", error: "a damaged store was set aside, and a new one begun" } as const
    }
    if (yield* store.exists) yield* store.size
    return up
  })

  const ofWorker = Effect.map(worker.health, (health): Result => {
    if (!config.worker) return unknown
    if (!health.running) return { _tag: "Down", error: health.lastDefect ?? "the worker does not run" }
    const restarted = health.restarts > restarts
    restarts = health.restarts
    return restarted ? { _tag: "Impaired", error: `the worker was restarted: ${health.lastDefect ?? ""}` } : up
  })

  const perDestination = config.destinations.flatMap((id): ReadonlyArray<Health.Check> => [
    {
      name: `telemetry.queue.${id}`,
      check: Effect.map(queue.counts(id), (counts) => ofQueue(waiting(counts), config.queueLimit))
    },
    {
      name: `telemetry.transport.${id}`,
      kind: "dependency",
      check: Effect.map(queue.state(id), ofDestination)
    }
  ])
  const own: ReadonlyArray<Health.Check> = [
    { name: "telemetry.store", check: ofStore },
    { name: "telemetry.worker", check: ofWorker },
    ...perDestination
  ]
  return own
})

const make = Effect.gen(function*() {
  const health = yield* Health.Health
  const gate = yield* ConsentGate
  const own = yield* checks
  let watching: Scope.CloseableScope | null = null

  const begin = Effect.gen(function*() {
    const scope = watching = yield* Scope.make()
    yield* Effect.forEach(own, (check) => Scope.extend(health.register(check), scope), { discard: true })
  })
  const end = Effect.suspend(() => {
    const scope = watching
    watching = null
    return scope === null ? Effect.void : Scope.close(scope, Exit.void)
  })
  const watch = (enabled: boolean) =>
    Effect.suspend(() => enabled === (watching !== null) ? Effect.void : enabled ? begin : end)

  yield* Effect.addFinalizer(() => end)
  yield* watch(gate.unsafeCurrent().enabled)
  yield* gate.follow(({ enabled }) => watch(enabled)).pipe(
    Effect.interruptible,
    Effect.forkScoped
  )
})

/**
 * Registers the parts while telemetry is on; while it is off nothing is looked at. Only with `automatic` in the configuration.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  never,
  never,
  Health.Health | ConsentGate | Config | EventStore | SubmissionQueue | Intake | Worker
> = Layer.scopedDiscard(Effect.flatMap(Config, ({ automatic }) => automatic ? make : Effect.void))
