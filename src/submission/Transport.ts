/**
 * What carries batches to a destination. It is handed consented events only and answers with an outcome, never a failure:
 * what follows from an outcome is decided elsewhere, by a table.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Outcome } from "../domain/Outcome.js"
import type { ConsentedEvent } from "../domain/TelemetryEvent.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Batch {
  /** The idempotency key. */
  readonly key: string
  readonly events: ReadonlyArray<ConsentedEvent>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Submission {
  readonly outcome: Outcome
  /** Bytes of body that went out, after compression; 0 when nothing was sent. */
  readonly bytes: number
}

/**
 * What a destination says of itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerInfo {
  readonly name: string
  readonly version: string
  readonly maxBatchEvents: number
  readonly maxBodyBytes: number
  readonly acceptsGzip: boolean
  readonly schemaVersions: ReadonlyArray<number>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Interruption aborts the request. */
  readonly submit: (batch: Batch) => Effect.Effect<Submission>
  /** Is the destination there and well? Costs no rate. */
  readonly ping: Effect.Effect<boolean>
  /** Null when it does not say. */
  readonly serverInfo: Effect.Effect<ServerInfo | null>
  /** A hash of address and key: when it changes, a paused destination resumes. */
  readonly fingerprint: string
  /** The origin that consent must have been given to; null where nothing leaves the machine. */
  readonly origin: string | null
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Transport extends Context.Tag("effect-telemetry/submission/Transport")<Transport, Service>() {}

/**
 * Every active destination with its transport, each with progress of its own.
 *
 * @since 0.1.0
 * @category tags
 */
export class Destinations extends Context.Tag("effect-telemetry/submission/Destinations")<
  Destinations,
  ReadonlyArray<{ readonly id: string; readonly transport: Service }>
>() {}

/**
 * The destinations of these transports, by id.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerDestinations = <R>(
  transports: Readonly<Record<string, Layer.Layer<Transport, never, R>>>
): Layer.Layer<Destinations, never, R> =>
  Layer.scoped(
    Destinations,
    Effect.forEach(Object.entries(transports), ([id, layer]) =>
      Effect.map(
        Effect.flatMap(Layer.build(layer), (context) => Effect.provide(Transport, context)),
        (transport) => ({ id, transport })
      ))
  )
