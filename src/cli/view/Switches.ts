/**
 * The consent switches: what a person can choose here, and what the choice does.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Effective } from "../../domain/Consent.js"
import * as Level from "../../domain/Level.js"
import type { Status } from "../../Status.js"
import { Telemetry } from "../../Telemetry.js"
import { type Html, html } from "../../web/Html.js"
import * as enable from "../commands/enable.js"
import { misused } from "../Failure.js"
import { type Flags, withTelemetry, withWhateverIsThere } from "../Host.js"
import * as Section from "./Section.js"
import * as Words from "./Words.js"

/** Of a paragraph, the lines that are a list are shown as one. */
const paragraph = (text: string): Html => {
  const [first = "", ...rest] = text.split("\n")
  return html`<p>${first}</p>${
    rest.length > 0 &&
    html`<ul class="columns">${rest.map((line) => html`<li>${line.replace(/^\s*- /, "")}</li>`)}</ul>`
  }`
}

/**
 * The notice: what a person reads before choosing. Open while there is no consent.
 *
 * @since 0.1.0
 * @category pages
 */
export const notice = (status: Status, text: string): Html =>
  html`<details class="card" ${status.enabled ? "" : "open"}><summary>What you are asked for</summary>
${text.split("\n\n").map(paragraph)}</details>`

const level = (name: Level.Level, chosen: Level.Level): Html =>
  html`<label class="choice"><input type="radio" name="level" value=${name} ${name === chosen ? "checked" : ""}>
<span><strong>${name}</strong>: ${Words.levels[name]}</span></label>`

const sending = (effective: Effective, endpoint: string | null): Html =>
  html`<fieldset><legend>Sending</legend>
<label class="choice"><input type="checkbox" name="remote" value="yes" ${effective.remote ? "checked" : ""}>
<span>Send what is recorded from now on${endpoint === null ? "" : html` to <code>${endpoint}</code>`}</span></label>
${
    endpoint === null && html`<label class="field" for="endpoint">Where to</label>
<input type="url" id="endpoint" name="endpoint" placeholder="https://telemetry.example.com/v1/events">`
  }</fieldset>`

/**
 * @since 0.1.0
 * @category pages
 */
export const show = (
  request: Section.Request,
  status: Status,
  effective: Effective,
  endpoint: string | null
): Html =>
  html`${
    Section.form(
      "consent",
      request,
      html`<fieldset><legend>How much may be recorded on this machine</legend>${
        Level.all.map((name) => level(name, effective.epoch?.level ?? "basic"))
      }</fieldset>
${sending(effective, endpoint)}
<button class="main">${status.enabled ? "Save this choice" : "Turn recording on"}</button>`
    )
  }
${status.remote && Section.button("stop-sending", request, "Stop sending, keep recording")}
${
    (status.enabled || effective.optedOutAt === null) &&
    Section.button("opt-out", request, "Turn everything off", { danger: true })
  }
${
    status.store.events !== 0 &&
    html`<details><summary>Turn everything off and erase what is stored</summary>
<p>Every stored event goes, and what waits to be sent with it. It cannot be undone.</p>${
      Section.button("opt-out", request, "Turn off and erase", { danger: true, fields: { erase: "yes" } })
    }</details>`
  }`

const asked = (form: URLSearchParams): enable.Consent => ({
  remote: form.get("remote") === "yes",
  level: Level.all.find((name) => name === form.get("level")),
  endpoint: form.get("remote") === "yes" ? form.get("endpoint") || undefined : undefined,
  noticeShown: true
})

/**
 * @since 0.1.0
 * @category actions
 */
export const optOut = (flags: Flags, options: { readonly remoteOnly: boolean; readonly erase: boolean }) =>
  Effect.flatMap(Telemetry, (telemetry) => telemetry.disable(options)).pipe(withWhateverIsThere(flags))

/**
 * Consents to what the form says. Sending that is not asked for is withdrawn first: the form shows the whole choice.
 *
 * @since 0.1.0
 * @category actions
 */
export const consent = (flags: Flags, form: URLSearchParams) =>
  Effect.gen(function*() {
    const choice = asked(form)
    if (choice.level === undefined) return yield* misused("Choose a level.")
    const before = yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.status).pipe(withTelemetry(flags))
    if (before.remote && !choice.remote) yield* optOut(flags, { remoteOnly: true, erase: false })
    return yield* enable.grant(flags, choice, undefined)
  })
