/**
 * The first page: what holds and why, what there is, how the parts are, what was recorded.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Result } from "../../collection/health/HealthState.js"
import { ConsentGate } from "../../consent/ConsentGate.js"
import type { Effective } from "../../domain/Consent.js"
import type { StatsRow } from "../../LocalStats.js"
import { EventStore } from "../../persistence/EventStore.js"
import { SubmissionQueue, waiting } from "../../persistence/SubmissionQueue.js"
import * as PipelineHealth from "../../PipelineHealth.js"
import type { Status } from "../../Status.js"
import { Telemetry } from "../../Telemetry.js"
import { Config } from "../../TelemetryConfig.js"
import * as Chart from "../../web/Chart.js"
import { type Child, type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Notice from "../commands/notice.js"
import { waiting as toSend, why } from "../commands/statusView.js"
import { Host } from "../Host.js"
import { bytes } from "../render/text.js"
import * as Days from "./Days.js"
import { groupBy } from "./Group.js"
import type { Request, Section } from "./Section.js"
import * as Switches from "./Switches.js"
import * as Words from "./Words.js"

const lowered = (status: Status, { epoch }: Effective): Child =>
  epoch !== null && epoch.level !== status.level &&
  html` <span class="quiet">(you have consented to ${epoch.level}; the environment, a setting or this project lowers it)</span>`

const erasure = ({ lastError, requestedAt }: NonNullable<Status["erasure"]>): Html =>
  html`asked of the collector ${Page.time(requestedAt)}, not confirmed yet${
    lastError !== null && html` (${lastError})`
  }`

const state = (status: Status, effective: Effective, invocation: string): Html =>
  Table.pairs([
    [
      "Recording",
      html`${status.enabled ? Page.badge("good", "on") : Page.badge("plain", "off")} because ${
        why(status.reason, invocation)
      }`
    ],
    [
      "Level",
      status.enabled && html`${status.level}: ${Words.levels[status.level]}${lowered(status, effective)}` ||
      "nothing is recorded"
    ],
    [
      "Sending",
      status.remote
        ? html`${Page.badge("good", "on")} to ${status.endpoint ?? "no endpoint yet"}`
        : html`${Page.badge("plain", "off")} nothing leaves this machine`
    ],
    ...(status.optedOutAt === null ? [] : [["Opted out", Page.time(status.optedOutAt)] as const]),
    ...(status.erasure === null ? [] : [["Erasure", erasure(status.erasure)] as const]),
    [
      "Installation id",
      status.installationId === null ? "none" : html`<code>${status.installationId}</code>`
    ],
    ["Directory", status.dataDir === null ? "none" : html`<code>${status.dataDir}</code>`],
    [
      "Stored",
      status.store.events === null || status.store.bytes === null
        ? "unknown"
        : status.store.events === 0
        ? "nothing"
        : html`${Table.number(status.store.events)} events, ${bytes(status.store.bytes)}, since ${
          Page.time(status.store.oldest)
        }`
    ]
  ])

const figures = (status: Status): Html =>
  Page.tiles([
    ["events stored", Table.number(status.store.events)],
    ["waiting to be sent", Table.number(toSend(status))],
    ["accepted by the endpoint", Table.number(status.submission.totalSubmitted)],
    ["refused for good", Table.number(status.queue.dead)],
    ["dropped, with reasons", Table.number(Object.values(status.dropped).reduce((sum, n) => sum + n, 0))]
  ])

/** Of what can be seen from here: the worker lives in the program that records. */
const parts = (status: Status) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    const { destinations, queueLimit } = yield* Config
    if (!status.enabled && !(yield* store.exists)) return []
    const ofStore: Result = yield* Effect.match(store.size, {
      onFailure: ({ message }): Result => ({ _tag: "Down", error: message }),
      onSuccess: (): Result => ({ _tag: "Up" })
    })
    const perDestination = yield* Effect.forEach(destinations, (id) =>
      Effect.gen(function*() {
        const counts = yield* queue.counts(id)
        const suffix = destinations.length === 1 ? "" : ` ${id}`
        return [
          [`Queue${suffix}`, PipelineHealth.ofQueue(waiting(counts), queueLimit)],
          [`Sending${suffix}`, PipelineHealth.ofDestination(yield* queue.state(id))]
        ] as const
      }))
    return [["Store", ofStore] as const, ...perDestination.flat()]
  })

const health = (found: ReadonlyArray<readonly [name: string, result: Result]>): Html =>
  Table.table({
    caption: "Health of the parts",
    captionHidden: true,
    columns: ["Part", "State", { name: "Remark", kind: "wide" }],
    rows: found.map(([name, result]) => {
      const [tone, word, detail] = Words.health(result)
      return [name, Page.badge(tone, word), detail === "" ? "–" : detail]
    }),
    empty: "Telemetry is off and nothing is stored: there is nothing to look at."
  })

const byType = (rows: ReadonlyArray<StatsRow>): Html => {
  const types = Array.from(groupBy(rows, (row) => row.eventType), ([type, rows]) => ({
    type,
    count: rows.reduce((sum, row) => sum + row.count, 0),
    errors: rows.reduce((sum, row) => sum + row.errors, 0)
  })).sort((a, b) => b.count - a.count)
  const most = types[0]?.count ?? 0
  return Table.table({
    caption: "Events by type",
    captionHidden: true,
    columns: [{ name: "Event" }, { name: "Count", kind: "number" }, { name: "Errors", kind: "number" }, {
      name: "Share",
      kind: "bar"
    }],
    rows: types.map(({ count, errors, type }) => [html`<code>${type}</code>`, count, errors, Chart.share(count, most)]),
    empty: "Nothing was recorded in this time."
  })
}

const show = (request: Request) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const gate = yield* ConsentGate
    const { invocation } = yield* Host
    const status = yield* telemetry.status
    const effective = gate.unsafeCurrent()
    const rows = yield* telemetry.stats({ by: "day", from: Days.from(request) })
    const found = yield* parts(status)
    const { endpoint } = yield* Config
    const daily = Days.chart(request, rows, {
      id: "by-day",
      title: "Events by day",
      description: "How many events were recorded on each day, in UTC; those that tell of an error are counted apart."
    })
    return html`
${status.warnings.map((warning) => Page.notice("warn", warning))}
<div id="figures" data-live="">${figures(status)}</div>
${Switches.notice(status, yield* Notice.text)}
<div class="grid">
${Page.card("State", state(status, effective, invocation), "state-now")}
${Page.card("Your choice", Switches.show(request, status, effective, endpoint))}
</div>
${Page.card("Health of the parts", health(found), "health-now")}
<section class="card" aria-labelledby="activity"><h2 id="activity">Activity</h2>
${Days.links(request, "./")}
<div id="activity-now" data-live="">${Chart.bars(daily)}
<h3>By type</h3>${byType(rows)}</div></section>`
  })

/**
 * @since 0.1.0
 * @category pages
 */
export const overview: Section = {
  href: "./",
  name: "Overview",
  lead: "What is recorded on this machine, what leaves it, and who decided that.",
  show
}
