/**
 * How fast it is: durations by type and value, and Web Vitals.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import type { Dimension, Vital } from "../Insights.js"
import * as EventType from "./EventType.js"
import * as Section from "./Section.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

const measured: ReadonlyArray<readonly [eventType: string, name: string]> = [
  ["command_executed", "Commands"],
  ["query_performed", "Queries"],
  ["parser_invoked", "Parsers"],
  ["provider_call", "Providers"],
  ["ai_operation", "AI operations"],
  ["performance_measured", "Measurements"]
]

/** Rows of a list; its export has them all. */
const most = 25

/** The 75th percentile is good where three of four are: so it needs no thresholds that change from metric to metric. */
const rated = ({ count, good, poor }: Vital): Html =>
  good >= 0.75 * count
    ? Page.badge("good", "good")
    : poor > 0.25 * count
    ? Page.badge("bad", "poor")
    : Page.badge("warn", "needs improvement")

const vitals = (rows: ReadonlyArray<Vital>): Html =>
  Table.table({
    caption: "Web Vitals",
    captionHidden: true,
    columns: [
      "Metric",
      { name: "p75", kind: "number" },
      "Rating of p75",
      { name: "Good", kind: "number" },
      { name: "Needs improvement", kind: "number" },
      { name: "Poor", kind: "number" },
      { name: "Measured", kind: "number" }
    ],
    rows: rows.map((row) => [
      row.metric,
      row.metric === "CLS" ? Words.amount(row.p75) : Words.millis(row.p75),
      rated(row),
      ...[row.good, row.needsImprovement, row.poor].map((part) => Words.share(Words.ratio(part, row.count))),
      Words.count(row.count)
    ]),
    empty: "No Web Vitals in this time: pages report them with the browser client."
  })

const values = ({ state }: Section.Request, of: string, rows: ReadonlyArray<Dimension>): Html =>
  html`${
    Table.table({
      caption: "Percentiles by value",
      captionHidden: true,
      columns: [
        "Value",
        { name: "Count", kind: "number" },
        ...["p50", "p75", "p95", "p99"].map((name) => ({ name, kind: "number" as const }))
      ],
      rows: rows.slice(0, most).map((row) => [
        html`<a href=${State.href(state, "/performance", { of, value: row.value })}>${row.value}</a>`,
        Words.count(row.count),
        ...[row.p50, row.p75, row.p95, row.p99].map(Words.millis)
      ]),
      empty: "Nothing of this type in this time."
    })
  }${Section.more(rows.length - most)}`

/**
 * @since 0.1.0
 * @category constants
 */
export const performance: Section.Section = {
  path: "/performance",
  name: "Performance",
  lead: "Half of the durations are below p50, 95 of 100 below p95, 99 of 100 below p99.",
  show: (request) =>
    Effect.gen(function*() {
      const { insights, state } = request
      const { scope } = state
      const [of, name] = measured.find(([type]) => type === state.params.get("of")) ?? ["command_executed", "Commands"]
      const dimension = state.params.get("value") ?? undefined
      const rows = yield* insights.latency(scope, { eventType: of, dimension })
      const more = { eventType: of, ...(dimension === undefined ? {} : { dimension }) }
      return html`<nav aria-label="Types"><ul class="choices">${
        measured.map(([type, name]) =>
          html`<li><a href=${State.href(state, "/performance", { of: type })} aria-current=${
            type === of ? "true" : "false"
          }>${name}</a></li>`
        )
      }</ul></nav>${
        dimension !== undefined &&
        Page.notice("plain", html`Only ${dimension}. <a href=${State.href(state, "/performance", { of })}>Show all</a>`)
      }${EventType.latency(request, rows, { title: `${name}: how long they took`, figure: Words.millis, of: more })}${
        Section.card(request, "By value", values(request, of, yield* insights.dimensions(scope, of)), "dimensions", {
          eventType: of
        })
      }${Section.card(request, "Web Vitals", vitals(yield* insights.vitals(scope)), "vitals")}`
    })
}
