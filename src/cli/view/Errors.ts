/**
 * Errors of the program by fingerprint: what fails, how often, since when.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ErrorOccurred } from "../../domain/EventCatalog.js"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import { bucketStart } from "../../LocalStats.js"
import { EventStore } from "../../persistence/EventStore.js"
import * as Stored from "../../Stored.js"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Days from "./Days.js"
import type { Request, Section } from "./Section.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Group {
  readonly fingerprint: string
  /** As the newest of them says. */
  readonly errorType: string
  readonly message: string
  readonly severity: string
  readonly fatal: boolean
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  readonly lastAt: number
  /** Scaled back from sampling and throttling. */
  readonly count: number
  readonly sessions: number
  /** By the start of the day, fatal ones and others. */
  readonly byDay: ReadonlyMap<number, Daily>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Daily {
  readonly fatal: number
  readonly other: number
}

interface Growing extends Group {
  readonly in: Set<string>
  readonly byDay: Map<number, Daily>
}

const textOf = (data: Readonly<Record<string, unknown>>, field: string): string => {
  const value = data[field]
  return typeof value === "string" ? value : ""
}

const none: Daily = { fatal: 0, other: 0 }

/** A group that the event belongs to; the newest event speaks for all. */
const grown = (before: Growing | undefined, event: RedactedEvent, data: Readonly<Record<string, unknown>>): Growing => {
  const known = before ?? { in: new Set<string>(), byDay: new Map<number, Daily>(), firstAt: event.time, count: 0 }
  const times = typeof data["count"] === "number" && data["count"] > 0 ? data["count"] : 1
  const weight = times * (1 + event.suppressed) / event.rate
  const day = bucketStart(event.time, "day")
  known.in.add(event.context.sessionId)
  const { fatal, other } = known.byDay.get(day) ?? none
  known.byDay.set(day, data["fatal"] === true ? { fatal: fatal + weight, other } : { fatal, other: other + weight })
  return {
    in: known.in,
    byDay: known.byDay,
    fingerprint: textOf(data, "fingerprint"),
    errorType: textOf(data, "errorType"),
    message: textOf(data, "message"),
    severity: textOf(data, "severity"),
    fatal: data["fatal"] === true || before?.fatal === true,
    firstAt: Math.min(known.firstAt, event.time),
    lastAt: Math.max(before?.lastAt ?? 0, event.time),
    count: known.count + weight,
    sessions: known.in.size
  }
}

/**
 * Gathers `error_occurred` events, most frequent first. Mutable on purpose: fed portion by portion.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fold = () => {
  const groups = new Map<string, Growing>()
  return {
    add: (event: RedactedEvent): void => {
      const data: Readonly<Record<string, unknown>> = JSON.parse(event.data)
      const key = textOf(data, "fingerprint") || textOf(data, "errorType")
      groups.set(key, grown(groups.get(key), event, data))
    },
    groups: (): ReadonlyArray<Group> => [...groups.values()].sort((a, b) => b.count - a.count || b.lastAt - a.lastAt)
  }
}

const most = 200

const row = (request: Request, group: Group) => {
  const trend = Days.names(request).map((day) => {
    const { fatal, other } = group.byDay.get(Date.parse(day)) ?? none
    return fatal + other
  })
  return [
    html`<strong>${group.errorType || "error"}</strong>${
      group.message !== "" && html`<br>${group.message}`
    }<br><code class="quiet">${group.fingerprint}</code>`,
    html`${Page.badge(group.fatal ? "bad" : "plain", group.fatal ? "fatal" : group.severity.toLowerCase() || "error")}`,
    Math.round(group.count),
    group.sessions,
    Page.time(group.firstAt),
    Page.time(group.lastAt),
    Chart.sparkline(`${Math.round(group.count)} in ${trend.length} days`, trend)
  ]
}

const listed = (request: Request, groups: ReadonlyArray<Group>): Html =>
  html`${
    Table.table({
      caption: "Errors by fingerprint",
      captionHidden: true,
      columns: [
        { name: "Error", kind: "wide" },
        "Kind",
        { name: "Times", kind: "number" },
        { name: "Sessions", kind: "number" },
        "First seen",
        "Last seen",
        "By day"
      ],
      rows: groups.slice(0, most).map((group) => row(request, group)),
      empty: "No errors were recorded in this time."
    })
  }${groups.length > most && html`<p class="quiet">… and ${groups.length - most} rarer ones.</p>`}`

const chart = (request: Request, groups: ReadonlyArray<Group>): Html => {
  const days = Days.names(request)
  return Chart.bars({
    id: "errors-by-day",
    title: "Errors by day",
    description: "How many errors were recorded on each day, in UTC, fatal and other ones.",
    axis: "Day",
    labels: days,
    marks: days.map((day) => day.slice(5)),
    series: (["other", "fatal"] as const).map((kind) => ({
      name: kind,
      values: days.map((day) => groups.reduce((n, { byDay }) => n + (byDay.get(Date.parse(day)) ?? none)[kind], 0))
    }))
  })
}

const show = (request: Request) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const found = fold()
    if (yield* store.exists) {
      yield* Stream.runForEach(
        Stored.stream(store, { type: ErrorOccurred.type, from: Days.from(request) }),
        ({ event }) => Effect.sync(() => found.add(event))
      )
    }
    const groups = found.groups()
    return html`${Days.links(request, "errors")}
<div id="errors-now" data-live="">${Page.panel(chart(request, groups))}${
      Page.card("By fingerprint", listed(request, groups))
    }</div>`
  })

/**
 * @since 0.1.0
 * @category pages
 */
export const errors: Section = {
  href: "errors",
  name: "Errors",
  lead: "Errors that have the same cause share a fingerprint. Messages are recorded from level enhanced on.",
  show
}
