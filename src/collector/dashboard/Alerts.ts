/**
 * The rules of alerts: which fire, what each found last, and whether who is told was reached. They are made by command.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Payload from "../alerts/Payload.js"
import * as Rule from "../alerts/Rule.js"
import type { Kept } from "../alerts/Rules.js"
import type * as Section from "./Section.js"

const stateOf = ({ firing, lookedAt }: Kept): Html =>
  lookedAt === null ? Page.badge("plain", "new") : firing ? Page.badge("bad", "firing") : Page.badge("good", "quiet")

const valueOf = ({ kind, lookedAt, value }: Kept): string =>
  value !== null ? Rule.figure(kind, value) : lookedAt === null ? "–" : "too few events"

const callOf = ({ failed, outcome, outcomeAt }: Kept): Html =>
  outcome === null
    ? html`none yet`
    : html`${outcome}, ${Page.time(outcomeAt)}${failed > 0 && html`; ${failed} failed in all`}`

const made =
  html`<p class="quiet">Rules are made with <code>effect-telemetry collector alerts add</code>, which says how with
<code class="whole">--help</code>; <code>collector alerts test</code> calls a webhook at once.</p>`

/**
 * @since 0.1.0
 * @category constants
 */
export const alerts: Section.Section = {
  path: "/alerts",
  name: "Alerts",
  lead: "What is watched, what was found, and whether the webhook was reached.",
  isTimeless: true,
  show: ({ rules }) =>
    Effect.succeed(Page.card(
      "Rules",
      html`${
        Table.table({
          caption: "Rules of alerts, those that fire first",
          captionHidden: true,
          columns: [
            { name: "Rule", kind: "wide" },
            "State",
            "Since",
            { name: "Found last", kind: "number" },
            "Looked",
            "Last call of the webhook"
          ],
          rows: [...rules].sort((a, b) => Number(b.firing) - Number(a.firing)).map((rule) => [
            html`<a href=${Payload.pageOf(rule)}>${Rule.describe(rule)}</a>${
              rule.name !== null && html` <span class="quiet">${rule.name}</span>`
            }`,
            stateOf(rule),
            Page.time(rule.since),
            valueOf(rule),
            Page.time(rule.lookedAt),
            callOf(rule)
          ]),
          empty: "There are no rules yet that you may see."
        })
      }${made}`
    ))
}
