/**
 * Errors by group, and one group in full.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import type { ErrorGroup } from "../Insights.js"
import * as Section from "./Section.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

/** Groups on a page; the export has a thousand. */
const most = 100

const one = (request: Section.Request, group: ErrorGroup): Html =>
  html`<p><a href=${State.href(request.state, "/errors")}>All errors</a></p>${
    Page.card(
      group.errorType,
      Table.pairs([
        ["Message", group.message ?? "None: nobody who sent it allowed messages."],
        ["Fingerprint", html`<code>${group.fingerprint}</code>`],
        ["Application", group.app],
        ["Severity", group.severity],
        ["Category", group.category],
        ["In this time", Words.count(group.count)],
        ["Sessions", Words.count(group.sessions)],
        ["Installations", Words.count(group.installations)],
        ["First seen", html`${Page.time(group.firstSeen)} in ${group.firstVersion}`],
        ["Last seen", Page.time(group.lastSeen)]
      ])
    )
  }${
    Section.chart(
      request,
      "Occurrences",
      Chart.bars({
        id: "occurrences",
        title: "Occurrences",
        description: "How often this error was reported.",
        ...Section.time(request),
        series: [{ name: "Occurrences", values: group.trend }]
      }),
      "errors"
    )
  }`

const all = (request: Section.Request, groups: ReadonlyArray<ErrorGroup>): Html =>
  Section.card(
    request,
    "Groups",
    Table.table({
      caption: "Groups of errors, most frequent first",
      captionHidden: true,
      columns: [
        { name: "Error", kind: "wide" },
        { name: "Count", kind: "number" },
        { name: "Sessions", kind: "number" },
        "Trend",
        "First seen",
        "Last seen"
      ],
      rows: groups.map((group) => [
        html`<a href=${State.href(request.state, "/errors", { group: group.fingerprint })}>${group.errorType}</a> ${
          group.severity === "critical" && Page.badge("bad", "critical")
        } <span class="quiet">${group.message?.slice(0, 160)}</span>`,
        Words.count(group.count),
        group.sessions,
        Chart.sparkline(
          `${Words.count(group.trend[0] ?? 0)} at first, ${Words.count(group.trend.at(-1) ?? 0)} at last`,
          group.trend
        ),
        `${Words.day(group.firstSeen)} in ${group.firstVersion}`,
        Words.day(group.lastSeen)
      ]),
      empty: "No error was reported in this time."
    }),
    "errors"
  )

/**
 * @since 0.1.0
 * @category constants
 */
export const errors: Section.Section = {
  path: "/errors",
  name: "Errors",
  lead: "Errors that are the same but for their details are one group.",
  show: (request) =>
    Effect.map(request.insights.errorGroups(request.state.scope, most), (groups) => {
      const asked = request.state.params.get("group")
      const group = groups.find(({ fingerprint }) => fingerprint === asked)
      if (group !== undefined) return one(request, group)
      return html`${
        asked !== null &&
        Page.notice("warn", "That group has no events in this time, or is not among the most frequent.")
      }${all(request, groups)}`
    })
}
