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
import { type EventType, EventTypes } from "../EventTypes.js"
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

const figureOf = (known: EventType | undefined): Figure => Notes.isDuration(known) ? Words.millis : Words.amount

const hrefOf = (state: State.State, type: string, value: string | null = null): string =>
  State.href(state, "/events", { type, value })

/**
 * A value, leading to how often it came and when.
 *
 * @since 0.1.0
 * @category constructors
 */
export const link = ({ state }: Section.Request, eventType: string, value: string): Html =>
  value === "" ? html`<span class="quiet">none</span>` : html`<a href=${hrefOf(state, eventType, value)}>${value}</a>`

const byValue = (
  request: Section.Request,
  { dimension, eventType, figure }: { readonly eventType: string; readonly dimension: string; readonly figure: Figure },
  rows: ReadonlyArray<Dimension>
): Html => {
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
        link(request, eventType, value),
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

/** Of one bucket. */
interface Counts {
  readonly bucket: number
  readonly count: number
  readonly errors: number
}

interface Shown {
  readonly title: string
  readonly now: ReadonlyArray<Counts>
  readonly before: ReadonlyArray<Counts>
  /** Of the period before as much as has passed of this one. */
  readonly soFar: ReadonlyArray<Counts>
  readonly name: "volume" | "latency"
  readonly of: State.More
}

const countOf = ({ count }: Counts): number => count

const errorsOf = ({ errors }: Counts): number => errors

const sum = (rows: ReadonlyArray<Counts>, figure: (row: Counts) => number): number => Section.total(rows.map(figure))

/** How often, and how often in vain. */
const counted = (request: Section.Request, { before, name, now, of, soFar, title }: Shown): Html => {
  const { previous, scope } = request.state
  const tile = (name: string, figure: (row: Counts) => number, better: Words.Better) => {
    const delta = previous !== undefined && Words.delta(sum(now, figure), sum(soFar, figure), better)
    return [name, html`${Words.count(sum(now, figure))}${delta}`] as const
  }
  return html`${Page.tiles([tile(title, countOf, "neither"), tile("Failed", errorsOf, "less")])}${
    Section.chart(
      request,
      title,
      Chart.lines({
        id: "type",
        title,
        description: "Events by time, and how many of them failed.",
        ...Section.time(request),
        series: [
          { name: "Events", values: Section.series(scope, now, countOf) },
          ...(sum(now, errorsOf) > 0 ? [{ name: "Failed", values: Section.series(scope, now, errorsOf) }] : []),
          ...(previous === undefined
            ? []
            : [{ name: "Period before", values: Section.series(previous.whole, before, countOf), before: true }])
        ]
      }),
      name,
      of
    )
  }`
}

/** Of a type whose events are measured. */
const measured = (
  request: Section.Request,
  rows: ReadonlyArray<Latency>,
  known: EventType | undefined,
  of: State.More
): Html | false =>
  rows.some(({ p50 }) => p50 !== null) &&
  latency(request, rows, { title: `Percentiles: ${known?.metric ?? ""}`, figure: figureOf(known), of })

const ofValue = Effect.fnUntraced(function*(
  request: Section.Request,
  eventType: string,
  dimension: string
): Effect.fn.Return<Html, SqlError> {
  const { insights, state: { previous, scope } } = request
  const of = { eventType, dimension }
  const rows = yield* insights.latency(scope, of)
  const [before, soFar] = previous === undefined
    ? [[], []]
    : yield* Effect.all([insights.latency(previous.whole, of), insights.latency(previous.soFar, of)])
  return html`<p><a href=${hrefOf(request.state, eventType)}>All of <code>${eventType}</code></a></p>${
    counted(request, { title: dimension, now: rows, before, soFar, name: "latency", of })
  }${measured(request, rows, (yield* EventTypes).get(eventType), of)}`
})

/**
 * One type, or the value of its dimension that is asked for; `now` and `before` hold all types.
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
  const value = state.params.get("value") ?? ""
  if (value !== "" && !value.includes("\u0000")) return yield* ofValue(request, eventType, value)
  const known = (yield* EventTypes).get(eventType)
  const isOfType = (row: Volume): boolean => row.eventType === eventType
  const [now, before] = volume
  const soFar = previous === undefined ? [] : yield* Before.volumeSoFar(insights, previous, before)
  const of = { eventType }
  const dimension = known?.dimension ?? "value"
  return html`<p><a href=${State.href(state, "/events")}>All types</a></p>${
    counted(request, {
      title: eventType,
      now: now.filter(isOfType),
      before: before.filter(isOfType),
      soFar: soFar.filter(isOfType),
      name: "volume",
      of
    })
  }${measured(request, yield* insights.latency(scope, of), known, of)}${
    Section.card(
      request,
      `By ${dimension}`,
      byValue(request, { eventType, dimension, figure: figureOf(known) }, yield* insights.dimensions(scope, eventType)),
      "dimensions",
      of
    )
  }`
})
