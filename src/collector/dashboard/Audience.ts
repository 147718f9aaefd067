/**
 * Who uses it: versions, platforms, and whether people come back.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Table from "../../web/Table.js"
import type { Name } from "../InsightQueries.js"
import type { Cohort, Facet, Share } from "../Insights.js"
import * as Period from "../Period.js"
import * as Section from "./Section.js"
import * as Words from "./Words.js"

const facets: ReadonlyArray<readonly [facet: Facet, title: string, name: Name]> = [
  ["version", "Versions", "versions"],
  ["os", "Operating systems", "os"],
  ["arch", "Processors", "arch"],
  ["runtime", "Runtimes", "runtime"],
  ["runtimeVersion", "Versions of the runtime", "runtime-version"],
  ["memoryClass", "Memory", "memory"]
]

/** Rows of a list; its export has them all. */
const most = 12

/** Weeks side by side. */
const weeks = 10

const shares = (title: string, rows: ReadonlyArray<Share>): Html => {
  const sessions = Section.total(rows.map((row) => row.sessions))
  const sorted = [...rows].sort((a, b) => b.sessions - a.sessions)
  return html`${
    Table.table({
      caption: title,
      captionHidden: true,
      columns: [
        "Value",
        { name: "Sessions", kind: "number" },
        { name: "Installations", kind: "number" },
        { name: "Share", kind: "number" }
      ],
      rows: sorted.slice(0, most).map((row) => [
        row.value,
        row.sessions,
        row.installations,
        Words.share(Words.ratio(row.sessions, sessions))
      ]),
      empty: "Nothing is known of this time."
    })
  }${Section.more(rows.length - most)}`
}

const retention = (cohorts: ReadonlyArray<Cohort>, now: number): Html => {
  const width = Math.min(Math.max(0, ...cohorts.map(({ active }) => active.length)), weeks)
  return html`<p class="quiet">Of the installations first seen in a week, how many were active in that week and the ones that
followed; with a dashed edge: the week that is not over.</p>${
    Table.table({
      caption: "Weekly retention",
      captionHidden: true,
      keepsRows: true,
      columns: [
        "First seen",
        { name: "Size", kind: "number" },
        ...Array.from({ length: width }, (_, i) => ({ name: `Week ${i}`, kind: "number" as const }))
      ],
      rows: cohorts.map(({ active, size, week }) => [
        Words.day(week),
        size,
        ...Array.from({ length: width }, (_, i) => {
          const back = active[i]
          return back === undefined ? "" : Chart.heat(back, size, week + (i + 1) * Period.weekMillis > now)
        })
      ]),
      empty: "No installation was first seen in this time. Installations are known at level enhanced and above."
    })
  }`
}

/**
 * @since 0.1.0
 * @category constants
 */
export const audience: Section.Section = {
  path: "/audience",
  name: "Audience",
  lead: "Versions and platforms in use, and weekly retention.",
  show: (request) =>
    Effect.gen(function*() {
      const { insights, state: { now, scope } } = request
      const cards = yield* Effect.forEach(facets, ([facet, title, name]) =>
        Effect.map(insights.facet(scope, facet), (rows) =>
          Section.card(request, title, shares(title, rows), name)))
      return html`${
        Section.card(request, "Weekly retention", retention(yield* insights.retention(scope), now), "retention")
      }<div class="grid">${cards}</div>`
    })
}
