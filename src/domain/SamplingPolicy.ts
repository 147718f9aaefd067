/**
 * Which events of a type are recorded.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/**
 * @since 0.1.0
 * @category models
 */
export type SamplingPolicy =
  | { readonly _tag: "Always" }
  | { readonly _tag: "Never" }
  /** Each event with probability `rate`, above 0 and at most 1; the rate travels with the event. */
  | { readonly _tag: "Probabilistic"; readonly rate: number }
  /** At most `max` in each `interval`; the next one recorded carries how many it stands for besides itself. */
  | { readonly _tag: "Throttled"; readonly max: number; readonly interval: Duration.DurationInput }

/**
 * @since 0.1.0
 * @category constructors
 */
export const always: SamplingPolicy = { _tag: "Always" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const never: SamplingPolicy = { _tag: "Never" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const probabilistic = (rate: number): SamplingPolicy => ({ _tag: "Probabilistic", rate })

/**
 * @since 0.1.0
 * @category constructors
 */
export const throttled = (max: number, interval: Duration.DurationInput): SamplingPolicy => ({
  _tag: "Throttled",
  max,
  interval
})
