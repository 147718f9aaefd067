/**
 * What an application sees.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Collector } from "./collection/Collector.js"
import { DebugFile } from "./collection/DebugLog.js"
import type { Issue } from "./collection/Encoder.js"
import type { Encoders } from "./collection/Encoders.js"
import { ErrorTracking } from "./collection/ErrorTracking.js"
import { Intake } from "./collection/Intake.js"
import { Session } from "./collection/Session.js"
import type { EnableOptions } from "./consent/ConsentGate.js"
import { ConsentGate } from "./consent/ConsentGate.js"
import type { ConsentUnreadable } from "./consent/ConsentStore.js"
import type { Effective } from "./domain/Consent.js"
import type * as Erasure from "./domain/Erasure.js"
import * as EventCatalog from "./domain/EventCatalog.js"
import type * as EventDefinition from "./domain/EventDefinition.js"
import type { Ids } from "./domain/Ids.js"
import * as Ledger from "./domain/Ledger.js"
import * as TelemetryEvent from "./domain/TelemetryEvent.js"
import * as LocalInsight from "./insight/LocalInsight.js"
import * as UsageSummary from "./insight/UsageSummary.js"
import type * as LocalStats from "./LocalStats.js"
import * as OwnCost from "./OwnCost.js"
import type { EventFilter } from "./persistence/EventStore.js"
import { EventStore } from "./persistence/EventStore.js"
import { Rollups } from "./persistence/Rollups.js"
import type { StoreError } from "./persistence/StoreError.js"
import { SubmissionQueue, waiting } from "./persistence/SubmissionQueue.js"
import * as Preview from "./Preview.js"
import { Erasures } from "./scheduling/Erasures.js"
import { Sealing } from "./scheduling/Sealing.js"
import type { SubmitReport } from "./scheduling/Submitter.js"
import { Submitter } from "./scheduling/Submitter.js"
import * as Status from "./Status.js"
import * as Stored from "./Stored.js"
import { Config } from "./TelemetryConfig.js"
import * as Withdrawal from "./Withdrawal.js"

type Rows = ReadonlyArray<LocalStats.StatsRow>

/**
 * Tracking never fails, never blocks and is never seen by the program: whatever goes wrong is counted and shown by `status`.
 * Durations are milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Records an event of a declared type. */
  readonly track: <D extends EventDefinition.Any>(definition: D, data: EventDefinition.Data<D>) => Effect.Effect<void>
  /** The same, and on disk when it returns: for fatal errors and the end of a program. */
  readonly trackNow: <D extends EventDefinition.Any>(
    definition: D,
    data: EventDefinition.Data<D>
  ) => Effect.Effect<void>
  /**
   * For callers that have no types: records an event by the name of its type. Synchronous. Gives the issue when the type
   * is not declared or the data does not fit it, null when it was taken (or telemetry is off).
   */
  readonly unsafeTrack: (eventType: string, data: unknown) => Issue | null
  /** Of `args` only the names of flags are kept. */
  readonly trackCommand: (
    command: string,
    args: ReadonlyArray<string>,
    duration: number,
    exitCode: number,
    error?: string
  ) => Effect.Effect<void>
  readonly trackQuery: (
    queryType: "symbol" | "text" | "hybrid",
    query: string,
    resultCount: number,
    duration: number,
    cached: boolean,
    language?: string
  ) => Effect.Effect<void>
  readonly trackParser: (
    language: string,
    fileExtension: string,
    duration: number,
    symbolCount: number,
    lineCount: number,
    error?: string
  ) => Effect.Effect<void>
  /** On disk when it returns if `fatal`. */
  readonly trackError: (
    errorType: string,
    message: string,
    stack?: string,
    context?: Readonly<Record<string, unknown>>,
    fatal?: boolean
  ) => Effect.Effect<void>
  readonly trackPerformance: (
    metricName: string,
    value: number,
    unit: "ms" | "bytes" | "count" | "percentage",
    context?: Readonly<Record<string, unknown>>
  ) => Effect.Effect<void>
  /** `trackFeature("export", true)`; in short, with an action: `trackFeature("chat", "started")`. */
  readonly trackFeature: (
    featureName: string,
    enabledOrAction?: boolean | string,
    variant?: string,
    action?: string
  ) => Effect.Effect<void>
  /** What would be sent of this event, to the byte, and the rule behind every change. Nothing is recorded by it. */
  readonly preview: (eventType: string, data: unknown, request?: Preview.Request) => Effect.Effect<Preview.Preview>
  /** Returns once everything tracked before is committed, or the store has refused it. */
  readonly flush: Effect.Effect<void>
  /** Commits and sends until the queue is empty, the limit is reached or the endpoint is away. */
  readonly submitNow: Effect.Effect<SubmitReport>
  readonly status: Effect.Effect<Status.Status>
  readonly ledger: Effect.Effect<Ledger.Snapshot, StoreError>
  readonly enable: (options: EnableOptions) => Effect.Effect<Status.Status, ConsentUnreadable>
  /** An application that asked by itself: records a grant unless the person opted out, which wins. */
  readonly granted: (options: EnableOptions) => Effect.Effect<Status.Status, ConsentUnreadable>
  /**
   * Opts out, of sending only with `remoteOnly`; with `erase`, what is stored goes as well, and the collector is asked to
   * erase what it was sent: until it confirms that, also after opting out.
   */
  readonly disable: (
    options: { readonly erase?: boolean; readonly remoteOnly?: boolean }
  ) => Effect.Effect<Status.Status, ConsentUnreadable | StoreError>
  /** Counts and percentiles by bucket and type, from the rollups: also of events that retention has removed. */
  readonly stats: (request: LocalStats.StatsRequest) => Effect.Effect<Rows, StoreError>
  /** How the program is used: features, commands, providers, conversations, suggestions, sessions, times of activity. */
  readonly usage: (filter: Pick<EventFilter, "from" | "to">) => Effect.Effect<UsageSummary.Usage, StoreError>
  /** Everything stored, in the order of recording, with bounded memory. */
  readonly export: (filter: EventFilter) => Stream.Stream<TelemetryEvent.WireEvent, StoreError>
  /** Erases what is stored and what is queued. */
  readonly clear: Effect.Effect<{ readonly events: number; readonly queue: number }, StoreError>
  /**
   * The same, and asks the collector to erase what it was sent. Recording goes on under a new session and installation id.
   * `waiting` is null when the collector has confirmed, or was never sent anything.
   */
  readonly clearEverywhere: Effect.Effect<
    { readonly events: number; readonly queue: number; readonly waiting: Erasure.Waiting | null },
    ConsentUnreadable | StoreError
  >
  /** Empties the queue; the events stay stored. */
  readonly clearQueue: Effect.Effect<number, StoreError>
  readonly sessionId: Effect.Effect<string>
  readonly isEnabled: Effect.Effect<boolean>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Telemetry extends Context.Tag("effect-telemetry/Telemetry")<Telemetry, Service>() {}

