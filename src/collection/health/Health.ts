/**
 * Watching over the services of a program and what they depend on: checks on an interval, a report as data, a stream of what
 * changed, and `health_changed` events.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import type * as Stream from "effect/Stream"
import { HealthChanged } from "../../domain/EventCatalog.js"
import * as Changes from "../../internal/changes.js"
import { Collector } from "../Collector.js"
import * as CauseSummary from "../errors/CauseSummary.js"
import * as HealthState from "./HealthState.js"

/**
 * What is checked. A check succeeds with nothing, or with what it found; it fails, dies or exceeds its time-out when the
 * service is down.
 *
 * @since 0.1.0
 * @category models
 */
export interface Check<E = unknown, R = never> {
  readonly name: string
  /** A service of the program's own, or something it only depends on. Default: service. */
  readonly kind?: "service" | "dependency" | undefined
  readonly check: Effect.Effect<HealthState.Result | void, E, R>
  /** Default: that of the layer. */
  readonly timeout?: Duration.DurationInput | undefined
  /** Default: those of the layer. */
  readonly thresholds?: Partial<HealthState.Thresholds> | undefined
}

/**
 * Times are milliseconds since the epoch, shares 0 to 1. What is not known is null.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceReport {
  readonly name: string
  readonly kind: "service" | "dependency"
  readonly health: HealthState.Health
  readonly since: number | null
  readonly checks: number
  readonly consecutiveFailures: number
  /** Of all checks. */
  readonly successRate: number | null
  /** Share of the watched time in which it worked, at least in part. */
  readonly uptime: number | null
  readonly lastCheckedAt: number | null
  readonly lastError: string | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Report {
  readonly health: HealthState.Health
  readonly services: ReadonlyArray<ServiceReport>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Transition {
  readonly service: string
  readonly from: HealthState.Health
  readonly to: HealthState.Health
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly consecutiveFailures: number
  readonly error: string | null
  /** It is healthy again after it was not: milliseconds since it last was. Null for any other change. */
  readonly recoveredAfter: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Watched until the scope closes. A name that is taken already is watched under it anew. */
  readonly register: <E, R>(check: Check<E, R>) => Effect.Effect<void, never, R | Scope>
  /** Checks everything now, and gives the report. */
  readonly check: Effect.Effect<Report>
  /** As of the last checks; checks nothing. */
  readonly report: Effect.Effect<Report>
  /** Every change from the moment of subscribing on; of a slow reader the oldest are dropped. */
  readonly transitions: Stream.Stream<Transition>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Health extends Context.Tag("effect-telemetry/collection/health/Health")<Health, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default: 60 seconds. */
  readonly interval?: Duration.DurationInput | undefined
  /** For one check. Default: 5 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** Checks at once. Default: 4. */
  readonly concurrency?: number | undefined
  readonly thresholds?: Partial<HealthState.Thresholds> | undefined
}

interface Watched {
  readonly name: string
  readonly kind: "service" | "dependency"
  readonly check: Effect.Effect<HealthState.Result | void, unknown>
  readonly timeout: Duration.Duration
  readonly thresholds: HealthState.Thresholds
  state: HealthState.HealthState
  /** When it was last healthy, by the clock that never jumps; null while it is, or never was. */
  healthyUntil: number | null
}

const up: HealthState.Result = { _tag: "Up" }

const ofCause = (cause: Cause.Cause<unknown>): HealthState.Result => {
  const error = CauseSummary.make(cause)
  return { _tag: "Down", error: error === null ? "" : [error.errorType, error.message].filter(Boolean).join(": ") }
}

const resultOf = (exit: Exit.Exit<HealthState.Result | void, unknown>): HealthState.Result =>
  Exit.isSuccess(exit) ? exit.value ?? up : ofCause(exit.cause)

type Checking = Fiber.RuntimeFiber<HealthState.Result | void, unknown>

const abandon = (fiber: Checking): void => fiber.unsafeInterruptAsFork(FiberId.none)

/** Ends in time even if the check cannot be interrupted. */
const inTime = (fiber: Checking, timeout: Duration.Duration): Effect.Effect<HealthState.Result> =>
  Effect.map(Fiber.await(fiber), resultOf).pipe(
    Effect.onInterrupt(() => Effect.sync(() => abandon(fiber))),
    Effect.timeoutTo({
      duration: timeout,
      onSuccess: (result) => result,
      onTimeout: (): HealthState.Result => ({ _tag: "Down", error: `no answer within ${Duration.format(timeout)}` })
    })
  )

const now: Effect.Effect<HealthState.Moment> = Effect.clockWith((clock) =>
  Effect.sync(() => ({
    at: clock.unsafeCurrentTimeMillis(),
    monotonic: Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)
  }))
)

const reportOf = ({ kind, name, state }: Watched): ServiceReport => ({
  name,
  kind,
  health: state.health,
  since: state.since?.at ?? null,
  checks: state.checks,
  consecutiveFailures: state.consecutiveFailures,
  successRate: state.checks === 0 ? null : state.successes / state.checks,
  uptime: state.watchedMillis === 0 ? null : state.upMillis / state.watchedMillis,
  lastCheckedAt: state.lastCheck?.at ?? null,
  lastError: state.lastError
})

