/**
 * The service behind promises, for whoever does not use Effect.
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { Session } from "./collection/Session.js"
import { ConsentGate } from "./consent/ConsentGate.js"
import type { Level } from "./domain/Level.js"
import type { WireEvent } from "./domain/TelemetryEvent.js"
import { asyncDispose } from "./internal/asyncDispose.js"
import type { StatsRequest, StatsRow } from "./LocalStats.js"
import { type EventFilter, EventStore } from "./persistence/EventStore.js"
import * as Portions from "./persistence/Portions.js"
import type { SubmitReport } from "./scheduling/Submitter.js"
import type { Status } from "./Status.js"
import * as Stored from "./Stored.js"
import { type Service, Telemetry } from "./Telemetry.js"
import type { Profile } from "./TelemetryConfig.js"

/**
 * What programs without Effect say, wherever they run.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly app: { readonly name: string; readonly version: string }
  readonly endpoint?: string
  readonly apiKey?: string
  readonly profile?: Profile
  /** The level asked for: with `consent: "granted"` it is recorded, otherwise it can only lower what the person chose. */
  readonly level?: Level
  /** Whether sending was asked for; only with `consent: "granted"`. */
  readonly remote?: boolean
  /** The application has asked by itself. A person who opted out stays opted out. Without it the stored consent decides. */
  readonly consent?: "granted"
  /** Milliseconds, or text such as `"30 seconds"`; so are all lengths of time here. */
  readonly interval?: Duration.DurationInput
  readonly batchSize?: number
  /** Events a minute. */
  readonly rateLimit?: number
  readonly burst?: number
  readonly timeout?: Duration.DurationInput
  /** One last submission at `close`, within this; by default none. */
  readonly shutdownDeadline?: Duration.DurationInput
  readonly maxRetries?: number
  readonly retry?: {
    readonly baseDelay?: Duration.DurationInput
    readonly maxDelay?: Duration.DurationInput
    readonly jitterFactor?: number
  }
  /** The background worker; default true. */
  readonly worker?: boolean
  /** Session, environment and health events by themselves; default true. */
  readonly automatic?: boolean
}

type Untracked<K extends keyof Service> = Service[K] extends (...args: infer A) => unknown ? (...args: A) => void
  : never

/**
 * Tracking returns at once and never throws. Every promise that needs the store rejects with an error whose `message` says
 * what is wrong and what to do; `flush`, `submitNow`, `status` and `close` never reject before `close`.
 *
 * After `close` everything is committed: tracking does nothing, `flush` and `close` resolve, and all other promises reject
 * with `telemetry is closed`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  /** Records an event by the name of its type. What does not fit its declaration is counted as `invalid` in `status`. */
  readonly track: (eventType: string, eventData: unknown) => void
  readonly trackCommand: Untracked<"trackCommand">
  readonly trackQuery: Untracked<"trackQuery">
  readonly trackParser: Untracked<"trackParser">
  readonly trackError: Untracked<"trackError">
  readonly trackPerformance: Untracked<"trackPerformance">
  readonly trackFeature: Untracked<"trackFeature">
  /** Everything tracked before is committed (on Node: to disk), or the store has refused it; also after `close`. */
  readonly flush: () => Promise<void>
  /** Only the tab whose turn it is sends; another one tells it to. */
  readonly submitNow: () => Promise<SubmitReport>
  readonly status: () => Promise<Status>
  readonly enable: (options?: { readonly remote?: boolean; readonly level?: Level }) => Promise<Status>
  readonly disable: (options?: { readonly erase?: boolean }) => Promise<Status>
  readonly stats: (request?: StatsRequest) => Promise<ReadonlyArray<StatsRow>>
  readonly export: (filter?: EventFilter) => AsyncIterable<WireEvent>
  readonly clear: () => Promise<{ readonly events: number; readonly queue: number }>
  readonly clearQueue: () => Promise<number>
  /** Commits what was tracked and gives everything back, once. An endpoint that does not answer does not delay it. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
  readonly sessionId: string
  readonly isEnabled: () => boolean
}

const toError = (cause: Cause.Cause<unknown>): Error => {
  const squashed = Cause.squash(cause)
  return squashed instanceof Error ? squashed : new Error(String(squashed))
}

/**
 * What is done around everything that is waited for.
 *
 * @since 0.1.0
 * @category models
 */
export type During = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** What of the options is about consent. */
type Choice = { readonly [K in "consent" | "endpoint" | "level" | "remote"]: Options[K] | undefined }

type Needed = Telemetry | ConsentGate | EventStore | Session

/**
 * Builds the layers. Rejects with the failure of their building.
 *
 * @since 0.1.0
 * @category constructors
 */
export const open = async <E>(
  live: Layer.Layer<Needed, E>,
  { consent, endpoint, level, remote }: Choice,
  during: During
): Promise<Client> => {
  const runtime = ManagedRuntime.make(live)
  let closing: Promise<void> | undefined
  const run = async <A, E2>(effect: Effect.Effect<A, E2, Needed>): Promise<A> => {
    if (closing) throw new Error("telemetry is closed")
    const exit = await runtime.runPromiseExit(during(effect))
    if (Exit.isSuccess(exit)) return exit.value
    throw toError(exit.cause)
  }
  const [telemetry, gate, store, session] = await run(
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      // A consent that cannot be written down means off, which `status` shows.
      if (consent === "granted") yield* Effect.ignore(telemetry.granted({ level, remote, endpoint }))
      return [telemetry, yield* ConsentGate, yield* EventStore, yield* Session] as const
    })
  )
  const isThere = Effect.zipRight(telemetry.flush, Stored.isThere(store, gate))
  // Tracking is synchronous through and through, and begins at once; nothing of it can suspend or fail.
  const now = (effect: Effect.Effect<void>): void => {
    runtime.runFork(effect)
  }
  const close = (): Promise<void> => closing ??= Effect.runPromise(during(runtime.disposeEffect))
  return {
    track: (eventType, eventData) => {
      telemetry.unsafeTrack(eventType, eventData)
    },
    trackCommand: (...args) => now(telemetry.trackCommand(...args)),
    trackQuery: (...args) => now(telemetry.trackQuery(...args)),
    trackParser: (...args) => now(telemetry.trackParser(...args)),
    trackError: (...args) => now(telemetry.trackError(...args)),
    trackPerformance: (...args) => now(telemetry.trackPerformance(...args)),
    trackFeature: (...args) => now(telemetry.trackFeature(...args)),
    flush: () => closing ?? run(telemetry.flush),
    submitNow: () => run(telemetry.submitNow),
    status: () => run(telemetry.status),
    enable: (choice = {}) => run(telemetry.enable({ endpoint, ...choice })),
    disable: (choice = {}) => run(telemetry.disable(choice)),
    stats: (request = {}) => run(telemetry.stats(request)),
    export: (filter = {}) => Portions.iterate(Portions.when(Stored.exported(store, filter), isThere), run),
    clear: () => run(telemetry.clear),
    clearQueue: () => run(telemetry.clearQueue),
    close,
    [asyncDispose]: close,
    get sessionId() {
      return session.unsafeContext().sessionId
    },
    isEnabled: () => gate.unsafeCurrent().enabled
  }
}
