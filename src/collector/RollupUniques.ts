/**
 * Who was there, exactly: pure. One row a series, subject and day says in which hours the subject was seen, so that each is
 * counted once in every hour, day, week and month, whenever its events arrive.
 *
 * @since 0.1.0
 */
import { dayMillis, endOf, hourMillis, type Interval, startOf, weekMillis } from "./Period.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const kinds = { session: 0, installation: 1 } as const

/**
 * @since 0.1.0
 * @category models
 */
export type Kind = keyof typeof kinds

/**
 * A day of a subject in a series.
 *
 * @since 0.1.0
 * @category models
 */
export interface Day {
  readonly series: number
  readonly kind: number
  readonly subject: number
  /** The start of the day, milliseconds since the epoch. */
  readonly day: number
  /** A bit for each hour. */
  readonly hours: number
  /** When it was first seen that day. */
  readonly at: number
}

/**
 * One more in a period.
 *
 * @since 0.1.0
 * @category models
 */
export interface Arrival {
  readonly series: number
  readonly kind: number
  readonly subject: number
  readonly interval: Interval
  readonly start: number
}

/**
 * Whose days, and in which range, must be known before days are added: all that share a period with them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Need {
  readonly series: number
  readonly kind: number
  readonly subject: number
  readonly from: number
  readonly to: number
}

const keyOf = (
  { kind, series, subject }: { readonly series: number; readonly kind: number; readonly subject: number }
) => `${series} ${kind} ${subject}`

/**
 * @since 0.1.0
 * @category constructors
 */
export const dayOf = (series: number, kind: Kind, subject: number, hour: number, at: number): Day => {
  const day = startOf("day", hour)
  return { series, kind: kinds[kind], subject, day, hours: 1 << ((hour - day) / hourMillis), at }
}

/**
 * Days of which there are several become one.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (days: Iterable<Day>): ReadonlyArray<Day> => {
  const merged = new Map<string, Day>()
  for (const day of days) {
    const key = `${keyOf(day)} ${day.day}`
    const before = merged.get(key)
    merged.set(
      key,
      before === undefined ? day : { ...day, hours: before.hours | day.hours, at: Math.min(before.at, day.at) }
    )
  }
  return [...merged.values()]
}

/** All that shares a week or a month with a day. */
const rangeOf = (day: number): Pick<Need, "from" | "to"> => ({
  from: Math.min(startOf("month", day), startOf("week", day)),
  to: Math.max(endOf("month", day), endOf("week", day))
})

/**
 * @since 0.1.0
 * @category getters
 */
export const needs = (added: ReadonlyArray<Day>): ReadonlyArray<Need> => {
  const found = new Map<string, Need>()
  // Of many subjects there are few days.
  const ranges = new Map(Array.from(new Set(added.map(({ day }) => day)), (day) => [day, rangeOf(day)]))
  for (const { day, kind, series, subject } of added) {
    const key = keyOf({ kind, series, subject })
    const { from, to } = ranges.get(day)!
    const before = found.get(key)
    found.set(
      key,
      before === undefined
        ? { series, kind, subject, from, to }
        : { ...before, from: Math.min(before.from, from), to: Math.max(before.to, to) }
    )
  }
  return [...found.values()]
}

/** When a subject is known to have been there. */
class Presence {
  readonly hours = new Map<number, number>()
  readonly weeks = new Set<number>()
  readonly months = new Set<number>()

  add({ day, hours }: Pick<Day, "day" | "hours">): void {
    this.hours.set(day, (this.hours.get(day) ?? 0) | hours)
    this.weeks.add(startOf("week", day))
    this.months.add(startOf("month", day))
  }

  /** The periods that are new with this day. */
  news({ day, hours }: Pick<Day, "day" | "hours">): ReadonlyArray<readonly [Interval, number]> {
    const known = this.hours.get(day)
    const fresh = hours & ~(known ?? 0)
    const found: Array<readonly [Interval, number]> = []
    for (let hour = 0; hour < 24; hour += 1) {
      if ((fresh & (1 << hour)) !== 0) found.push(["hour", day + hour * hourMillis])
    }
    if (known !== undefined) return found
    found.push(["day", day])
    const week = startOf("week", day)
    if (!this.weeks.has(week)) found.push(["week", week])
    const month = startOf("month", day)
    if (!this.months.has(month)) found.push(["month", month])
    return found
  }
}

type Known = Pick<Day, "series" | "kind" | "subject" | "day" | "hours">

/**
 * The periods in which a subject was not known before and now is.
 *
 * @since 0.1.0
 * @category combinators
 */
export const arrivals = (known: ReadonlyArray<Known>, added: ReadonlyArray<Day>): ReadonlyArray<Arrival> => {
  const presences = new Map<string, Presence>()
  const of = (day: Known): Presence => {
    const key = keyOf(day)
    const before = presences.get(key)
    if (before !== undefined) return before
    const made = new Presence()
    presences.set(key, made)
    return made
  }
  for (const day of known) of(day).add(day)
  const found: Array<Arrival> = []
  for (const day of added) {
    const presence = of(day)
    const { kind, series, subject } = day
    for (const [interval, start] of presence.news(day)) found.push({ series, kind, subject, interval, start })
    presence.add(day)
  }
  return found
}

/**
 * Of the days added, those that say something that the known ones do not.
 *
 * @since 0.1.0
 * @category filtering
 */
export const telling = (
  known: ReadonlyArray<Known & Pick<Day, "at">>,
  added: ReadonlyArray<Day>
): ReadonlyArray<Day> => {
  const before = new Map(known.map((day) => [`${keyOf(day)} ${day.day}`, day]))
  return added.filter((day) => {
    const one = before.get(`${keyOf(day)} ${day.day}`)
    return one === undefined || (day.hours & ~one.hours) !== 0 || day.at < one.at
  })
}

/**
 * The hours of a day that lie in a range, as bits.
 *
 * @since 0.1.0
 * @category getters
 */
export const hoursWithin = (day: number, from: number, to: number): number => {
  const first = Math.max(0, Math.ceil((from - day) / hourMillis))
  const end = Math.min(24, Math.ceil((Math.min(to, day + dayMillis) - day) / hourMillis))
  let hours = 0
  for (let hour = first; hour < end; hour += 1) hours |= 1 << hour
  return hours
}

/**
 * What a set of weeks in which an installation was active adds to the table of those who came back: its first week, with
 * each of them.
 *
 * @since 0.1.0
 * @category getters
 */
export const cohort = (weeks: ReadonlySet<number>): ReadonlyArray<readonly [cohort: number, week: number]> => {
  const first = Math.min(...weeks)
  return Array.from(weeks, (week) => [first, week] as const)
}

/** @since 0.1.0 */
export const weeksBetween = (cohort: number, week: number): number => Math.round((week - cohort) / weekMillis)
