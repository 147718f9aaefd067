/**
 * What was sent, when and where to, and how long the answers took.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Destination from "../../domain/Destination.js"
import * as Histogram from "../../domain/Histogram.js"
import { EventStore } from "../../persistence/EventStore.js"
import {
  maxRequests,
  noStats,
  type RequestRecord,
  type Stats,
  SubmissionQueue
} from "../../persistence/SubmissionQueue.js"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import { bytes } from "../render/text.js"
import type { Section } from "./Section.js"

const most = 100

const outcome = ({ error, rejected }: RequestRecord): Html =>
  error !== null
    ? html`${Page.badge("bad", "failed")} ${error}`
    : rejected > 0
    ? Page.badge("warn", "refused in part")
    : Page.badge("good", "accepted")

const row = (request: RequestRecord) => [
  Page.time(request.at),
  outcome(request),
  request.place ?? "this machine",
  request.events,
  bytes(request.bytes),
  request.accepted,
  request.rejected
]

const listed = (requests: ReadonlyArray<RequestRecord>): Html =>
  Table.table({
    caption: "Requests, newest first",
    captionHidden: true,
    columns: [
      "When",
      "Outcome",
      "Where to",
      { name: "Events", kind: "number" },
      { name: "Size", kind: "number" },
      { name: "Accepted", kind: "number" },
      { name: "Refused", kind: "number" }
    ],
    rows: requests.map(row),
    empty: "Nothing was sent from this machine."
  })

const milliseconds = (n: number): string => `${n >= 10 ? Math.round(n) : Math.round(n * 10) / 10} ms`

const quantile = (latency: Histogram.Histogram, q: number): string => {
  const value = Histogram.quantile(latency, q)
  return value === null ? "–" : milliseconds(value)
}

const figures = (stats: Stats, latency: Histogram.Histogram): Html =>
  Page.tiles([
    ["requests", Table.number(stats.requests)],
    ["of them failed", Table.number(stats.failedRequests)],
    ["sent in all", bytes(stats.bytes)],
    ["answered within (median)", quantile(latency, 0.5)],
    ["95 % answered within", quantile(latency, 0.95)]
  ])

const chart = (latency: Histogram.Histogram): Html => {
  const bins = Chart.bins(latency, 24)
  return Chart.histogram({
    id: "latency",
    title: "How long the endpoint took to answer",
    description: "How many requests were answered within which time. The ranges grow in width from left to right.",
    axis: "Up to",
    labels: bins.map(({ to }) => milliseconds(to)),
    marks: bins.map(({ to }) => String(Math.round(to))),
    series: [{ name: "requests", values: bins.map(({ count }) => count) }]
  })
}

const show = Effect.gen(function*() {
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  const exists = yield* store.exists
  const requests = exists ? yield* queue.requests(Destination.defaultId, most) : []
  const stats = exists ? yield* queue.stats(Destination.defaultId) : noStats
  const latency = Histogram.fromPairs(stats.latency)
  return html`<div id="figures" data-live="">${figures(stats, latency)}</div>
${Page.card("Requests, newest first", listed(requests), "requests-now")}
<div id="latency-now" data-live="">${Page.panel(chart(latency))}</div>`
})

/**
 * @since 0.1.0
 * @category pages
 */
export const sent: Section = {
  href: "sent",
  name: "Sent",
  lead: html`The newest of the last ${
    Table.number(maxRequests)
  } requests that left this machine, with where they went. What one event went through is told at its entry in the <a href="queue">queue</a>.`,
  show: () => show
}
