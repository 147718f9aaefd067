/**
 * Volume by type.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import type { Volume } from "../Insights.js"
import * as Before from "./Before.js"
import * as EventType from "./EventType.js"
import * as Section from "./Section.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

/** More types than these are one series. */
const most = 4

interface Sum {
  readonly count: number
  readonly errors: number
}

const byType = (rows: ReadonlyArray<Volume>): ReadonlyMap<string, Sum> => {
  const sums = new Map<string, Sum>()
  for (const { count, errors, eventType } of rows) {
    const sum = sums.get(eventType) ?? { count: 0, errors: 0 }
    sums.set(eventType, { count: sum.count + count, errors: sum.errors + errors })
  }
  return sums
}

/**
 * @since 0.1.0
 * @category constants
 */
export const events: Section.Section = {
  path: "/events",
  name: "Events",
  lead: "How many events of each type, scaled back from sampling.",
  show: (request) =>
    Effect.gen(function*() {
      const { insights, state } = request
      const { previous, scope } = state
      const rows = yield* insights.volume(scope)
      const earlier = previous === undefined ? [] : yield* insights.volume(previous.whole)
      const asked = state.params.get("type")
      if (asked !== null && [...rows, ...earlier].some(({ eventType }) => eventType === asked)) {
        return yield* EventType.show(request, asked, [rows, earlier])
      }
      const before = previous === undefined
        ? undefined
        : byType(yield* Before.volumeSoFar(insights, previous, earlier))
      const types = [...byType(rows)].sort(([, a], [, b]) => b.count - a.count)
      const first = types.slice(0, most).map(([type]) => type)
      const rest = rows.filter(({ eventType }) => !first.includes(eventType))
      const values = (of: ReadonlyArray<Volume>) => Section.series(scope, of, ({ count }) => count)
      return html`${asked !== null && Page.notice("warn", html`No event of the type ${asked} in this time.`)}${
        Section.chart(
          request,
          "Events by type",
          Chart.bars({
            id: "types",
            title: "Events by type",
            description: "Events of the most frequent types, on top of each other.",
            ...Section.time(request),
            series: [
              ...first.map((name) => ({ name, values: values(rows.filter(({ eventType }) => eventType === name)) })),
              ...(rest.length === 0 ? [] : [{ name: "All others", values: values(rest) }])
            ]
          }),
          "volume"
        )
      }${
        Section.card(
          request,
          "Types",
          Table.table({
            caption: "Events by type",
            captionHidden: true,
            columns: [
              { name: "Type", kind: "code" },
              { name: "Events", kind: "number" },
              { name: "Failed", kind: "number" },
              "Against the period before"
            ],
            rows: types.map(([type, { count, errors }]) => [
              html`<a href=${State.href(state, "/events", { type })}><code>${type}</code></a>`,
              Words.count(count),
              Words.share(Words.ratio(errors, count)),
              before === undefined ? "–" : Words.change(count, before.get(type)?.count ?? 0)
            ]),
            empty: "No events in this time."
          }),
          "volume"
        )
      }`
    })
}