const decodeWire = Schema.decodeUnknownSync(Schema.parseJson(TelemetryEvent.WireEvent))

const make = Effect.gen(function*() {
  const collector = yield* Collector
  const errors = yield* ErrorTracking
  const intake = yield* Intake
  const session = yield* Session
  const gate = yield* ConsentGate
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  const rollups = yield* Rollups
  const sealing = yield* Sealing
  const submitter = yield* Submitter
  const erasures = yield* Erasures
  const config = yield* Config
  const cost = yield* OwnCost.OwnCost
  const openedAt = yield* Clock.currentTimeNanos
  const place = yield* Status.Place
  const debugFile = yield* DebugFile
  const preview = yield* Preview.make
  const context = Context.make(EventStore, store).pipe(Context.add(SubmissionQueue, queue))

  const track: Service["track"] = (definition, data) =>
    Effect.sync(() => {
      collector.unsafeTrack(definition, data)
    })

  const trackNow: Service["trackNow"] = (definition, data) => Effect.zipRight(track(definition, data), intake.flush)

  /** Off, and nothing was ever stored: then nothing is opened to find that out. */
  const storeIfAny = Effect.map(store.exists, (exists) => exists || gate.unsafeCurrent().enabled)

  const stored = Effect.flatMap(
    storeIfAny,
    (exists) =>
      exists ? Effect.provide(Stored.read(config.destinations), context) : Effect.succeed(Status.nothingStored)
  )

  const statusOf = (effective: Effective) =>
    Effect.gen(function*() {
      const [error, known] = yield* Effect.match(stored, {
        onFailure: (error) => [error, Status.nothingStored] as const,
        onSuccess: (known) => [null, known] as const
      })
      const refused = yield* intake.storeError
      const problem = error ?? refused
      const unreadable = gate.unsafeProblem()
      return Status.make({
        effective,
        endpoint: config.endpoint,
        dataDir: place.dataDir,
        queueLimit: config.queueLimit,
        stored: known,
        uncommitted: yield* intake.uncommitted,
        erasures: yield* erasures.waiting,
        cost: OwnCost.share(cost.unsafeSpent(), openedAt, yield* Clock.currentTimeNanos, {
          events: intake.unsafeSize(),
          bytes: intake.unsafeBytes()
        }),
        warnings: [
          ...place.warnings,
          ...(unreadable === null ? [] : [unreadable]),
          ...(problem === null ? [] : [problem.message])
        ]
      })
    })

  /** What is tracked in the very turn in which a process ends can only be committed by a store that is open. */
  const warm = (effective: Effective) => effective.enabled ? Effect.ignore(store.warm) : Effect.void

  yield* warm(gate.unsafeCurrent())

  const opened = (effective: Effective) => Effect.zipRight(warm(effective), statusOf(effective))

  const status = Effect.flatMap(gate.refresh, statusOf)

  const remaining = Effect.reduce(
    config.destinations,
    0,
    (sum, id) => Effect.map(queue.counts(id), (counts) => sum + waiting(counts))
  )

  const nothing = <A>(value: A) => <E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.flatMap(storeIfAny, (exists) => exists ? effect : Effect.succeed(value))

  const insight = LocalInsight.make(rollups, collector.definition, (filter) => Stored.stream(store, filter))

  const clear = Effect.zipRight(debugFile.clear, store.clear.pipe(nothing({ events: 0, queue: 0 })))

  const withdrawal = yield* Withdrawal.make(storeIfAny)

  return Telemetry.of({
    track,
    trackNow,
    unsafeTrack: collector.unsafeTrackNamed,
    trackCommand: (command, args, duration, exitCode, error) =>
      track(EventCatalog.CommandExecuted, { command, args, duration, exitCode, error }),
    trackQuery: (queryType, query, resultCount, duration, cached, language) =>
      track(EventCatalog.QueryPerformed, { queryType, query, resultCount, duration, cached, language }),
    trackParser: (language, fileExtension, duration, symbolCount, lineCount, error) =>
      track(EventCatalog.ParserInvoked, { language, fileExtension, duration, symbolCount, lineCount, error }),
    trackError: (errorType, message, stack, context, fatal = false) =>
      Effect.zipRight(
        errors.track({ errorType, message, stack, context, fatal }),
        fatal ? intake.flush : Effect.void
      ),
    trackPerformance: (metricName, value, unit, context) =>
      track(EventCatalog.PerformanceMeasured, { metricName, value, unit, context }),
    trackFeature: (featureName, enabledOrAction, variant, action) =>
      track(
        EventCatalog.FeatureUsed,
        typeof enabledOrAction === "string"
          ? { featureName, action: enabledOrAction, variant }
          : { featureName, enabled: enabledOrAction, variant, action }
      ),
    preview,
    flush: Effect.zipRight(errors.settle, intake.flush),
    submitNow: intake.flush.pipe(
      Effect.zipRight(sealing.seal),
      Effect.zipRight(erasures.submit),
      Effect.zipRight(submitter.drain({ person: true })),
      Effect.catchAll((error) =>
        Effect.map(Effect.orElseSucceed(remaining, () => 0), (remaining) => ({
          submitted: 0,
          rejected: 0,
          failed: 0,
          remaining,
          lastError: error.message
        }))
      )
    ),
    status,
    ledger: Effect.zipWith(
      Effect.map(nothing(Ledger.empty)(store.ledger), (ledger) => Ledger.only(ledger, config.destinations)),
      intake.uncommitted,
      Ledger.withUncommitted
    ),
    enable: (options) => Effect.flatMap(gate.enable(options), opened),
    granted: (options) => Effect.flatMap(gate.granted(options), opened),
    disable: (options) => Effect.flatMap(withdrawal.disable(options), statusOf),
    stats: (request) => Effect.zipRight(intake.flush, insight.stats(request)).pipe(nothing<Rows>([])),
    usage: (filter) => Effect.zipRight(intake.flush, insight.usage(filter)).pipe(nothing(UsageSummary.none())),
    export: (filter) =>
      Stream.unwrap(Effect.map(Effect.zipRight(intake.flush, storeIfAny), (exists) =>
        exists
          ? Stream.map(Stored.stream(store, filter), ({ event }) => decodeWire(TelemetryEvent.toJson(event)))
          : Stream.empty)),
    clear: Effect.zipRight(intake.flush, clear),
    clearEverywhere: Effect.zipRight(intake.flush, withdrawal.clearEverywhere),
    clearQueue: Effect.reduce(config.destinations, 0, (sum, id) => Effect.map(queue.clear(id), (n) => sum + n)).pipe(
      nothing(0)
    ),
    sessionId: Effect.sync(() => session.unsafeContext().sessionId),
    isEnabled: Effect.map(gate.refresh, (effective) => effective.enabled)
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Telemetry,
  never,
  | Collector
  | ErrorTracking
  | Intake
  | Session
  | ConsentGate
  | EventStore
  | SubmissionQueue
  | Rollups
  | Sealing
  | Submitter
  | Erasures
  | Encoders
  | Ids
  | Config
> = Layer.effect(Telemetry, make)
