/**
 * What a destination should do next, from what is known: pure.
 *
 * @since 0.1.0
 */
import type { DestinationState } from "../domain/Destination.js"
import * as Policy from "../Policy.js"

/**
 * Times are milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category models
 */
export interface Input {
  /** When the next event may be claimed; null when none waits. */
  readonly due: number | null
  /** Events that wait, as far as is known; at least those that are due. */
  readonly waiting: number
  /** Tokens at hand. */
  readonly tokens: number
  /** Tokens that the batch at the head needs, where it is known that it must not be cut; else 0. */
  readonly needed: number
  /** Milliseconds in which one token comes back. */
  readonly refillMillis: number
  readonly burst: number
  readonly batchSize: number
  /** Events of the batch that finds out whether a destination is back. */
  readonly probeSize: number
  readonly state: DestinationState
  readonly now: number
  /** The longest delay that is believed, in milliseconds. */
  readonly longestDelay: number
  /** A person asks: back-off and pause are overridden, `Retry-After` is not. */
  readonly person: boolean
  /** Wait for a batch that is worth a request, instead of sending what the tokens at hand allow. */
  readonly patient: boolean
  /** The transport as it is set up now. */
  readonly fingerprint: string
}

/**
 * - `due`: events wait, none of them may be tried yet
 * - `back-off`, `paused`: the destination was away, or is set up wrongly
 * - `retry-after`: the endpoint asked to be left alone
 * - `limit`: the rate limit
 *
 * @since 0.1.0
 * @category models
 */
export type Why = "due" | "back-off" | "paused" | "retry-after" | "limit"

/**
 * @since 0.1.0
 * @category models
 */
export type Plan =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Wait"; readonly until: number; readonly why: Why }
  | {
    readonly _tag: "Submit"
    /** A batch made anew takes at most this many: never more than the tokens at hand. */
    readonly limit: number
    /** A batch that must stay as it is may have up to this many; it waits if the tokens at hand are fewer. */
    readonly kept: number
  }

/**
 * Takes back times that only a clock that jumped can have written: what is further away than a delay can be is brought to
 * where the longest one would end. The same object when there is nothing to do.
 *
 * @since 0.1.0
 * @category decisions
 */
export const settleClock = (state: DestinationState, now: number, longestDelay: number): DestinationState => {
  const nextAttemptAt = sooner(state.nextAttemptAt, now + longestDelay)
  const retryAfter = sooner(state.retryAfter, now + Policy.maxRetryAfterMillis)
  return nextAttemptAt === state.nextAttemptAt && retryAfter === state.retryAfter
    ? state
    : { ...state, nextAttemptAt, retryAfter }
}

const sooner = (time: number | null, limit: number): number | null => time === null || time <= limit ? time : limit

/**
 * A destination paused for an endpoint or a key that is no longer in use.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isResumed = (state: DestinationState, fingerprint: string): boolean =>
  state.paused !== null && state.fingerprint !== fingerprint

/**
 * @since 0.1.0
 * @category decisions
 */
export const plan = (input: Input): Plan => {
  const { now, person } = input
  if (input.due === null) return { _tag: "Done" }
  const state = settleClock(input.state, now, input.longestDelay)
  const resumed = isResumed(state, input.fingerprint)

  let until = now
  let why: Why = "due"
  const holdBack = (time: number | null, reason: Why): void => {
    if (time !== null && time > until) [until, why] = [time, reason]
  }
  holdBack(state.retryAfter, "retry-after")
  if (!person && !resumed) holdBack(state.nextAttemptAt, state.paused === null ? "back-off" : "paused")
  holdBack(input.due, "due")
  if (until > now) return { _tag: "Wait", until, why }

  const largest = Math.max(Math.min(input.batchSize, input.burst), 1)
  const size = state.failures > 0 && !resumed ? Math.min(largest, Math.max(input.probeSize, 1)) : largest
  const worthwhile = Math.min(size, Math.max(input.waiting, 1))
  const tokens = Math.max(Math.floor(input.tokens), 0)
  const needed = Math.min(input.needed, largest)
  if (tokens < Math.max(input.patient ? worthwhile : 1, needed)) {
    const wait = Math.max(Math.ceil((Math.max(worthwhile, needed) - tokens) * input.refillMillis), 1)
    return { _tag: "Wait", until: now + wait, why: "limit" }
  }
  return { _tag: "Submit", limit: Math.min(tokens, size), kept: largest }
}
