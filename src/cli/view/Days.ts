/**
 * How far back a page looks, and the days in between.
 *
 * @since 0.1.0
 */
import type { StatsRow } from "../../LocalStats.js"
import type { Options } from "../../web/chart/Frame.js"
import { type Html, html } from "../../web/Html.js"
import { groupBy } from "./Group.js"
import type { Request } from "./Section.js"

const dayMillis = 86_400_000

const choices = [7, 30, 90] as const

/**
 * Days to look back, this one included.
 *
 * @since 0.1.0
 * @category getters
 */
export const count = ({ params }: Request): number => choices.find((n) => String(n) === params.get("days")) ?? 30

/**
 * Start of the first day, in milliseconds since the epoch, UTC.
 *
 * @since 0.1.0
 * @category getters
 */
export const from = (request: Request): number => (Math.floor(request.now / dayMillis) + 1 - count(request)) * dayMillis

/**
 * The days as `2026-11-21`, oldest first.
 *
 * @since 0.1.0
 * @category getters
 */
export const names = (request: Request): ReadonlyArray<string> =>
  Array.from(
    { length: count(request) },
    (_, i) => new Date(from(request) + i * dayMillis).toISOString().slice(0, 10)
  )

/**
 * Links to the other lengths of time.
 *
 * @since 0.1.0
 * @category constructors
 */
export const links = (request: Request, href: string): Html =>
  html`<p class="row" role="group" aria-label="Period">${
    choices.map((n) =>
      n === count(request)
        ? html`<strong aria-current="true">${n} days</strong>`
        : html`<a href="${href}?days=${n}">${n} days</a>`
    )
  }</p>`

const sum = (rows: ReadonlyArray<StatsRow>, of: (row: StatsRow) => number): number =>
  rows.reduce((total, row) => total + of(row), 0)

/**
 * Daily rows as a chart: what went well below, what told of an error on top.
 *
 * @since 0.1.0
 * @category constructors
 */
export const chart = (
  request: Request,
  rows: ReadonlyArray<StatsRow>,
  about: { readonly id: string; readonly title: string; readonly description: string }
): Options => {
  const labels = names(request)
  const byDay = groupBy(rows, (row) => row.bucket.slice(0, 10))
  const of = (pick: (row: StatsRow) => number) => labels.map((day) => sum(byDay.get(day) ?? [], pick))
  return {
    ...about,
    axis: "Day",
    labels,
    marks: labels.map((day) => day.slice(5)),
    series: [
      { name: "events", values: of((row) => row.count - row.errors) },
      { name: "errors", values: of((row) => row.errors) }
    ]
  }
}
