/**
 * The service an application sees, over the stages.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Collector } from "./collection/Collector.js"
import { DebugFile } from "./collection/DebugLog.js"
import type { Encoders } from "./collection/Encoders.js"
import { ErrorTracking } from "./collection/ErrorTracking.js"
import { Intake } from "./collection/Intake.js"
import { Session } from "./collection/Session.js"
import { ConsentGate } from "./consent/ConsentGate.js"
import type { Effective } from "./domain/Consent.js"
import * as EventCatalog from "./domain/EventCatalog.js"
import type { Ids } from "./domain/Ids.js"
import * as Ledger from "./domain/Ledger.js"
import type { LocalInsight } from "./insight/LocalInsight.js"
import * as OwnCost from "./OwnCost.js"
import { EventStore } from "./persistence/EventStore.js"
import * as Portions from "./persistence/Portions.js"
import { Rollups } from "./persistence/Rollups.js"
import { StoreError } from "./persistence/StoreError.js"
import { SubmissionQueue, waiting } from "./persistence/SubmissionQueue.js"
import * as Preview from "./Preview.js"
import { Erasures } from "./scheduling/Erasures.js"
import { Sealing } from "./scheduling/Sealing.js"
import { Submitter } from "./scheduling/Submitter.js"
import * as Status from "./Status.js"
import * as Stored from "./Stored.js"
import { type Service, Telemetry } from "./Telemetry.js"
import { Config } from "./TelemetryConfig.js"
import * as Withdrawal from "./Withdrawal.js"

/** Most programs never ask for figures, and a page loads nothing for it until it does. */
const loadInsight = Effect.tryPromise({
  try: () => import("./insight/LocalInsight.js"),
  catch: (cause) =>
    new StoreError({
      reason: "unavailable",
      message: "The code that reads figures could not be loaded: try again.",
      cause
    })
})

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

  const storeIfAny = Stored.isThere(store, gate)

  const nothing = <A>(value: A) => <E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.flatMap(storeIfAny, (exists) => exists ? effect : Effect.succeed(value))

  const stored = nothing(Status.nothingStored)(Effect.provide(Stored.read(config.destinations), context))

  const statusOf = (effective: Effective) =>
    Effect.gen(function*() {
      const [error, known] = yield* Effect.match(stored, {
        onFailure: (error) => [error, Status.unknown] as const,
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

  const insight = <A>(ask: (insight: LocalInsight) => Effect.Effect<A, StoreError>) =>
    Effect.zipRight(intake.flush, Effect.zip(loadInsight, storeIfAny)).pipe(
      Effect.flatMap(([{ make, nothing }, exists]) =>
        ask(exists ? make(rollups, collector.definition, (filter) => Stored.portions(store, filter)) : nothing)
      )
    )

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
        Effect.map(Effect.orElseSucceed(remaining, () => null), (remaining) => ({
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
    stats: (request) => insight(({ stats }) => stats(request)),
    usage: (filter) => insight(({ usage }) => usage(filter)),
    export: (filter) =>
      Portions.stream(Portions.when(Stored.exported(store, filter), Effect.zipRight(intake.flush, storeIfAny))),
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
