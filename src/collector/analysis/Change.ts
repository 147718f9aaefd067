/**
 * A figure against that of the period before.
 *
 * @since 0.1.0
 */
import * as Words from "./Words.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Change {
  readonly current: number | null
  readonly previous: number | null
  /** Null: one of the two is not known. */
  readonly absolute: number | null
  /** A share of the previous figure: 0.5 is half as much again. Null: that is not known, or was zero. */
  readonly relative: number | null
  readonly direction: "up" | "down" | "same" | "unknown"
  /** `+50 % (120, before 80)`. */
  readonly text: string
}

const textOf = (current: number, previous: number): string => {
  const pair = `${Words.figure(current)}, before ${Words.figure(previous)}`
  if (current === previous) return `no change (${Words.figure(current)})`
  const sign = current > previous ? "+" : "-"
  const difference = Math.abs(current - previous)
  return previous === 0
    ? `${sign}${Words.figure(difference)} (${pair})`
    : `${sign}${Words.percent(difference / Math.abs(previous))} (${pair})`
}

/**
 * @example
 * import * as Change from "effect-telemetry/collector/analysis/Change"
 *
 * Change.make(120, 80).text // "+50 % (120, before 80)"
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (current: number | null, previous: number | null): Change => {
  if (current === null || previous === null) {
    const text = current === null
      ? "not known"
      : `${Words.figure(current)}, nothing known of the period before`
    return { current, previous, absolute: null, relative: null, direction: "unknown", text }
  }
  return {
    current,
    previous,
    absolute: current - previous,
    relative: previous === 0 ? null : (current - previous) / Math.abs(previous),
    direction: current > previous ? "up" : current < previous ? "down" : "same",
    text: textOf(current, previous)
  }
}
