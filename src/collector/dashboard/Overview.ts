/**
 * How things stand: volume, people, errors, beside the period before.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Payload from "../alerts/Payload.js"
import * as Rule from "../alerts/Rule.js"
import type { Kept } from "../alerts/Rules.js"
import type { Note } from "../analysis/Note.js"
import * as Notes from "../analysis/Notes.js"
import type { Scope, Service, Volume } from "../Insights.js"
import * as Before from "./Before.js"
import * as Errors from "./Errors.js"
import * as EventType from "./EventType.js"
import * as Section from "./Section.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

const lines = (insights: Service, scope: Scope) =>
  Effect.map(Effect.all([insights.volume(scope), insights.active(scope)]), ([volume, active]) => ({
    volume,
    counts: Section.series(scope, volume, ({ count }) => count),
    sessions: Section.series(scope, active, ({ sessions }) => sessions),
    installations: Section.series(scope, active, ({ installations }) => installations)
  }))

const sums = (insights: Service, scope: Scope, volume: ReadonlyArray<Volume>) =>
  Effect.map(insights.activeInAll(scope), (all) => ({
    ...all,
    events: Section.total(volume.map(({ count }) => count)),
    // The error events themselves: what failed is counted as an error of its own type as well.
    errors: Section.total(volume.map(({ count, eventType }) => eventType === "error_occurred" ? count : 0))
  }))

const earlier = Effect.fnUntraced(function*(insights: Service, before: Before.Before) {
  const found = yield* lines(insights, before.whole)
  const volume = yield* Before.volumeSoFar(insights, before, found.volume)
  return { ...found, sums: yield* sums(insights, before.soFar, volume) }
})

/** What stands out; by the hour that is dear to find, and rarely worth a note. */
const notesOf = (insights: Service, scope: Scope) =>
  scope.interval === "hour" ? Effect.succeed([]) : Notes.make(insights, scope)

const most = 8

/** The page that shows more of it. */
const pageOf = (state: State.State, { app, eventType, kind, subject }: Note): string | null =>
  kind === "new-error"
    ? State.href(state, "/errors", { group: subject, ...(app === null ? {} : { in: app }) })
    : eventType !== null
    ? State.href(state, "/events", { type: eventType })
    : null

const noted = (state: State.State, notes: ReadonlyArray<Note>): Html =>
  html`<ul>${
    notes.map((note) => {
      const target = pageOf(state, note)
      return html`<li>${note.severity === "warning" && Page.badge("warn", "look")} ${note.text}${
        target !== null && html` <a href=${target}>Show<span class="unseen">: ${note.subject}</span></a>`
      }</li>`
    })
  }</ul>`

const notable = (state: State.State, notes: ReadonlyArray<Note>): Html | false => {
  const sorted = [...notes].sort((a, b) => Number(b.severity === "warning") - Number(a.severity === "warning"))
  const rest = sorted.slice(most)
  return notes.length > 0 && Page.card(
    "What stands out",
    html`${noted(state, sorted.slice(0, most))}${
      rest.length > 0 && html`<details><summary>${rest.length} more</summary>${noted(state, rest)}</details>`
    }`
  )
}

const alarm = (rules: ReadonlyArray<Kept>): Html | false => {
  const firing = rules.filter((rule) => rule.firing)
  return firing.length > 0 && Page.card(
    "Alerts",
    html`<ul>${
      firing.map((rule) =>
        html`<li>${Page.badge("bad", "firing")} <a href=${Payload.pageOf(rule)}>${Rule.describe(rule)}</a>${
          rule.name !== null && html` (${rule.name})`
        }${rule.value !== null && html`: ${Rule.figure(rule.kind, rule.value)}`}, since ${Page.time(rule.since)}</li>`
      )
    }</ul>`
  )
}

/**
 * @since 0.1.0
 * @category constants
 */
export const overview: Section.Section = {
  path: "/",
  name: "Overview",
  lead: "What was recorded, by how many, and what went wrong.",
  show: (request) =>
    Effect.gen(function*() {
      const { insights, state } = request
      const { previous, scope } = state
      const now = yield* lines(insights, scope)
      const { errors, events, installations, sessions } = yield* sums(insights, scope, now.volume)
      const before = previous === undefined ? undefined : yield* earlier(insights, previous)
      const groups = yield* insights.errorGroups(scope, 5)
      const features = yield* insights.dimensions(scope, "feature_used")
      if (events === 0 && (before?.volume.length ?? 0) === 0) {
        return html`${alarm(request.rules)}${
          Page.card(
            "Nothing in this time",
            html`<p>No event of this time and these filters has come in. Choose a longer range, take filters away, or look at
<a href=${
              State.href(state, "/ingest")
            }>Ingest</a> for what was refused. A program sends when recording is enabled and has
this collector's address as <code>endpoint</code> and an ingest key.</p>`
          )
        }`
      }
      const with_ = (name: string, values: ReadonlyArray<number>, old: ReadonlyArray<number> | undefined) => [
        { name, values },
        ...(old === undefined
          ? []
          : [{ name: "Period before", values: values.map((_, i) => old[i] ?? null), before: true }])
      ]
      const tile = (name: string, value: number, old: number | undefined, better: Words.Better) =>
        [name, html`${Words.count(value)}${Words.delta(value, old, better)}`] as const
      return html`${
        Page.tiles([
          tile("Events", events, before?.sums.events, "neither"),
          tile("Active sessions", sessions, before?.sums.sessions, "more"),
          tile("Active installations", installations, before?.sums.installations, "more"),
          tile("Errors", errors, before?.sums.errors, "less")
        ])
      }${alarm(request.rules)}${notable(state, yield* notesOf(insights, scope))}${
        Section.chart(
          request,
          "Events",
          Chart.lines({
            id: "events",
            title: "Events",
            description: "Events by time, and in the period before.",
            ...Section.time(request),
            series: with_("Events", now.counts, before?.counts)
          }),
          "volume"
        )
      }<div class="grid">${
        Section.chart(
          request,
          "Active sessions",
          Chart.lines({
            id: "sessions",
            title: "Active sessions",
            description: "Sessions with at least one event.",
            ...Section.time(request),
            series: with_("Sessions", now.sessions, before?.sessions)
          }),
          "active"
        )
      }${
        Section.chart(
          request,
          "Active installations",
          Chart.lines({
            id: "installations",
            title: "Active installations",
            description: "Installations with at least one event; known at level enhanced and above.",
            ...Section.time(request),
            series: with_("Installations", now.installations, before?.installations)
          }),
          "active"
        )
      }${
        Section.card(
          request,
          "Most used features",
          Table.table({
            caption: "Most used features",
            captionHidden: true,
            columns: ["Feature", { name: "Uses", kind: "number" }, { name: "Sessions", kind: "number" }],
            rows: features.slice(0, 8).map(({ count, sessions, value }) => [
              EventType.link(request, "feature_used", value),
              Words.count(count),
              sessions
            ]),
            empty: "No feature was used in this time."
          }),
          "dimensions",
          { eventType: "feature_used" }
        )
      }${
        Section.card(
          request,
          "Most frequent errors",
          Table.table({
            caption: "Most frequent errors",
            captionHidden: true,
            columns: ["Error", { name: "Count", kind: "number" }, { name: "Last seen" }],
            rows: groups.map((group) => [
              html`${Errors.link(request, group)}${
                scope.app === undefined && html` <span class="quiet">${group.app}</span>`
              }`,
              Words.count(group.count),
              Words.date(group.lastSeen)
            ]),
            empty: "No error was reported in this time."
          }),
          "errors"
        )
      }</div>`
    })
}
