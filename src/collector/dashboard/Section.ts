/**
 * A page of the dashboard, and what its cards have in common.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import type * as Effect from "effect/Effect"
import type * as Chart from "../../web/Chart.js"
import { type Child, type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import type { Kept } from "../alerts/Rules.js"
import * as InsightQueries from "../InsightQueries.js"
import type { Release, Scope, Service } from "../Insights.js"
import * as Period from "../Period.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly insights: Service
  readonly state: State.State
  readonly releases: ReadonlyArray<Release>
  /** The rules of alerts that the reader may know of. */
  readonly rules: ReadonlyArray<Kept>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Section {
  readonly path: `/${string}`
  readonly name: string
  readonly lead: string
  /** It is of now, whatever range is chosen. */
  readonly isTimeless?: boolean | undefined
  readonly show: (request: Request) => Effect.Effect<Html, SqlError>
}

/** Where a program gets the same: `CSV JSON` below a card. */
const exports = (state: State.State, name: InsightQueries.Name, what: string, more: State.More): Html =>
  html`<p class="exports">${
    (["csv", "json"] as const).map((format) =>
      html`<a href=${
        State.exported(state, name, format, more)
      }>${format.toUpperCase()}<span class="unseen">: ${what}</span></a> `
    )
  }</p>`

/** What is below the figures of a card: of which versions they are, where that is not what was chosen, and their exports. */
const below = ({ state }: Request, name: InsightQueries.Name, what: string, more: State.More): Html => {
  const { scope } = state
  if (scope.version === undefined || InsightQueries.isByVersion(name, more)) return exports(state, name, what, more)
  const ofAll = { ...state, scope: { ...scope, version: undefined } }
  return html`<p class="quiet">Of all versions: these figures are not kept by version.</p>${
    exports(ofAll, name, what, more)
  }`
}

/**
 * A card with a heading, what it shows, and its exports.
 *
 * @since 0.1.0
 * @category constructors
 */
export const card = (
  request: Request,
  title: string,
  content: Child,
  name: InsightQueries.Name,
  more: State.More = {}
): Html => Page.card(title, html`${content}${below(request, name, title, more)}`)

/**
 * The same for a chart, which brings its heading.
 *
 * @since 0.1.0
 * @category constructors
 */
export const chart = (
  request: Request,
  title: string,
  content: Child,
  name: InsightQueries.Name,
  more: State.More = {}
): Html => Page.panel(html`${content}${below(request, name, title, more)}`)

/**
 * That a list is longer than what is shown of it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const more = (rest: number): Html | false =>
  rest > 0 && html`<p class="quiet">${Words.count(rest)} more: the exports have them all.</p>`

/** @since 0.1.0 */
export const buckets = ({ from, interval, to }: Scope): ReadonlyArray<number> => Period.starts(interval, from, to)

/** Of so many versions of one bucket the names are told; with nightly builds there may be hundreds. */
const mostNames = 3

const markersOf = (releases: ReadonlyArray<Release>, scope: Scope, starts: ReadonlyArray<number>) => {
  const places = new Map(starts.map((start, at) => [start, at]))
  const named = new Map<number, Array<string>>()
  for (const { firstSeen, version } of releases) {
    const at = places.get(Period.startOf(scope.interval, firstSeen))
    if (at !== undefined) named.set(at, [...named.get(at) ?? [], version])
  }
  return Array.from(named, ([at, all]) => {
    const rest = all.length - mostNames
    return { at, name: `${all.slice(-mostNames).reverse().join(", ")}${rest > 0 ? ` and ${rest} more` : ""}` }
  })
}

/**
 * The upright axis of time: labels, marks, the releases that came within it, and whether its end is still going on.
 *
 * @since 0.1.0
 * @category constructors
 */
export const time = (
  { releases, state: { now, scope } }: Request
): Pick<Chart.Options, "axis" | "labels" | "marks" | "markers" | "open"> => {
  const starts = buckets(scope)
  const names = starts.map((start) => Words.bucket(scope.interval, start))
  const open = scope.to > now
  return {
    axis: "From (UTC)",
    labels: names.map(([label], i) => open && i === names.length - 1 ? `${label}, so far` : label),
    marks: names.map(([, mark]) => mark),
    markers: markersOf(releases, scope, starts),
    open
  }
}

/**
 * The figures of a scope in the order of its buckets, 0 where nothing was.
 *
 * @since 0.1.0
 * @category conversions
 */
export const series = <A extends { readonly bucket: number }>(
  scope: Scope,
  rows: ReadonlyArray<A>,
  figure: (row: A) => number
): ReadonlyArray<number> => {
  const sums = new Map<number, number>()
  for (const row of rows) sums.set(row.bucket, (sums.get(row.bucket) ?? 0) + figure(row))
  return buckets(scope).map((start) => sums.get(start) ?? 0)
}

/** @since 0.1.0 */
export const total = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0)
