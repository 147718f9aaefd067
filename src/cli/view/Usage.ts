/**
 * How the program is used: features, commands, providers, conversations, suggestions, and at which hours.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Conversations, Suggestions } from "../../insight/Followed.js"
import type { Feature, Timed, Usage } from "../../insight/UsageSummary.js"
import { Telemetry } from "../../Telemetry.js"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Days from "./Days.js"
import type { Request, Section } from "./Section.js"
import { span } from "./Sessions.js"

/** Rows of each list: of a longer one both ends are shown, the most and the least used. */
const most = 40

const ends = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> =>
  list.length <= most ? list : [...list.slice(0, most - 10), ...list.slice(-10)]

const share = (part: number | null): string => part === null ? "–" : `${Math.round(part * 1_000) / 10} %`

const duration = (millis: number | null): string => millis === null ? "–" : span(millis)

const amount = (n: number | null): string => n === null ? "–" : Table.number(Math.round(n * 10) / 10)

const features = (list: ReadonlyArray<Feature>): Html =>
  Table.table({
    caption: "Features",
    captionHidden: true,
    columns: [
      "Feature",
      { name: "Uses", kind: "number" },
      { name: "Sessions", kind: "number" },
      { name: "Of all", kind: "number" }
    ],
    rows: ends(list).map(({ adoption, feature, sessions, uses }) => [feature, uses, sessions, share(adoption)]),
    empty: "No feature was used in this time."
  })

const timed = (caption: string, list: ReadonlyArray<Timed>, empty: string): Html =>
  Table.table({
    caption,
    captionHidden: true,
    columns: [
      "Name",
      { name: "Count", kind: "number" },
      { name: "Succeeded", kind: "number" },
      { name: "Median", kind: "number" },
      { name: "95 % within", kind: "number" }
    ],
    rows: ends(list).map(({ count, name, p50, p95, successRate }) => [
      name,
      count,
      share(successRate),
      duration(p50),
      duration(p95)
    ]),
    empty
  })

const conversations = (talks: Conversations): Html =>
  talks.count === 0
    ? html`<p class="empty">No conversations in this time.</p>`
    : Table.pairs([
      ["Conversations", Table.number(talks.count)],
      ["Completed", share(talks.completionRate)],
      ["Messages each", amount(talks.meanLength)],
      ["Characters a message", amount(talks.meanMessageLength)]
    ])

const suggestions = (list: ReadonlyArray<Suggestions>): Html =>
  Table.table({
    caption: "Suggestions",
    captionHidden: true,
    columns: [
      "Kind",
      { name: "Shown", kind: "number" },
      { name: "Accepted", kind: "number" },
      { name: "Dismissed", kind: "number" },
      { name: "Rate", kind: "number" },
      { name: "Until then", kind: "number" }
    ],
    rows: ends(list).map((one) => [
      one.type,
      one.shown,
      one.accepted,
      one.dismissed,
      share(one.acceptanceRate),
      duration(one.meanTimeToInteract)
    ]),
    empty: "No suggestions in this time."
  })

const hours = ({ activity }: Usage): Html =>
  Chart.bars({
    id: "by-hour",
    title: "Events by hour of the day",
    description: "How many events were recorded in each hour of the day, in UTC, over all days.",
    axis: "Hour",
    labels: activity.byHour.map((_, hour) => `${String(hour).padStart(2, "0")}:00`),
    series: [{ name: "events", values: activity.byHour }]
  })

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

const days = ({ activity }: Usage): Html =>
  Chart.bars({
    id: "by-weekday",
    title: "Events by day of the week",
    description: "How many events were recorded on each day of the week, in UTC.",
    axis: "Day",
    labels: weekdays,
    series: [{ name: "events", values: activity.byWeekday }]
  })

const figures = ({ features, sessions }: Usage): Html =>
  Page.tiles([
    ["sessions", Table.number(sessions.started)],
    ["lasted (median)", duration(sessions.medianDuration)],
    ["features used", Table.number(features.length)]
  ])

const show = (request: Request) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const usage = yield* telemetry.usage({ from: Days.from(request) })
    return html`${Days.links(request, "usage")}
<div id="usage-now" data-live="">${figures(usage)}
<div class="grid">${Page.card("Features", features(usage.features))}${
      Page.card("Commands", timed("Commands", usage.commands, "No command was run in this time."))
    }</div>
<div class="grid">${
      Page.card("Providers", timed("Providers", usage.providers, "No provider was called in this time."))
    }${Page.card("Suggestions", suggestions(usage.suggestions))}${
      Page.card("Conversations", conversations(usage.conversations))
    }${Page.panel(days(usage))}</div>
${Page.panel(hours(usage))}</div>`
  })

/**
 * @since 0.1.0
 * @category pages
 */
export const usage: Section = {
  href: "usage",
  name: "Usage",
  lead: "The same figures that an author would see, of this machine alone.",
  show
}
