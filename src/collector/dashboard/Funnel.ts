/**
 * How many sessions go from step to step.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import type { FunnelStep } from "../Insights.js"
import * as Section from "./Section.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

const form = ({ params }: State.State, types: ReadonlyArray<string>): Html =>
  html`<form method="get" action="/funnel">${
    State.kept.map((name) =>
      params.get(name) !== null && html`<input type="hidden" name=${name} value=${params.get(name)}>`
    )
  }<datalist id="types">${types.map((type) => html`<option value=${type}></option>`)}</datalist>
<div class="scope">${
    State.stepNames.map((name, i) =>
      html`<label>Step ${i + 1}<input name=${name} list="types" maxlength="300" value=${
        params.get(name) ?? ""
      }></label>`
    )
  }<button class="main">Show the funnel</button></div>
<p class="quiet">A step is a type of event, or <code>type:value</code> for one value of what the type is broken down by, such as
<code>feature_used:export</code>.</p></form>`

const shown = (steps: ReadonlyArray<FunnelStep>): Html => {
  const first = steps[0]?.sessions ?? 0
  return Table.table({
    caption: "Sessions that came as far as each step",
    columns: [
      "Step",
      { name: "Sessions", kind: "number" },
      { name: "Of the first", kind: "number" },
      { name: "Of the one before", kind: "number" },
      { name: "Of all that began", kind: "bar" }
    ],
    rows: steps.map(({ dimension, eventType, sessions }, i) => [
      `${i + 1}. ${eventType}${dimension === undefined ? "" : `: ${dimension}`}`,
      Words.count(sessions),
      Words.share(Words.ratio(sessions, first)),
      i === 0 ? "–" : Words.share(Words.ratio(sessions, steps[i - 1]?.sessions ?? 0)),
      Chart.share(sessions, first)
    ]),
    empty: "No steps."
  })
}

/**
 * @since 0.1.0
 * @category constants
 */
export const funnel: Section.Section = {
  path: "/funnel",
  name: "Funnel",
  lead: "Sessions that did one thing and then the next, each step no earlier than the one before.",
  show: (request) =>
    Effect.gen(function*() {
      const { insights, state } = request
      const steps = State.steps((name) => state.params.get(name))
      const types = [...new Set((yield* insights.volume(state.scope)).map(({ eventType }) => eventType))]
      const step = steps.map(({ dimension, eventType }) =>
        dimension === undefined ? eventType : `${eventType}:${dimension}`
      )
      return html`${Page.card("Steps", form(state, types))}${
        steps.length > 0 &&
        Section.card(request, "Sessions by step", shown(yield* insights.funnel(state.scope, steps)), "funnel", { step })
      }`
    })
}
