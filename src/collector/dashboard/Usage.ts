/**
 * What people do: features, commands, providers, conversations, suggestions.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Table from "../../web/Table.js"
import type { Conversations, Dimension, Suggestions } from "../Insights.js"
import * as EventType from "./EventType.js"
import * as Section from "./Section.js"
import * as Words from "./Words.js"

/** Rows of a list; its export has them all. */
const most = 25

const features = (request: Section.Request, rows: ReadonlyArray<Dimension>, sessions: number): Html =>
  html`${
    Table.table({
      caption: "Features",
      captionHidden: true,
      columns: [
        "Feature",
        { name: "Uses", kind: "number" },
        { name: "Sessions", kind: "number" },
        { name: "Adoption", kind: "number" },
        { name: "Of all sessions", kind: "bar" }
      ],
      rows: rows.slice(0, most).map((row) => [
        EventType.link(request, "feature_used", row.value),
        Words.count(row.count),
        row.sessions,
        Words.share(Words.ratio(row.sessions, sessions)),
        Chart.share(row.sessions, sessions)
      ]),
      empty: "No feature was used in this time. Programs report them with telemetry.trackFeature."
    })
  }${Section.more(rows.length - most)}`

const timed = (
  request: Section.Request,
  { caption, empty, eventType }: { readonly caption: string; readonly eventType: string; readonly empty: string },
  rows: ReadonlyArray<Dimension>
): Html =>
  html`${
    Table.table({
      caption,
      captionHidden: true,
      columns: [
        "Name",
        { name: "Count", kind: "number" },
        { name: "Sessions", kind: "number" },
        { name: "Failed", kind: "number" },
        { name: "Median", kind: "number" },
        { name: "95 % within", kind: "number" }
      ],
      rows: rows.slice(0, most).map(({ count, errors, p50, p95, sessions, value }) => [
        EventType.link(request, eventType, value),
        Words.count(count),
        sessions,
        Words.share(Words.ratio(errors, count)),
        Words.millis(p50),
        Words.millis(p95)
      ]),
      empty
    })
  }${Section.more(rows.length - most)}`

const conversations = (talks: Conversations): Html =>
  talks.started === 0 && talks.completed === 0
    ? html`<p class="empty">No conversations in this time.</p>`
    : Table.pairs([
      ["Started", Words.count(talks.started)],
      ["Completed", `${Words.count(talks.completed)} (${Words.share(talks.completionRate)})`],
      ["Messages each", Words.amount(talks.meanMessages)],
      ["Characters a message", Words.amount(talks.meanMessageLength)]
    ])

const suggestions = (rows: ReadonlyArray<Suggestions>): Html =>
  Table.table({
    caption: "Suggestions",
    captionHidden: true,
    columns: [
      "Kind",
      { name: "Shown", kind: "number" },
      { name: "Accepted", kind: "number" },
      { name: "Dismissed", kind: "number" },
      { name: "Accepted of shown", kind: "number" }
    ],
    rows: rows.map((row) => [
      row.suggestionType,
      Words.count(row.shown),
      Words.count(row.accepted),
      Words.count(row.dismissed),
      Words.share(row.acceptanceRate)
    ]),
    empty: "No suggestions in this time."
  })

/**
 * @since 0.1.0
 * @category constants
 */
export const usage: Section.Section = {
  path: "/usage",
  name: "Usage",
  lead: "Features and how many sessions use them, commands, providers, conversations and suggestions.",
  show: (request) =>
    Effect.gen(function*() {
      const { insights, state: { scope } } = request
      // Features are not kept by version, and so neither is the whole that they are a share of.
      const { sessions } = yield* insights.activeInAll({ ...scope, version: undefined })
      const of = (type: string) => insights.dimensions(scope, type)
      const [used, commands, providers] = yield* Effect.all([
        of("feature_used"),
        of("command_executed"),
        of("provider_call")
      ])
      const card = (caption: string, eventType: string, rows: ReadonlyArray<Dimension>, empty: string) =>
        Section.card(request, caption, timed(request, { caption, eventType, empty }, rows), "dimensions", { eventType })
      return html`${
        Section.card(request, "Features", features(request, used, sessions), "dimensions", {
          eventType: "feature_used"
        })
      }${card("Commands", "command_executed", commands, "No commands in this time.")}${
        card("Providers", "provider_call", providers, "No provider was called in this time.")
      }<div class="grid">${
        Section.card(request, "Conversations", conversations(yield* insights.conversations(scope)), "conversations")
      }${Section.card(request, "Suggestions", suggestions(yield* insights.suggestions(scope)), "suggestions")}</div>`
    })
}
