/**
 * Telemetry for the tests of an application: the whole pipeline as it ships, in memory, with consent given, ids from a seed, a
 * scripted endpoint and no background work. Time is Effect's, so that `TestClock` moves it.
 *
 * @example
 * import * as Effect from "effect/Effect"
 * import * as EventCatalog from "effect-telemetry/domain/EventCatalog"
 * import { Telemetry } from "effect-telemetry/Telemetry"
 * import * as TelemetryTest from "effect-telemetry/testing/TelemetryTest"
 *
 * export const test = Effect.gen(function*() {
 *   const telemetry = yield* Telemetry
 *   yield* telemetry.trackFeature("export", true)
 *   const recorded = yield* TelemetryTest.events(EventCatalog.FeatureUsed)
 *   return recorded[0]?.featureName === "export"
 * }).pipe(Effect.provide(TelemetryTest.layer))
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as HostEnvironment from "../collection/HostEnvironment.js"
import * as ConsentGate from "../consent/ConsentGate.js"
import * as ConsentStore from "../consent/ConsentStore.js"
import * as Destination from "../domain/Destination.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Ids from "../domain/Ids.js"
import * as Ledger from "../domain/Ledger.js"
import type { Level } from "../domain/Level.js"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import * as Memory from "../persistence/Memory.js"
import type { StoreError } from "../persistence/StoreError.js"
import { type QueueCounts, SubmissionQueue } from "../persistence/SubmissionQueue.js"
import * as Pipeline from "../Pipeline.js"
import { Process } from "../scheduling/Process.js"
import * as Compression from "../submission/Compression.js"
import * as ErasureTransport from "../submission/ErasureTransport.js"
import * as HttpTransport from "../submission/HttpTransport.js"
import { Destinations, Transport } from "../submission/Transport.js"
import { Telemetry } from "../Telemetry.js"
import * as TelemetryConfig from "../TelemetryConfig.js"
import * as FakeCollector from "./FakeCollector.js"
import * as ScriptedTransport from "./ScriptedTransport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What the person has agreed to. Default `full`; null: nobody was asked, and telemetry is off. */
  readonly level?: Level | null | undefined
  /** Has the person agreed to sending? Default true. */
  readonly remote?: boolean | undefined
  /** The same seed gives the same ids. Default 1. */
  readonly seed?: number | undefined
  /** Over the defaults; there is no worker and there are no automatic events unless they are asked for. */
  readonly config?: Partial<TelemetryConfig.TelemetryConfig> | undefined
}

const toDestinations = (transport: Transport["Type"]) => [{ id: Destination.defaultId, transport }]

const scripted = Layer.effect(
  Destinations,
  Effect.map(ScriptedTransport.ScriptedTransport, ({ transport }) => toDestinations(transport))
).pipe(Layer.provideMerge(ScriptedTransport.layer))

const collecting = (options: FakeCollector.Options) =>
  Layer.effect(Destinations, Effect.map(Transport, toDestinations)).pipe(
    Layer.provide(HttpTransport.layer),
    Layer.merge(ErasureTransport.layer),
    Layer.provideMerge(FakeCollector.layerWith(options)),
    Layer.provide(Compression.layerNoop)
  )

const asProcess = Layer.effect(
  Process,
  Effect.map(Ids.Ids, (ids) => ({ owner: { id: ids.uuid4(), pid: null }, isGone: () => false }))
)

const consent = ({ level = "full", remote = true }: Options) =>
  Layer.effectDiscard(
    level === null
      ? Effect.void
      : Effect.flatMap(ConsentGate.ConsentGate, (gate) => gate.granted({ level, remote }))
  )

const over = <A>(options: Options, destinations: Layer.Layer<Destinations | A, never, TelemetryConfig.Config>) =>
  Pipeline.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(
      Memory.layerMemory,
      destinations,
      RateLimiter.layerStoreMemory,
      HostEnvironment.layerUnknown,
      asProcess,
      consent(options)
    )),
    Layer.provideMerge(ConsentGate.layer),
    Layer.provideMerge(Layer.mergeAll(
      ConsentStore.layerMemory,
      Ids.layerSeeded(options.seed ?? 1),
      TelemetryConfig.layerTest({
        worker: false,
        automatic: false,
        linger: Duration.zero,
        endpoint: FakeCollector.endpoint,
        ...options.config
      })
    ))
  )

/**
 * Before a {@link ScriptedTransport}, which is provided as well, as is every service of the pipeline.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options) => over(options, scripted)

/**
 * {@link layerWith} as it is: consent to everything, nothing in the background.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = layerWith({})

/**
 * Before a {@link FakeCollector} that is reached by the HTTP transport as it ships, without a socket between them.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerCollector = (options: Options & { readonly collector?: FakeCollector.Options | undefined } = {}) =>
  over(options, collecting(options.collector ?? {}))

/**
 * Before a transport of one's own, as `default`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerTransport = (
  transport: Layer.Layer<Transport, never, TelemetryConfig.Config>,
  options: Options = {}
) => over(options, Layer.effect(Destinations, Effect.map(Transport, toDestinations)).pipe(Layer.provide(transport)))

/**
 * Every recorded event, in the order of recording, as it would be sent.
 *
 * @since 0.1.0
 * @category assertions
 */
export const all: Effect.Effect<ReadonlyArray<WireEvent>, StoreError, Telemetry> = Effect.flatMap(
  Telemetry,
  (telemetry) => Effect.map(Stream.runCollect(telemetry.export({})), Chunk.toReadonlyArray)
)

/**
 * The data of every recorded event of one declaration: what is left of it after level and redaction, so that fields may be
 * missing and texts changed.
 *
 * @since 0.1.0
 * @category assertions
 */
export const events = <D extends EventDefinition.Any>(
  definition: D
): Effect.Effect<ReadonlyArray<Partial<EventDefinition.Data<D>>>, StoreError, Telemetry> =>
  Effect.map(all, (recorded) =>
    recorded
      .filter((event) => event.eventType === definition.type)
      .map((event) => event.eventData as Partial<EventDefinition.Data<D>>))

/**
 * How many events were dropped, by reason; nothing dropped is an empty object.
 *
 * @since 0.1.0
 * @category assertions
 */
export const dropped: Effect.Effect<Readonly<Record<string, number>>, StoreError, Telemetry> = Effect.flatMap(
  Telemetry,
  (telemetry) => Effect.map(telemetry.ledger, (ledger) => Ledger.dropped(ledger, Destination.defaultId))
)

/**
 * The queue in figures, with everything tracked before in it.
 *
 * @since 0.1.0
 * @category assertions
 */
export const queue: Effect.Effect<QueueCounts, StoreError, Telemetry | SubmissionQueue> = Effect.gen(function*() {
  yield* (yield* Telemetry).flush
  return yield* (yield* SubmissionQueue).counts(Destination.defaultId)
})
