/**
 * The rate limiter's buckets in the database, shared by all replicas. A take is one statement: of two at once, one takes
 * after the other. Time is that of the replica that asks; clocks that differ shift a bucket by as much and no more.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Dialect from "./Dialect.js"

const number = "CAST(? AS DOUBLE PRECISION)"

/** `remaining` is what the taker is told: below zero when there were too few, and then none was taken. */
const statements = Dialect.statements((d) => {
  const filled = `${d.least}(${number}, b.tokens + ${d.greatest}(0, ${number} - b.at) / ${number})`
  return {
    take: `INSERT INTO rate_limits AS b (key, tokens, remaining, at) VALUES (?, ${number}, ${number}, ${number})
      ON CONFLICT (key) DO UPDATE SET
        tokens = ${filled} - CASE WHEN ${filled} >= ${number} THEN ${number} ELSE 0 END,
        remaining = ${filled} - ${number},
        at = ${d.greatest}(b.at, excluded.at)
      RETURNING remaining`
  }
})

type Take = Parameters<RateLimiter.RateLimiterStore["Type"]["tokenBucket"]>[0]

const paramsOf = ({ allowOverflow, key, limit, refillRate, tokens }: Take, now: number): ReadonlyArray<unknown> => {
  const filled = [limit, now, Math.max(Duration.toMillis(refillRate), Number.MIN_VALUE)]
  const enough = allowOverflow ? Number.MIN_SAFE_INTEGER : tokens
  return [key, limit - tokens, limit - tokens, now, ...filled, ...filled, enough, tokens, ...filled, tokens]
}

const failed = (cause: unknown) =>
  new RateLimiter.RateLimitStoreError({ message: "The rate limit cannot be read", cause })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimiter.RateLimiterStore, never, SqlClient.SqlClient> = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.map(SqlClient.SqlClient, (sql) => {
    const { take } = statements(Dialect.of(sql))
    return {
      tokenBucket: (options) =>
        Effect.flatMap(
          Clock.currentTimeMillis,
          (now) =>
            Effect.mapBoth(sql.unsafe<{ readonly remaining: number }>(take, paramsOf(options, now)), {
              onFailure: failed,
              // A bucket is counted in whole tokens: of a part of one nobody can take.
              onSuccess: ([row]) => Math.floor(row?.remaining ?? -options.tokens)
            })
        ),
      fixedWindow: () => Effect.fail(failed("Only buckets are kept here"))
    }
  })
)
