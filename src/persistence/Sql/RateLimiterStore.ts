/**
 * The rate limiter's buckets in the store's file: shared by every process, and kept over restarts. Time is the wall clock, for
 * a monotonic clock means nothing to another process; when it is put back, a bucket neither fills nor runs dry by that.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { StoreError } from "../StoreError.js"
import { Database } from "./Database.js"
import type { Session } from "./Session.js"

interface Bucket {
  readonly tokens: number
  readonly at: number
}

const get = (session: Session, key: string): Bucket | undefined =>
  session.one<Bucket>("SELECT tokens, at FROM rate_limit WHERE key = ?", [key])

const put = (session: Session, key: string, { at, tokens }: Bucket): void => {
  session.run(
    `INSERT INTO rate_limit (key, tokens, at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET tokens = excluded.tokens, at = excluded.at`,
    [key, tokens, at]
  )
}

/** Whole tokens since the last refill; the rest of the time counts for the next one. */
const refill = (bucket: Bucket, now: number, limit: number, refillMillis: number): Bucket => {
  if (now < bucket.at) return { tokens: bucket.tokens, at: now }
  const fresh = refillMillis > 0 ? Math.floor((now - bucket.at) / refillMillis) : limit
  if (fresh <= 0) return bucket
  return { tokens: Math.min(limit, bucket.tokens + fresh), at: bucket.at + fresh * refillMillis }
}

type Options<Name extends "fixedWindow" | "tokenBucket"> = Parameters<RateLimiter.RateLimiterStore["Type"][Name]>[0]

const tokenBucket = (session: Session, options: Options<"tokenBucket">, now: number): number => {
  const key = "bucket/" + options.key
  const old = get(session, key)
  const refillMillis = Duration.toMillis(options.refillRate)
  const bucket = old === undefined ? { tokens: options.limit, at: now } : refill(old, now, options.limit, refillMillis)
  const left = Math.min(options.limit, bucket.tokens - options.tokens)
  const tokens = options.allowOverflow || left >= 0 ? left : bucket.tokens
  if (old === undefined || tokens !== old.tokens || bucket.at !== old.at) put(session, key, { tokens, at: bucket.at })
  return left
}

const fixedWindow = (session: Session, options: Options<"fixedWindow">, now: number): readonly [number, number] => {
  const key = "window/" + options.key
  const perToken = Duration.toMillis(options.refillRate)
  const old = get(session, key)
  // a window never ends later than all its tokens would take: more than that is a clock that was put back
  const end = old === undefined ? now : Math.min(old.at, now + old.tokens * perToken)
  const open = old !== undefined && end > now ? { tokens: old.tokens, at: end } : { tokens: 0, at: now }
  const tokens = open.tokens + options.tokens
  if (options.limit !== undefined && options.limit > 0 && tokens > options.limit) return [tokens, open.at - now]
  const next = { tokens: Math.max(0, tokens), at: Math.max(now, open.at + perToken * options.tokens) }
  put(session, key, next)
  return [next.tokens, next.at - now]
}

const failed = (error: StoreError) =>
  new RateLimiter.RateLimitStoreError({ message: "the rate limit cannot be read: " + error.message, cause: error })

/**
 * A store for the rate limiter of `@effect/experimental`. `tokens: 0` looks without taking; negative tokens are given back.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSql: Layer.Layer<RateLimiter.RateLimiterStore, never, Database> = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.map(Database, (database) => {
    const atNow = <A>(f: (session: Session, now: number) => A): Effect.Effect<A, RateLimiter.RateLimitStoreError> =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => Effect.mapError(database.write((session) => f(session, now)), failed)
      )
    return {
      tokenBucket: (options) => atNow((session, now) => tokenBucket(session, options, now)),
      fixedWindow: (options) => atNow((session, now) => fixedWindow(session, options, now))
    }
  })
)
