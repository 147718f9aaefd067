/**
 * Who was there, exactly: pure. One row a series, subject and day says in which hours the subject was seen, so that each is
 * counted once in every hour, day, week and month, whenever its events arrive.
 *
 * @since 0.1.0
 */
import type * as Types from "effect/Types"
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

/** Values by series and kind, which have most of what follows in common. Numbers throughout: a text takes many times as long. */
class BySeries<A> {
  readonly #values = new Map<number, A>()

  constructor(readonly make: () => A) {}

  of(series: number, kind: number): A {
    const key = series * 2 + kind
    const before = this.#values.get(key)
    if (before !== undefined) return before
    const made = this.make()
    this.#values.set(key, made)
    return made
  }

  values(): Iterable<A> {
    return this.#values.values()
  }
}

/** By day, then by subject. */
type DaysOfSubjects = Map<number, Map<number, Types.Mutable<Day>>>

/**
 * Days as they come together: of a series, kind, subject and day there is one.
 *
 * @since 0.1.0
 * @category models
 */
export class Days {
  readonly #days = new BySeries((): DaysOfSubjects => new Map())

  /** Those who were seen in an hour, each with the milliseconds until it first was. */
  add(series: number, kind: Kind, hour: number, seen: ReadonlyMap<number, number>): void {
    const day = startOf("day", hour)
    const bit = 1 << ((hour - day) / hourMillis)
    const ofSeries = this.#days.of(series, kinds[kind])
    const subjects = ofSeries.get(day) ?? new Map<number, Types.Mutable<Day>>()
    ofSeries.set(day, subjects)
    seen.forEach((after, subject) => {
      const at = hour + after
      const before = subjects.get(subject)
      if (before === undefined) {
        subjects.set(subject, { series, kind: kinds[kind], subject, day, hours: bit, at })
      } else {
        before.hours |= bit
        if (at < before.at) before.at = at
      }
    })
  }

  all(): ReadonlyArray<Day> {
    const all: Array<Day> = []
    for (const days of this.#days.values()) {
      days.forEach((subjects) => subjects.forEach((day) => all.push(day)))
    }
    return all
  }
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
  const found: Array<Need> = []
  const bySeries = new BySeries((): Map<number, Types.Mutable<Need>> => new Map())
  // Of many subjects there are few days.
  const ranges = new Map(Array.from(new Set(added.map(({ day }) => day)), (day) => [day, rangeOf(day)]))
  for (const { day, kind, series, subject } of added) {
    const { from, to } = ranges.get(day)!
    const subjects = bySeries.of(series, kind)
    const before = subjects.get(subject)
    if (before === undefined) {
      const need = { series, kind, subject, from, to }
      subjects.set(subject, need)
      found.push(need)
    } else {
      before.from = Math.min(before.from, from)
      before.to = Math.max(before.to, to)
    }
  }
  return found
}

/** A day with its week and its month: who is known to have been there. */
interface Attendance {
  readonly week: number
  readonly month: number
  /** The hours of each. */
  readonly hours: Map<number, number>
  readonly ofWeek: Set<number>
  readonly ofMonth: Set<number>
}

/** Who of a series is known to have been there, and when. */
class Presence {
  readonly #days = new Map<number, Attendance>()
  readonly #weeks = new Map<number, Set<number>>()
  readonly #months = new Map<number, Set<number>>()

  on(day: number): Attendance {
    const before = this.#days.get(day)
    if (before !== undefined) return before
    const week = startOf("week", day)
    const month = startOf("month", day)
    const ofWeek = this.#weeks.get(week) ?? new Set()
    const ofMonth = this.#months.get(month) ?? new Set()
    const made = { week, month, hours: new Map<number, number>(), ofWeek, ofMonth }
    this.#days.set(day, made)
    this.#weeks.set(week, ofWeek)
    this.#months.set(month, ofMonth)
    return made
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
  const presences = new BySeries(() => new Presence())
  for (const { day, hours, kind, series, subject } of known) {
    const attendance = presences.of(series, kind).on(day)
    attendance.hours.set(subject, (attendance.hours.get(subject) ?? 0) | hours)
    attendance.ofWeek.add(subject)
    attendance.ofMonth.add(subject)
  }
  const found: Array<Arrival> = []
  for (const { day, hours, kind, series, subject } of added) {
    const attendance = presences.of(series, kind).on(day)
    const before = attendance.hours.get(subject)
    attendance.hours.set(subject, (before ?? 0) | hours)
    for (let fresh = hours & ~(before ?? 0); fresh !== 0; fresh &= fresh - 1) {
      const hour = 31 - Math.clz32(fresh & -fresh)
      found.push({ series, kind, subject, interval: "hour", start: day + hour * hourMillis })
    }
    if (before !== undefined) continue
    found.push({ series, kind, subject, interval: "day", start: day })
    const { month, ofMonth, ofWeek, week } = attendance
    if (!ofWeek.has(subject)) found.push({ series, kind, subject, interval: "week", start: week })
    if (!ofMonth.has(subject)) found.push({ series, kind, subject, interval: "month", start: month })
    ofWeek.add(subject)
    ofMonth.add(subject)
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
  if (known.length === 0) return added
  const before = new BySeries((): Map<number, Map<number, Known & Pick<Day, "at">>> => new Map())
  for (const day of known) {
    const days = before.of(day.series, day.kind)
    const subjects = days.get(day.day) ?? new Map<number, Known & Pick<Day, "at">>()
    days.set(day.day, subjects.set(day.subject, day))
  }
  return added.filter(({ at, day, hours, kind, series, subject }) => {
    const one = before.of(series, kind).get(day)?.get(subject)
    return one === undefined || (hours & ~one.hours) !== 0 || at < one.at
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
