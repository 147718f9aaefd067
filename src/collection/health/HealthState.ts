/**
 * How well one service is, told from the results of its checks: pure, a result at a time.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * - `HEALTHY`: checks succeed
 * - `DEGRADED`: a check has failed, or says so, or too many of the last ones failed, or it is on its way back
 * - `UNHEALTHY`: several checks in a row have failed
 * - `UNKNOWN`: nothing is known yet, or there is nothing to look at
 *
 * @since 0.1.0
 * @category schemas
 */
export const Health = Schema.Literal("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN")

/**
 * @since 0.1.0
 * @category models
 */
export type Health = typeof Health.Type

/**
 * @since 0.1.0
 * @category models
 */
export interface Thresholds {
  /** Failures in a row that make it `DEGRADED`. */
  readonly degradedAfter: number
  /** Failures in a row that make it `UNHEALTHY`. */
  readonly unhealthyAfter: number
  /** Successes in a row that make it `HEALTHY` again. */
  readonly healthyAfter: number
  /** A failure that brings the share of successes among the last checks below this makes it `DEGRADED`, too; 0 to 1. */
  readonly minSuccessRate: number
  /** How many of the last checks that share is taken of. */
  readonly window: number
}

/**
 * One failure degrades, three in a row are unhealthy, two successes in a row recover; of the last 20 checks half may fail.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaults: Thresholds = {
  degradedAfter: 1,
  unhealthyAfter: 3,
  healthyAfter: 2,
  minSuccessRate: 0.5,
  window: 20
}

/**
 * What a check says. `Unknown` leaves all figures as they are.
 *
 * @since 0.1.0
 * @category models
 */
export type Result =
  | { readonly _tag: "Up" }
  /** It works, but not well. */
  | { readonly _tag: "Impaired"; readonly error: string }
  | { readonly _tag: "Down"; readonly error: string }
  | { readonly _tag: "Unknown" }

/**
 * `at` is in milliseconds since the epoch, `monotonic` in milliseconds of a clock that never jumps.
 *
 * @since 0.1.0
 * @category models
 */
export interface Moment {
  readonly at: number
  readonly monotonic: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface HealthState {
  readonly health: Health
  /** When it became so. */
  readonly since: Moment | null
  readonly checks: number
  readonly successes: number
  readonly consecutiveFailures: number
  readonly consecutiveSuccesses: number
  /** Of the last checks, newest last: was it a success? */
  readonly recent: ReadonlyArray<boolean>
  /** Milliseconds that were watched, and those of them in which it worked at least in part. */
  readonly watchedMillis: number
  readonly upMillis: number
  readonly lastCheck: Moment | null
  /** Of the last check that was no success; null once one was. */
  readonly lastError: string | null
}

/**
 * Before the first check.
 *
 * @since 0.1.0
 * @category constants
 */
export const initial: HealthState = {
  health: "UNKNOWN",
  since: null,
  checks: 0,
  successes: 0,
  consecutiveFailures: 0,
  consecutiveSuccesses: 0,
  recent: [],
  watchedMillis: 0,
  upMillis: 0,
  lastCheck: null,
  lastError: null
}

/**
 * Successes among the last checks, 0 to 1; null before the first.
 *
 * @since 0.1.0
 * @category getters
 */
export const recentSuccessRate = (recent: ReadonlyArray<boolean>): number | null =>
  recent.length === 0 ? null : recent.filter(Boolean).length / recent.length

const judge = (
  before: Health,
  result: Exclude<Result, { readonly _tag: "Unknown" }>,
  now: Pick<HealthState, "consecutiveFailures" | "consecutiveSuccesses" | "recent">,
  thresholds: Thresholds
): Health => {
  if (result._tag === "Down") {
    if (now.consecutiveFailures >= thresholds.unhealthyAfter) return "UNHEALTHY"
    if (before !== "HEALTHY") return before === "UNKNOWN" ? "DEGRADED" : before
    const flaps = (recentSuccessRate(now.recent) ?? 1) < thresholds.minSuccessRate
    return flaps || now.consecutiveFailures >= thresholds.degradedAfter ? "DEGRADED" : before
  }
  if (result._tag === "Impaired") return "DEGRADED"
  const isRecovering = before === "DEGRADED" || before === "UNHEALTHY"
  return isRecovering && now.consecutiveSuccesses < thresholds.healthyAfter ? "DEGRADED" : "HEALTHY"
}

const isUp = (health: Health): boolean => health === "HEALTHY" || health === "DEGRADED"

/**
 * The time since the last check counts as what the service was then.
 *
 * @since 0.1.0
 * @category transitions
 */
export const next = (state: HealthState, result: Result, now: Moment, thresholds: Thresholds): HealthState => {
  const passed = state.lastCheck === null ? 0 : Math.max(0, now.monotonic - state.lastCheck.monotonic)
  const watched = state.health === "UNKNOWN" ? 0 : passed
  const times = {
    watchedMillis: state.watchedMillis + watched,
    upMillis: state.upMillis + (isUp(state.health) ? watched : 0),
    lastCheck: now
  }
  if (result._tag === "Unknown") {
    return {
      ...state,
      ...times,
      health: "UNKNOWN",
      since: state.health === "UNKNOWN" ? state.since ?? now : now,
      consecutiveFailures: 0,
      consecutiveSuccesses: 0
    }
  }
  const success = result._tag !== "Down"
  const figures = {
    consecutiveFailures: success ? 0 : state.consecutiveFailures + 1,
    consecutiveSuccesses: result._tag === "Up" ? state.consecutiveSuccesses + 1 : 0,
    recent: [...state.recent, success].slice(-Math.max(1, thresholds.window))
  }
  const health = judge(state.health, result, figures, thresholds)
  return {
    ...times,
    ...figures,
    health,
    since: health === state.health ? state.since : now,
    checks: state.checks + 1,
    successes: state.successes + (success ? 1 : 0),
    lastError: result._tag === "Up" ? null : result.error
  }
}

/**
 * The health of all together: the worst of the services. What is only depended on degrades the whole at most, and what is
 * unknown says nothing unless all is.
 *
 * @since 0.1.0
 * @category folding
 */
export const overall = (
  parts: ReadonlyArray<{ readonly kind: "service" | "dependency"; readonly health: Health }>
): Health => {
  const known = parts.filter(({ health }) => health !== "UNKNOWN")
  if (known.length === 0) return "UNKNOWN"
  if (known.some(({ health, kind }) => health === "UNHEALTHY" && kind === "service")) return "UNHEALTHY"
  return known.every(({ health }) => health === "HEALTHY") ? "HEALTHY" : "DEGRADED"
}