/** Takes the next state on, and gives the change if it is one. */
const advance = (watched: Watched, result: HealthState.Result, moment: HealthState.Moment): Transition | null => {
  const before = watched.state
  const after = HealthState.next(before, result, moment, watched.thresholds)
  watched.state = after
  if (after.health === before.health) return null
  const { healthyUntil } = watched
  if (before.health === "HEALTHY") watched.healthyUntil = moment.monotonic
  if (after.health === "HEALTHY") watched.healthyUntil = null
  return {
    service: watched.name,
    from: before.health,
    to: after.health,
    at: moment.at,
    consecutiveFailures: after.consecutiveFailures,
    error: after.lastError,
    recoveredAfter: after.health === "HEALTHY" && healthyUntil !== null ? moment.monotonic - healthyUntil : null
  }
}

/** That a program starts well, and that nothing is known of what is off, is no news. */
const isNews = ({ from, to }: Transition): boolean => to !== "UNKNOWN" && !(from === "UNKNOWN" && to === "HEALTHY")

const make = (options: Options): Effect.Effect<Service, never, Collector | Scope> =>
  Effect.gen(function*() {
    const collector = yield* Collector
    const registry = new Map<string, Watched>()
    const some = yield* Effect.makeLatch(false)
    const transitions = Changes.make<Transition>(256)
    const one = yield* Effect.makeSemaphore(1)
    const thresholds = { ...HealthState.defaults, ...options.thresholds }
    const concurrency = Math.max(1, options.concurrency ?? 4)

    const tell = (transition: Transition): void => {
      if (isNews(transition)) {
        const { consecutiveFailures, error, from, service, to } = transition
        collector.unsafeTrack(HealthChanged, { service, from, to, consecutiveFailures, error: error ?? undefined })
      }
      transitions.unsafeTell(transition)
    }

    const settle = (watched: Watched, result: HealthState.Result): Effect.Effect<void> =>
      Effect.map(now, (moment) => {
        const transition = advance(watched, result, moment)
        if (transition !== null && registry.get(watched.name) === watched) tell(transition)
      })

    const outcome = (watched: Watched, fiber: Checking): Effect.Effect<void> =>
      Effect.flatMap(inTime(fiber, watched.timeout), (result) => settle(watched, result))

    /** What is left to wait for: a check that waits for nothing is over after a turn, as our own are, and needs no time-out. */
    const begin = (watched: Watched, begun: Array<Checking>): Effect.Effect<Effect.Effect<void> | null> =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkDaemon(watched.check)
        begun.push(fiber)
        yield* Effect.yieldNow()
        const exit = fiber.unsafePoll()
        if (exit === null) return outcome(watched, fiber)
        yield* settle(watched, resultOf(exit))
        return null
      })

    const checkAll = Effect.suspend(() => {
      const begun: Array<Checking> = []
      return Effect.gen(function*() {
        const left = [...registry.values()]
        const open: Array<Effect.Effect<void>> = []
        while (left.length > 0 && open.length < concurrency) {
          const rest = yield* begin(left.shift()!, begun)
          if (rest !== null) open.push(rest)
        }
        for (const watched of left) open.push(Effect.flatMap(begin(watched, begun), (rest) => rest ?? Effect.void))
        if (open.length > 0) yield* Effect.forEach(open, (rest) => rest, { concurrency, discard: true })
      }).pipe(Effect.onInterrupt(() => Effect.sync(() => begun.forEach(abandon))))
    })

    const report = Effect.sync((): Report => {
      const services = [...registry.values()].map(reportOf)
      return { health: HealthState.overall(services), services }
    })

    const check = one.withPermits(1)(checkAll)

    yield* some.await.pipe(
      Effect.zipRight(Effect.sleep(options.interval ?? "60 seconds")),
      Effect.zipRight(check),
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped
    )

    const remove = (watched: Watched) =>
      Effect.sync(() => {
        if (registry.get(watched.name) === watched) registry.delete(watched.name)
        if (registry.size === 0) some.unsafeClose()
      })

    const register: Service["register"] = <E, R>(checked: Check<E, R>) =>
      Effect.acquireRelease(
        Effect.contextWith((context: Context.Context<R>): Watched => {
          const watched: Watched = {
            name: checked.name,
            kind: checked.kind ?? "service",
            check: Effect.provide(checked.check, context),
            timeout: Duration.decode(checked.timeout ?? options.timeout ?? "5 seconds"),
            thresholds: { ...thresholds, ...checked.thresholds },
            state: HealthState.initial,
            healthyUntil: null
          }
          registry.set(watched.name, watched)
          some.unsafeOpen()
          return watched
        }),
        remove
      )

    return Health.of({
      register: (checked) => Effect.asVoid(register(checked)),
      check: Effect.zipRight(check, report),
      report,
      transitions: Changes.stream(transitions)
    })
  })

/**
 * Checks on an interval for as long as something is registered; the first checks come after the first interval. Transitions
 * are recorded as `health_changed`, but for a service that is found healthy at first.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<Health, never, Collector> =>
  Layer.scoped(Health, make(options))

/**
 * {@link layerWith} as it is: every 60 seconds, 5 seconds for a check, 4 at once.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Health, never, Collector> = layerWith({})
