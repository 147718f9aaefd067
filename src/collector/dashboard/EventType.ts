/**
 * One type of event: how often, how many failed, how long it took, and by which values.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Notes from "../analysis/Notes.js"
import { EventTypes } from "../EventTypes.js"
import type { Dimension, Latency, Volume } from "../Insights.js"
import * as Before from "./Before.js"
import * as Section from "./Section.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

/** Rows of a list; its export has them all. */
const most = 50

const percentiles = ["p50", "p95", "p99"] as const

type Figure = (value: number | null) => string

/**
 * Percentiles of a type's metric by time, or of one value of its dimension.
 *
 * @since 0.1.0
 * @category constructors
 */
export const latency = (
  request: Section.Request,
  rows: ReadonlyArray<Latency>,
  options: { readonly title: string; readonly figure: Figure; readonly of: State.More }
): Html => {
  const known = new Map(rows.map((row) => [row.bucket, row]))
  return Section.chart(
    request,
    "Percentiles",
    Chart.lines({
      id: "latency",
      title: options.title,
      description: "Percentiles by time.",
      ...Section.time(request),
      whole: false,
      figure: options.figure,
      series: percentiles.map((p) => ({
        name: p,
        values: Section.buckets(request.state.scope).map((start) => known.get(start)?.[p] ?? null)
      }))
    }),
    "latency",
    options.of
  )
}

const byValue = (dimension: string, rows: ReadonlyArray<Dimension>, figure: Figure): Html => {
  // Of a type without dimension there is one value, without a name.
  const isBroken = rows.some(({ value }) => value !== "")
  const isMeasured = rows.some(({ p50 }) => p50 !== null)
  return html`${
    Table.table({
      caption: `By ${dimension}`,
      captionHidden: true,
      columns: [
        "Value",
        ...["Events", "Failed", "Sessions", "Installations", ...(isMeasured ? ["p50", "p95"] : [])].map((name) => ({
          name,
          kind: "number" as const
        }))
      ],
      rows: (isBroken ? rows.slice(0, most) : []).map(({ count, errors, installations, p50, p95, sessions, value }) => [
        value === "" ? html`<span class="quiet">none</span>` : value,
        Words.count(count),
        Words.share(Words.ratio(errors, count)),
        sessions,
        installations,
        ...(isMeasured ? [figure(p50), figure(p95)] : [])
      ]),
      empty: "Nothing breaks this type down: it has no dimension, or this collector does not know its declaration."
    })
  }${Section.more(rows.length - most)}`
}

const sum = (rows: ReadonlyArray<Volume>, figure: (row: Volume) => number): number => Section.total(rows.map(figure))

const countOf = ({ count }: Volume): number => count

const errorsOf = ({ errors }: Volume): number => errors

/**
 * `now` and `before` hold all types.
 *
 * @since 0.1.0
 * @category constructors
 */
export const show = Effect.fnUntraced(function*(
  request: Section.Request,
  eventType: string,
  volume: readonly [now: ReadonlyArray<Volume>, before: ReadonlyArray<Volume>]
): Effect.fn.Return<Html, SqlError> {
  const { insights, state } = request
  const { previous, scope } = state
  const known = (yield* EventTypes).get(eventType)
  const figure = Notes.isDuration(known) ? Words.millis : Words.amount
  const [now, before] = volume.map((rows) => rows.filter((row) => row.eventType === eventType))
  if (now === undefined || before === undefined) return html``
  const soFar = previous === undefined ? [] : yield* Before.volumeSoFar(insights, previous, before)
  const ofType = soFar.filter((row) => row.eventType === eventType)
  const tile = (name: string, of: (row: Volume) => number, better: Words.Better) => {
    const delta = previous !== undefined && Words.delta(sum(now, of), sum(ofType, of), better)
    return [name, html`${Words.count(sum(now, of))}${delta}`] as const
  }
  const rows = yield* insights.latency(scope, { eventType })
  const values = yield* insights.dimensions(scope, eventType)
  return html`<p><a href=${State.href(state, "/events")}>All types</a></p>${
    Page.tiles([tile(eventType, countOf, "neither"), tile("Failed", errorsOf, "less")])
  }${
    Section.chart(
      request,
      eventType,
      Chart.lines({
        id: "type",
        title: eventType,
        description: "Events of this type by time, and how many of them failed.",
        ...Section.time(request),
        series: [
          { name: "Events", values: Section.series(scope, now, countOf) },
          ...(sum(now, errorsOf) > 0 ? [{ name: "Failed", values: Section.series(scope, now, errorsOf) }] : []),
          ...(previous === undefined
            ? []
            : [{ name: "Period before", values: Section.series(previous.whole, before, countOf), before: true }])
        ]
      }),
      "volume",
      { eventType }
    )
  }${
    rows.some(({ p50 }) => p50 !== null) &&
    latency(request, rows, { title: `Percentiles: ${known?.metric ?? ""}`, figure, of: { eventType } })
  }${
    Section.card(
      request,
      `By ${known?.dimension ?? "value"}`,
      byValue(known?.dimension ?? "value", values, figure),
      "dimensions",
      { eventType }
    )
  }`
})
