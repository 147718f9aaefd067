/**
 * Making bodies smaller, where the platform can.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The bytes as gzip; null when that is not possible here, and the body goes out as it is. */
  readonly gzip: (bytes: Uint8Array) => Effect.Effect<Uint8Array | null>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Compression extends Context.Tag("effect-telemetry/submission/Compression")<Compression, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const none: Service = { gzip: () => Effect.succeed(null) }

/**
 * Everything goes out as it is.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNoop: Layer.Layer<Compression> = Layer.succeed(Compression, none)
