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
import * as InsightQueries from "../InsightQueries.js"
import type { ErrorGroup } from "../Insights.js"
import * as Section from "./Section.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

/** Groups on a page; the export has all that are looked through. */
const most = 100

interface Order {
  readonly name: string
  readonly figure: (group: ErrorGroup) => number
}

const frequent: Order = { name: "Most frequent", figure: ({ count }) => count }

const orders: Readonly<Record<string, Order>> = {
  count: frequent,
  sessions: { name: "Most sessions", figure: ({ sessions }) => sessions },
  new: { name: "Newest", figure: ({ firstSeen }) => firstSeen },
  last: { name: "Seen last", figure: ({ lastSeen }) => lastSeen }
}

const orderOf = ({ params }: State.State): Order => {
  const asked = params.get("sort") ?? ""
  return Object.hasOwn(orders, asked) ? orders[asked] ?? frequent : frequent
}

/** Two applications may have the same fingerprint. */
const hrefOf = (state: State.State, { app, fingerprint }: ErrorGroup): string =>
  State.href(state, "/errors", { group: fingerprint, in: app })

/** Those that are not the most frequent have to be looked for among all. */
const limitOf = (state: State.State): number =>
  state.params.get("group") === null && orderOf(state) === frequent ? most + 1 : InsightQueries.mostGroups

const isNew = ({ state }: Section.Request, { firstSeen }: ErrorGroup): boolean => firstSeen >= state.scope.from

/**
 * The name of a group, leading to it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const link = (request: Section.Request, group: ErrorGroup): Html =>
  html`<a href=${hrefOf(request.state, group)}>${group.errorType}</a>${
    isNew(request, group) && html` ${Page.badge("warn", "new")}`
  }`

const trendOf = (values: ReadonlyArray<number>): string =>
  `${Words.count(values[0] ?? 0)} at first, ${Words.count(values.at(-1) ?? 0)} at last, at most ${
    Words.count(Math.max(0, ...values))
  }`

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

const sorting = ({ state }: Section.Request): Html =>
  html`<nav aria-label="Order"><ul class="choices">${
    Object.entries(orders).map(([id, order]) =>
      html`<li><a href=${State.href(state, "/errors", id === "count" ? {} : { sort: id })} aria-current=${
        order === orderOf(state) ? "true" : "false"
      }>${order.name}</a></li>`
    )
  }</ul></nav>`

const all = (request: Section.Request, groups: ReadonlyArray<ErrorGroup>): Html => {
  const { figure, name } = orderOf(request.state)
  const sorted = [...groups].sort((a, b) => figure(b) - figure(a))
  const isOfMany = new Set(groups.map(({ app }) => app)).size > 1
  return Section.card(
    request,
    "Groups",
    html`${groups.length > 1 && sorting(request)}${
      Table.table({
        caption: `Groups of errors: ${name.toLowerCase()}`,
        captionHidden: true,
        columns: [
          { name: "Error", kind: "wide" },
          ...(isOfMany ? ["Application"] : []),
          { name: "Count", kind: "number" },
          { name: "Sessions", kind: "number" },
          "Trend",
          "First seen",
          "Last seen"
        ],
        rows: sorted.slice(0, most).map((group) => [
          html`${link(request, group)} ${
            group.severity === "CRITICAL" && Page.badge("bad", "critical")
          } <span class="quiet">${Words.cut(group.message ?? "", 160)}</span>`,
          ...(isOfMany ? [group.app] : []),
          Words.count(group.count),
          group.sessions,
          Chart.sparkline(trendOf(group.trend), group.trend),
          html`${Words.date(group.firstSeen)} in ${group.firstVersion}`,
          Words.date(group.lastSeen)
        ]),
        empty: "No error was reported in this time."
      })
    }${sorted.length > most && html`<p class="quiet">${most} are shown: the exports have more.</p>`}`,
    "errors"
  )
}

/**
 * @since 0.1.0
 * @category constants
 */
export const errors: Section.Section = {
  path: "/errors",
  name: "Errors",
  lead: "Errors that are the same but for their details are one group.",
  show: (request) =>
    Effect.map(request.insights.errorGroups(request.state.scope, limitOf(request.state)), (groups) => {
      const { params } = request.state
      const [asked, app] = [params.get("group"), params.get("in")]
      const group = groups.find((one) => one.fingerprint === asked && (app === null || one.app === app))
      if (group !== undefined) return one(request, group)
      return html`${
        asked !== null &&
        Page.notice("warn", "That group has no events in this time, or is not among the most frequent.")
      }${all(request, groups)}`
    })
}
