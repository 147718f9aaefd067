/**
 * From a decision to what is written: the state of the destination afterwards. Pure.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { DestinationState } from "../domain/Destination.js"
import * as Policy from "../Policy.js"
import type { Standing } from "./Decision.js"

/**
 * Why nothing is sent to an endpoint that the person was not asked about.
 *
 * @since 0.1.0
 * @category constants
 */
export const notConsented = "endpoint not consented to: run enable --remote to send there"

/**
 * A `Retry-After` in milliseconds within sane bounds; null when it asks for nothing.
 *
 * @since 0.1.0
 * @category conversions
 */
export const boundedRetryAfter = (retryAfter: Duration.Duration | null): number | null => {
  if (retryAfter === null) return null
  const millis = Math.ceil(Duration.toMillis(retryAfter))
  return millis > 0 ? Math.min(millis, Policy.maxRetryAfterMillis) : null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface At {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What the schedule gives for another failure, in milliseconds. */
  readonly delay: number
  /** The transport the outcome is of. */
  readonly fingerprint: string
}

/**
 * @since 0.1.0
 * @category decisions
 */
export const nextState = (state: DestinationState, standing: Standing, at: At): DestinationState => {
  const { delay, fingerprint, now } = at
  const clear = {
    failures: 0,
    nextAttemptAt: null,
    retryAfter: null,
    paused: null,
    fingerprint: null,
    lastAttemptAt: now,
    lastSuccessAt: state.lastSuccessAt
  }
  switch (standing._tag) {
    case "Healthy":
      return { ...clear, lastError: null, lastSuccessAt: now }
    case "Answered":
      return { ...clear, lastError: standing.error }
    case "BackOff": {
      const wait = boundedRetryAfter(standing.retryAfter)
      const pausedStill = state.paused !== null && state.fingerprint === fingerprint
      return {
        ...state,
        failures: state.failures + 1,
        nextAttemptAt: now + delay,
        retryAfter: wait === null ? null : now + wait,
        paused: pausedStill ? state.paused : null,
        fingerprint: pausedStill ? state.fingerprint : null,
        lastError: standing.error,
        lastAttemptAt: now
      }
    }
    case "Pause":
      return {
        ...state,
        failures: state.failures + 1,
        nextAttemptAt: now + delay,
        retryAfter: null,
        paused: standing.reason,
        fingerprint,
        lastError: standing.reason,
        lastAttemptAt: now
      }
  }
}
