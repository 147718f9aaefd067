/**
 * How events come in, and which did not.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Section from "./Section.js"
import * as Words from "./Words.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const ingest: Section.Section = {
  path: "/ingest",
  name: "Ingest",
  lead: "What came in, by the time of receipt, and what was not kept and why.",
  show: (request) =>
    Effect.gen(function*() {
      const { insights, state: { scope } } = request
      const rows = yield* insights.ingest(scope)
      const losses = yield* insights.losses(scope)
      const accepted = Section.series(scope, rows, (row) => row.accepted)
      const duplicates = Section.series(scope, rows, (row) => row.duplicates)
      const rejected = Section.series(scope, rows, (row) => row.rejected)
      return html`${
        Page.tiles([
          ["Accepted", Words.count(Section.total(accepted))],
          ["Sent again, kept once", Words.count(Section.total(duplicates))],
          ["Refused", Words.count(Section.total(rejected))],
          ["Lost in all", Words.count(Section.total(losses.map(({ count }) => count)))]
        ])
      }${
        Section.chart(
          request,
          "Received",
          Chart.bars({
            id: "received",
            title: "Received",
            description: "Events by the time they were received.",
            ...Section.time(request),
            series: [
              { name: "Accepted", values: accepted },
              { name: "Refused", values: rejected },
              { name: "Duplicates", values: duplicates }
            ]
          }),
          "ingest"
        )
      }${
        Section.card(
          request,
          "Losses",
          Table.table({
            caption: "Events that were not kept",
            captionHidden: true,
            columns: ["Reason", "Where", { name: "Events", kind: "number" }],
            rows: losses.map((loss) => [
              loss.reason,
              loss.where === "collector" ? "refused here" : "dropped by the program",
              Words.count(loss.count)
            ]),
            empty: "Nothing was lost in this time, as far as is known here."
          }),
          "losses"
        )
      }`
    })
}
