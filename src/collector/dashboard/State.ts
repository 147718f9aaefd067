/**
 * What a page is asked to show, as its address says it: a link that is shared shows the same to who opens it.
 *
 * @since 0.1.0
 */
import type { Scope, Step } from "../Insights.js"
import * as Period from "../Period.js"
import * as Before from "./Before.js"
import * as Words from "./Words.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Range = "24h" | "7d" | "30d" | "90d" | "12m" | "own"

interface Known {
  readonly name: string
  readonly days: number
  readonly interval: Period.Interval
}

/**
 * @since 0.1.0
 * @category constants
 */
export const ranges: Readonly<Record<Exclude<Range, "own">, Known>> = {
  "24h": { name: "24 hours", days: 1, interval: "hour" },
  "7d": { name: "7 days", days: 7, interval: "day" },
  "30d": { name: "30 days", days: 30, interval: "day" },
  "90d": { name: "90 days", days: 90, interval: "day" },
  "12m": { name: "12 months", days: 364, interval: "week" }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface State {
  readonly range: Range
  readonly scope: Scope
  /** As it was chosen; undefined: what suits the range. */
  readonly interval: Period.Interval | undefined
  /** Undefined: nothing is compared. */
  readonly previous: Before.Before | undefined
  readonly params: URLSearchParams
  readonly now: number
}

/** More points than these are no chart. */
const mostBuckets = 400

/** The longest name that events carry is far below. */
const mostCharacters = 512

const isRange = (text: string | null): text is Exclude<Range, "own"> => text !== null && Object.hasOwn(ranges, text)

const intervalOf = (text: string | null): Period.Interval | undefined =>
  Period.intervals.find((interval) => interval === text)

const dateOf = (text: string | null): number | undefined => {
  const time = /^\d{4}-\d\d-\d\d$/.test(text ?? "") ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // Engines take the 31st of a short month for a day of the next one.
  return Number.isNaN(time) || time < 0 || Words.day(time) !== text ? undefined : time
}

/** Days that one date alone stands for. */
const daysOfOne = 30

/**
 * The first and the last day that were chosen; undefined: none was. Where one is missing it is today, or a month before the
 * other; in the wrong order they are meant the other way round.
 */
const chosenDays = (params: URLSearchParams, now: number): readonly [first: number, last: number] | undefined => {
  const [from, to] = [dateOf(params.get("from")), dateOf(params.get("to"))]
  if (from === undefined && to === undefined) return undefined
  const last = to ?? Math.max(Period.startOf("day", now), from ?? 0)
  const first = from ?? Math.max(last - (daysOfOne - 1) * Period.dayMillis, 0)
  return first <= last ? [first, last] : [last, first]
}

const suiting = (days: number): Period.Interval =>
  days <= 2 ? "hour" : days <= 100 ? "day" : days <= 730 ? "week" : "month"

const named = (params: URLSearchParams, name: string): string | undefined => {
  const text = params.get(name) ?? ""
  return text === "" || text.length > mostCharacters || text.includes("\u0000") ? undefined : text
}

/** A chosen length that makes too many points gives way to one that does not. */
const within = (chosen: Period.Interval | undefined, automatic: Period.Interval, days: number): Period.Interval => {
  if (chosen === undefined) return automatic
  return chosen === "hour" && days * 24 > mostBuckets || chosen === "day" && days > mostBuckets ? automatic : chosen
}

interface Span {
  readonly range: Range
  readonly from: number
  readonly to: number
  readonly interval: Period.Interval
}

const spanOf = (params: URLSearchParams, chosen: Period.Interval | undefined, now: number): Span => {
  const own = chosenDays(params, now)
  const asked = params.get("range")
  // Dates win: they are typed beside a range that was chosen before.
  if (own !== undefined) {
    const [from, last] = own
    const to = Math.min(last + Period.dayMillis, Math.max(Period.endOf("day", now), from + Period.dayMillis))
    const days = (to - from) / Period.dayMillis
    return { range: "own", from, to, interval: within(chosen, suiting(days), days) }
  }
  const range = isRange(asked) ? asked : "30d"
  const { days, interval: automatic } = ranges[range]
  const interval = within(chosen, automatic, days)
  const to = Period.endOf(interval, now)
  return { range, from: Period.startOf(interval, to - days * Period.dayMillis), to, interval }
}

/**
 * What cannot be understood is as if it were not said. An application that the key is bound to is the only one there is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (params: URLSearchParams, now: number, boundTo: string | null): State => {
  const chosen = intervalOf(params.get("interval"))
  const { from, interval, range, to } = spanOf(params, chosen, now)
  const scope = { from, to, interval, app: boundTo ?? named(params, "app"), version: named(params, "version") }
  return {
    range,
    scope,
    interval: chosen,
    previous: params.get("compare") === "no" ? undefined : Before.of(scope, now),
    params,
    now
  }
}

/**
 * Parameters that every link of a page keeps.
 *
 * @since 0.1.0
 * @category constants
 */
export const kept: ReadonlyArray<string> = ["range", "from", "to", "interval", "app", "version", "compare"]

/**
 * The address of a page that shows the same scope, with changes; null takes a parameter away.
 *
 * @since 0.1.0
 * @category conversions
 */
export const href = (
  { params }: State,
  path: string,
  changes: Readonly<Record<string, string | null>> = {}
): string => {
  const query = new URLSearchParams()
  for (const name of kept) {
    const value = params.get(name)
    if (value !== null && value !== "") query.set(name, value)
  }
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return text === "" ? path : `${path}?${text}`
}

/**
 * The address of the same page for as many days before or after.
 *
 * @since 0.1.0
 * @category conversions
 */
export const moved = (state: State, path: string, where: "before" | "after"): string => {
  const { from, to } = state.scope
  const days = Math.max(Math.round((to - from) / Period.dayMillis), 1)
  const first = where === "before"
    ? Math.max(Period.startOf("day", from - 1) - (days - 1) * Period.dayMillis, 0)
    : Period.endOf("day", to - 1)
  const last = first + (days - 1) * Period.dayMillis
  return href(state, path, { range: null, from: Words.day(first), to: Words.day(last) })
}

/**
 * Parameters of an export besides the scope.
 *
 * @since 0.1.0
 * @category models
 */
export type More = Readonly<Record<string, string | ReadonlyArray<string>>>

/**
 * Where a program gets what a card shows, for the same scope.
 *
 * @since 0.1.0
 * @category conversions
 */
export const exported = (
  { scope }: State,
  name: string,
  format: "csv" | "json",
  more: More = {}
): string => {
  const { app, from, interval, to, version } = scope
  const query = new URLSearchParams({ interval, from: new Date(from).toISOString(), to: new Date(to).toISOString() })
  if (app !== undefined) query.set("app", app)
  if (version !== undefined) query.set("version", version)
  for (const [key, value] of Object.entries(more)) {
    for (const one of typeof value === "string" ? [value] : value) query.append(key, one)
  }
  query.set("format", format)
  return `/v1/insights/${name}?${query}`
}

/**
 * @since 0.1.0
 * @category constants
 */
export const stepNames: ReadonlyArray<string> = ["s1", "s2", "s3", "s4", "s5", "s6"]

/**
 * `type` or `type:value`; what is empty is no step.
 *
 * @since 0.1.0
 * @category conversions
 */
export const steps = (valueOf: (name: string) => string | null | undefined): ReadonlyArray<Step> =>
  stepNames.flatMap((name) => {
    const text = (valueOf(name) ?? "").trim().slice(0, mostCharacters)
    if (text === "" || text.includes("\u0000")) return []
    const at = text.indexOf(":")
    return at < 0
      ? [{ eventType: text }]
      : [{ eventType: text.slice(0, at).trim(), dimension: text.slice(at + 1).trim() }]
  })
