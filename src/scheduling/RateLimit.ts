/**
 * How many events may be sent: a token bucket for each destination, shared by all processes that share its store and kept
 * over restarts. An event costs a token.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { StoreError } from "../persistence/StoreError.js"
import { Config } from "../TelemetryConfig.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Tokens at hand, at most the burst. Takes none. */
  readonly available: (destination: string) => Effect.Effect<number, StoreError>
  /** Takes `n` tokens, or none when there are not as many. More than the burst are never there. */
  readonly take: (destination: string, n: number) => Effect.Effect<boolean, StoreError>
  /** Gives back tokens of a request that was never sent; the bucket holds no more than the burst. */
  readonly refund: (destination: string, n: number) => Effect.Effect<void, StoreError>
  /** Milliseconds until `n` tokens (the burst, if that is less) are at hand; at most the time of one token too long. */
  readonly waitTime: (destination: string, n: number) => Effect.Effect<number, StoreError>
  /** Milliseconds in which one token comes back. */
  readonly refillMillis: number
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RateLimit extends Context.Tag("effect-telemetry/scheduling/RateLimit")<RateLimit, Service>() {}

const storeError = (error: RateLimiter.RateLimiterError): StoreError => {
  const cause = error.reason === "StoreError" ? error.cause : undefined
  return cause instanceof StoreError
    ? cause
    : new StoreError({ reason: "unavailable", message: "The rate limit could not be read or written.", cause: error })
}

/**
 * The bucket holds `burst` tokens and fills at `rateLimit` tokens a minute.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  limiter: RateLimiter.RateLimiter,
  { burst, rateLimit }: { readonly burst: number; readonly rateLimit: number }
): Service => {
  const refillMillis = 60_000 / rateLimit
  const window = Duration.millis(burst * refillMillis)
  const consume = (destination: string, tokens: number) =>
    limiter.consume({
      key: `submit:${destination}`,
      algorithm: "token-bucket",
      onExceeded: "fail",
      limit: burst,
      window,
      tokens
    })
  const available = (destination: string) =>
    consume(destination, 0).pipe(
      Effect.map(({ remaining }) => Math.min(remaining, burst)),
      Effect.catchAll((error) => error.reason === "Exceeded" ? Effect.succeed(0) : Effect.fail(storeError(error)))
    )
  return {
    refillMillis,
    available,
    take: (destination, n) =>
      consume(destination, n).pipe(
        Effect.as(true),
        Effect.catchAll((error) => error.reason === "Exceeded" ? Effect.succeed(false) : Effect.fail(storeError(error)))
      ),
    refund: (destination, n) =>
      Effect.flatMap(available(destination), (tokens) => {
        const back = Math.min(n, burst - tokens)
        return back <= 0 ? Effect.void : Effect.mapError(Effect.asVoid(consume(destination, -back)), storeError)
      }),
    waitTime: (destination, n) =>
      Effect.map(
        available(destination),
        (tokens) => Math.ceil(Math.max(Math.min(n, burst) - tokens, 0) * refillMillis)
      )
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimit, never, RateLimiter.RateLimiter | Config> = Layer.effect(
  RateLimit,
  Effect.gen(function*() {
    return make(yield* RateLimiter.RateLimiter, yield* Config)
  })
)

/**
 * A bucket of this process alone, which starts full.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<RateLimit, never, Config> = layer.pipe(
  Layer.provide(RateLimiter.layer),
  Layer.provide(RateLimiter.layerStoreMemory)
)
