/**
 * Figures and times as people read them.
 *
 * @since 0.1.0
 */
import type { Interval } from "../Period.js"

const weekdays = ["a Sunday", "a Monday", "a Tuesday", "a Wednesday", "a Thursday", "a Friday", "a Saturday"]

/**
 * Three digits that matter, thousands apart.
 *
 * @since 0.1.0
 * @category encoding
 */
export const figure = (value: number): string => {
  const size = Math.abs(value)
  const rounded = size >= 100 || Number.isInteger(value) ? Math.round(value) : Number(value.toPrecision(3))
  return rounded.toLocaleString("en-US", { maximumFractionDigits: 6 })
}

/**
 * @since 0.1.0
 * @category encoding
 */
export const percent = (share: number): string => `${figure(Number((share * 100).toPrecision(3)))} %`

/**
 * @since 0.1.0
 * @category encoding
 */
export const when = (bucket: number, interval: Interval): string => {
  const iso = new Date(bucket).toISOString()
  if (interval === "hour") return `at ${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
  if (interval === "day") return `on ${iso.slice(0, 10)}`
  return interval === "week" ? `in the week of ${iso.slice(0, 10)}` : `in ${iso.slice(0, 7)}`
}

/**
 * What it is compared with: `a Thursday`, `a Thursday at 14:00`.
 *
 * @since 0.1.0
 * @category encoding
 */
export const alike = (bucket: number, interval: Interval): string => {
  if (interval === "week" || interval === "month") return `a ${interval}`
  const date = new Date(bucket)
  const day = weekdays[date.getUTCDay()] ?? ""
  return interval === "day" ? day : `${day} at ${date.toISOString().slice(11, 16)} UTC`
}
