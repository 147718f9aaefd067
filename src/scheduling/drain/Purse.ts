/**
 * Tokens taken ahead of the requests they are for: a backlog then costs one transaction of the rate limiter for some ten
 * requests. What is left goes back when the drain ends, or a second later: tokens kept longer would be spent in a minute
 * they were not meant for. A process that is killed loses what it held, so that the rate is kept, not exceeded.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { StoreError } from "../../persistence/StoreError.js"
import type * as RateLimit from "../RateLimit.js"

/** @internal */
export interface Purse {
  /** Tokens at hand, here and in the bucket. Takes none. */
  readonly available: (destination: string) => Effect.Effect<number, StoreError>
  /** Pays for `n` events, or gives false when there are not as many tokens. */
  readonly take: (destination: string, n: number) => Effect.Effect<boolean, StoreError>
  readonly refund: (destination: string, n: number) => Effect.Effect<void, StoreError>
  /** Are there `n` here, without asking the bucket? */
  readonly unsafeHas: (destination: string, n: number, now: number) => boolean
  /** Gives back what is left, for every destination. */
  readonly empty: Effect.Effect<void, StoreError>
}

/** Batches paid for at once. */
const batchesAhead = 10

const freshMillis = 1_000

interface Held {
  tokens: number
  readonly at: number
}

/** `batch`: events of a full one. @internal */
export const make = (limit: RateLimit.Service, batch: number): Purse => {
  const purses = new Map<string, Held>()

  const fresh = (destination: string, now: number): Held | null => {
    const held = purses.get(destination)
    return held !== undefined && held.tokens > 0 && now >= held.at && now - held.at < freshMillis ? held : null
  }

  const giveBack = (destination: string): Effect.Effect<void, StoreError> =>
    Effect.suspend(() => {
      const held = purses.get(destination)
      purses.delete(destination)
      return held === undefined || held.tokens === 0 ? Effect.void : limit.refund(destination, held.tokens)
    })

  /** At most what the bucket holds, at least `n`, else nothing. */
  const fill = Effect.fnUntraced(
    function*(destination: string, n: number, now: number): Effect.fn.Return<boolean, StoreError> {
      yield* giveBack(destination)
      const most = Math.floor(yield* limit.available(destination))
      const tokens = Math.max(Math.min(most, batch * batchesAhead), n)
      if (!(yield* limit.take(destination, tokens))) return false
      purses.set(destination, { tokens: tokens - n, at: now })
      return true
    }
  )

  return {
    available: (destination) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const held = fresh(destination, now)
        if (held !== null && held.tokens >= batch) return Effect.succeed(held.tokens)
        return Effect.zipRight(giveBack(destination), limit.available(destination))
      }),
    take: (destination, n) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const held = fresh(destination, now)
        if (held === null || held.tokens < n) return fill(destination, n, now)
        held.tokens -= n
        return Effect.succeed(true)
      }),
    refund: (destination, n) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const held = fresh(destination, now)
        if (held === null) return limit.refund(destination, n)
        held.tokens += n
        return Effect.void
      }),
    unsafeHas: (destination, n, now) => (fresh(destination, now)?.tokens ?? 0) >= n,
    empty: Effect.suspend(() => Effect.forEach([...purses.keys()], giveBack, { discard: true }))
  }
}
