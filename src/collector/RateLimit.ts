/**
 * So many events a minute and key, as a bucket that fills steadily.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Dialect from "./Dialect.js"
import * as Limits from "./Limits.js"
import * as Problem from "./Problem.js"
import * as RateLimitStore from "./RateLimitStore.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Fails with 429 when the bucket does not hold enough; then nothing is taken. */
  readonly take: (key: string, events: number) => Effect.Effect<void, Problem.Problem>
  /** The same for signing in, by who tries. */
  readonly attempt: (who: string) => Effect.Effect<void, Problem.Problem>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RateLimit extends Context.Tag("effect-telemetry/collector/RateLimit")<RateLimit, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, RateLimiter.RateLimiter> = Effect.gen(function*() {
  const limiter = yield* RateLimiter.RateLimiter
  const { eventsPerMinute } = yield* Limits.CollectorLimits
  const consume = (key: string, limit: number, tokens: number) =>
    limiter.consume({
      algorithm: "token-bucket",
      onExceeded: "fail",
      window: Duration.minutes(1),
      limit,
      key,
      tokens
    }).pipe(
      Effect.mapError((error) =>
        error.reason === "Exceeded"
          ? Problem.rateLimited(Math.max(1, Math.ceil(Duration.toSeconds(error.retryAfter))))
          : Problem.unavailable
      ),
      Effect.asVoid
    )
  return RateLimit.of({
    // A batch above the whole limit waits for a full bucket, not for ever.
    take: (key, events) => consume(key, eventsPerMinute, Math.min(events, eventsPerMinute)),
    attempt: (who) => consume(`sign-in:${who}`, Limits.signInsPerMinute, 1)
  })
})

/**
 * Shared by all replicas on Postgres. On SQLite there is one process, whose memory is nearer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimit, never, SqlClient.SqlClient> = Layer.effect(RateLimit, make).pipe(
  Layer.provide(RateLimiter.layer),
  Layer.provide(Layer.unwrapEffect(Effect.map(
    SqlClient.SqlClient,
    (sql) => Dialect.of(sql).name === "postgres" ? RateLimitStore.layer : RateLimiter.layerStoreMemory
  )))
)
