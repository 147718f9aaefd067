/**
 * The rate limiter's buckets in the database, shared by all replicas. A take is one statement: of two at once, one takes
 * after the other, and takes from one bucket that wait in the same process are one. Time is that of the replica that asks;
 * clocks that differ shift a bucket by as much and no more.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Dialect from "./Dialect.js"
import * as Grouped from "./Grouped.js"
import * as Limits from "./Limits.js"

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

/** Takes that can be one. */
const bucketOf = ({ key, limit, refillRate }: Take): string => `${limit} ${Duration.toMillis(refillRate)} ${key}`

const failed = (cause: unknown) =>
  new RateLimiter.RateLimitStoreError({ message: "The rate limit cannot be read", cause })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimiter.RateLimiterStore, never, SqlClient.SqlClient> = Layer.scoped(
  RateLimiter.RateLimiterStore,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { take } = statements(Dialect.of(sql))
    const takeOne = (one: Take): Effect.Effect<number, RateLimiter.RateLimitStoreError> =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          Effect.mapBoth(sql.unsafe<{ readonly remaining: number }>(take, paramsOf(one, now)), {
            onFailure: failed,
            // A bucket is counted in whole tokens: of a part of one nobody can take.
            onSuccess: ([row]) => Math.floor(row?.remaining ?? -one.tokens)
          })
      )
    /** When there is not enough for all of them, none was taken: then some of them may still have theirs. */
    const takeAll = (takes: Arr.NonEmptyReadonlyArray<Take>) =>
      takes.length === 1
        ? Effect.map(takeOne(takes[0]), Arr.of)
        : Effect.flatMap(
          takeOne({ ...takes[0], tokens: takes.reduce((sum, { tokens }) => sum + tokens, 0) }),
          (remaining) => remaining < 0 ? Effect.forEach(takes, takeOne) : Effect.succeed(takes.map(() => remaining))
        )
    const grouped = yield* Grouped.make({
      handle: (takes: Arr.NonEmptyReadonlyArray<Take>) =>
        Effect.map(
          Effect.forEach(
            Object.values(Arr.groupBy(takes, bucketOf)),
            (same) => Effect.map(takeAll(same), (remaining) => Arr.zip(same, remaining))
          ),
          (found) => {
            const remaining = new Map(found.flat())
            return takes.map((one) => remaining.get(one)!)
          }
        ),
      sizeOf: () => 1,
      most: Limits.groupRequests
    })
    return {
      tokenBucket: (one) => one.allowOverflow ? takeOne(one) : grouped(one),
      fixedWindow: () => Effect.fail(failed("Only buckets are kept here"))
    }
  })
)
