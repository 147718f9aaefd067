/**
 * How long an endpoint asks to be left alone: the `Retry-After` header, in either of its forms.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Policy from "../Policy.js"

const number = /^\d+(?:\.\d+)?(?:[eE]\+?\d+)?$/

const months: ReadonlyArray<string> = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec"
]

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and the older `Sunday, 06-Nov-94 08:49:37 GMT`. */
const dayFirst = /^[A-Z][a-z]{2,8}, (\d{2})[ -]([A-Z][a-z]{2})[ -](\d{2}|\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/

/** `Sun Nov  6 08:49:37 1994`, the oldest form. */
const monthFirst = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

const year = (text: string): number => text.length === 2 ? 2000 + Number(text) : Number(text)

const toTime = (
  years: string,
  month: string,
  day: string,
  hours: string,
  minutes: string,
  seconds: string
): number | null => {
  const index = months.indexOf(month)
  const time = Date.UTC(year(years), index, Number(day), Number(hours), Number(minutes), Number(seconds))
  return index < 0 || Number.isNaN(time) ? null : time
}

const parseDate = (text: string): number | null => {
  const a = dayFirst.exec(text)
  if (a !== null) return toTime(a[3]!, a[2]!, a[1]!, a[4]!, a[5]!, a[6]!)
  const b = monthFirst.exec(text)
  return b === null ? null : toTime(b[6]!, b[1]!, b[2]!, b[3]!, b[4]!, b[5]!)
}

/**
 * The wait that is asked for, cut to `Policy.maxRetryAfterMillis`. Null when none is: no header, a moment already past,
 * zero, or text that is neither seconds nor a date. `now` is in milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category parsing
 */
export const parse = (value: string | null, now: number): Duration.Duration | null => {
  if (value === null) return null
  const text = value.trim()
  let millis: number | null
  if (number.test(text)) {
    millis = Number(text) * 1000
  } else {
    const time = parseDate(text)
    millis = time === null ? null : time - now
  }
  return millis !== null && millis > 0 ? Duration.millis(Math.min(millis, Policy.maxRetryAfterMillis)) : null
}
