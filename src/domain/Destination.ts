/**
 * The state of one destination: back-off belongs to it, not to the events that wait for it.
 *
 * @since 0.1.0
 */

/**
 * The id of the only destination of an application that does not name several.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultId = "default"

/**
 * Times are milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category models
 */
export interface DestinationState {
  /** Failed attempts in a row. */
  readonly failures: number
  /** Nothing is sent before this, except once when a person asks. */
  readonly nextAttemptAt: number | null
  /** Nothing at all is sent before this: the endpoint asked for it. */
  readonly retryAfter: number | null
  /** Why submission is paused until endpoint or key change; null while it is not. */
  readonly paused: string | null
  /** What `paused` was said of: a hash of endpoint and key, so that a change of either resumes. */
  readonly fingerprint: string | null
  readonly lastError: string | null
  readonly lastAttemptAt: number | null
  readonly lastSuccessAt: number | null
}

/**
 * @since 0.1.0
 * @category constants
 */
export const initial: DestinationState = {
  failures: 0,
  nextAttemptAt: null,
  retryAfter: null,
  paused: null,
  fingerprint: null,
  lastError: null,
  lastAttemptAt: null,
  lastSuccessAt: null
}
