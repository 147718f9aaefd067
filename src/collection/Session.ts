/**
 * The anonymous session: a random id for each process, or for what {@link SessionMemory} holds together, and a new one after a
 * time without events. It is tied to nothing else, and it never goes on over a withdrawal of consent to send.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import type * as Consent from "../domain/Consent.js"
import { Ids } from "../domain/Ids.js"
import type { EventContext } from "../domain/TelemetryEvent.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import { type Remembered, SessionMemory } from "./SessionMemory.js"

/**
 * How an event counts for its session. A `passive` one is made by telemetry itself: it neither counts nor keeps the session
 * from ending.
 *
 * @since 0.1.0
 * @category models
 */
export type Activity = "event" | "error" | "passive"

/**
 * @since 0.1.0
 * @category models
 */
export interface Summary {
  /** Milliseconds by the monotonic clock. Of a session that ended by itself: up to its last event. */
  readonly duration: number
  readonly events: number
  readonly errors: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Listener {
  /** The session has ended by idleness. Called while its id is still the current one. */
  readonly ended: (summary: Summary) => void
  /** A session other than the first has begun: its id is the current one. */
  readonly started: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The first session is one that began before this process did. */
  readonly isResumed: boolean
  /** A session may go on when this process is gone: its end is not the session's. */
  readonly isRemembered: boolean
  /**
   * What an event captured now belongs to. The same object for as long as nothing in it changes: stores know it by
   * reference. While telemetry is off it names no epoch.
   */
  readonly unsafeContext: () => EventContext
  /** The same, for an event that is being recorded at `now` (milliseconds since the epoch); it may begin a new session. */
  readonly unsafeTouch: (activity: Activity, now: number) => EventContext
  readonly unsafeSummary: () => Summary
  /** Ends the session if it has had no event for long enough. True when it is over; the next event begins another. */
  readonly unsafeEndIfIdle: (now: number) => boolean
  /** One listener; the last one set. */
  readonly unsafeListen: (listener: Listener) => void
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Session extends Context.Tag("effect-telemetry/collection/Session")<Session, Service>() {}

const silent: Listener = { ended: () => {}, started: () => {} }

/** A remembered session that has not ended meanwhile, and is under the consent that is in force. */
const goesOn = (found: Remembered | null, now: Consent.Effective, at: number): Remembered | null => {
  if (found === null || !now.enabled || found.epoch !== now.epoch?.id) return null
  const idle = at - found.lastEventAt
  return idle >= 0 && idle < Policy.sessionIdleMillis && found.startedAt <= at ? found : null
}

const make = Effect.gen(function*() {
  const gate = yield* ConsentGate
  const ids = yield* Ids
  const { app } = yield* Config
  const clock = yield* Effect.clock
  const memory = yield* SessionMemory
  const builtAt = clock.unsafeCurrentTimeMillis()
  const recalled = goesOn(memory?.recall() ?? null, gate.unsafeCurrent(), builtAt)
  let listener = silent
  let sessionId = recalled?.id ?? ids.uuid4()
  let startedAt = clock.unsafeCurrentTimeNanos() - BigInt(builtAt - (recalled?.startedAt ?? builtAt)) * 1_000_000n
  let lastEventAt = recalled?.lastEventAt ?? builtAt
  let events = recalled?.events ?? 0
  let errors = recalled?.errors ?? 0
  let over = false
  let seen: Consent.Effective | null = null
  let context: EventContext | null = null
  let recordedUnder: Consent.Epoch | null = null

  const begin = (): void => {
    sessionId = ids.uuid4()
    startedAt = clock.unsafeCurrentTimeNanos()
    events = 0
    errors = 0
    over = false
    context = null
  }

  const summary = (idle: number): Summary => ({
    duration: Math.max(0, Math.round(Number(clock.unsafeCurrentTimeNanos() - startedAt) / 1e6) - idle),
    events,
    errors
  })

  const remember = (now: number): void => {
    const epoch = gate.unsafeCurrent().epoch
    if (memory === null || epoch === null) return
    const since = now - Math.round(Number(clock.unsafeCurrentTimeNanos() - startedAt) / 1e6)
    memory.keep({ id: sessionId, epoch: epoch.id, startedAt: since, lastEventAt: now, events, errors })
  }

  const end = (idle: number): void => {
    if (over) return
    over = true
    listener.ended(summary(idle))
  }

  const isWithdrawn = (epoch: Consent.Epoch, next: Consent.Effective): boolean =>
    !next.enabled || (epoch.remote && !next.sendable.has(epoch.id))

  const describe = (of: Consent.Effective): EventContext => ({
    sessionId,
    installationId: of.installationId,
    app,
    epoch: of.epoch?.id ?? "",
    level: of.level,
    remote: of.remote
  })

  const isSame = (a: EventContext, b: EventContext): boolean =>
    a.sessionId === b.sessionId && a.installationId === b.installationId && a.epoch === b.epoch &&
    a.level === b.level && a.remote === b.remote

  const current = (): EventContext => {
    const next = gate.unsafeCurrent()
    if (context !== null && next === seen) return context
    const fresh = recordedUnder !== null && isWithdrawn(recordedUnder, next)
    if (fresh) begin()
    seen = next
    recordedUnder = next.epoch
    const described = describe(next)
    context = context !== null && isSame(context, described) ? context : described
    if (fresh && next.enabled) listener.started()
    return context
  }

  return Session.of({
    isResumed: recalled !== null,
    isRemembered: memory !== null,
    unsafeContext: current,
    unsafeTouch: (activity, now) => {
      if (activity === "passive") return current()
      const idle = now - lastEventAt
      lastEventAt = now
      if (over || idle >= Policy.sessionIdleMillis) {
        end(idle)
        begin()
        listener.started()
      }
      const found = current()
      events++
      if (activity === "error") errors++
      remember(now)
      return found
    },
    unsafeSummary: () => summary(0),
    unsafeEndIfIdle: (now) => {
      const idle = now - lastEventAt
      if (idle >= Policy.sessionIdleMillis) end(idle)
      return over
    },
    unsafeListen: (next) => {
      listener = next
    }
  })
})

/**
 * A session begins when the layer is built, unless one is remembered that goes on, and ends after 30 minutes without an event. Idleness is told by the wall clock,
 * which goes on while a machine is asleep; durations are by the monotonic one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Session, never, ConsentGate | Ids | Config> = Layer.effect(Session, make)
