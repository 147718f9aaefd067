/**
 * Which events of a type are recorded, decided one by one.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { SamplingPolicy } from "../domain/SamplingPolicy.js"

/**
 * The state of a throttle. Times are in milliseconds of the monotonic clock.
 *
 * @since 0.1.0
 * @category models
 */
export interface Throttle {
  /** When the running interval began; null before the first event. */
  readonly since: number | null
  /** Recorded in it. */
  readonly recorded: number
  /** Not recorded since the last recorded one. */
  readonly suppressed: number
}

/**
 * @since 0.1.0
 * @category throttling
 */
export const idle: Throttle = { since: null, recorded: 0, suppressed: 0 }

/**
 * What becomes of one event at `now`: recorded, standing for the `suppressed` before it, or suppressed itself. An interval
 * begins with the first event after the one before has ended.
 *
 * @since 0.1.0
 * @category throttling
 */
export const throttle = (
  state: Throttle,
  max: number,
  intervalMillis: number,
  now: number
): { readonly record: boolean; readonly state: Throttle } => {
  const fresh = state.since === null || now - state.since >= intervalMillis
  const since = fresh ? now : state.since
  const recorded = fresh ? 0 : state.recorded
  return recorded < max
    ? { record: true, state: { since, recorded: recorded + 1, suppressed: 0 } }
    : { record: false, state: { since, recorded, suppressed: state.suppressed + 1 } }
}

/**
 * What a sampler decides with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sources {
  /** From 0, below 1. */
  readonly random: () => number
  /** Milliseconds of the monotonic clock. */
  readonly monotonic: () => number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Sampler {
  /** The share of events that is recorded, for the event to carry; 1 where it is not by chance. */
  readonly rate: number
  /** Decides one event: how many suppressed ones it stands for besides itself, or -1 when it is not recorded. */
  readonly unsafeNext: () => number
  /** Takes the last decision back: the event was not recorded after all. */
  readonly unsafeUndo: () => void
}

const nothing = (): void => {}

const never: Sampler = { rate: 1, unsafeNext: () => -1, unsafeUndo: nothing }

/**
 * The sampler of a policy; null when every event is recorded, so that nothing has to be asked. A rate of 0 or less, or one
 * that is not a number, records nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (policy: SamplingPolicy, sources: Sources): Sampler | null => {
  switch (policy._tag) {
    case "Always":
      return null
    case "Never":
      return never
    case "Probabilistic": {
      const { rate } = policy
      if (rate >= 1) return null
      return rate > 0 ? { rate, unsafeNext: () => sources.random() < rate ? 0 : -1, unsafeUndo: nothing } : never
    }
    case "Throttled": {
      const interval = Duration.toMillis(policy.interval)
      let before = idle
      let state = idle
      return {
        rate: 1,
        unsafeNext: () => {
          const decided = throttle(state, policy.max, interval, sources.monotonic())
          before = state
          state = decided.state
          return decided.record ? before.suppressed : -1
        },
        unsafeUndo: () => {
          state = before
        }
      }
    }
  }
}
