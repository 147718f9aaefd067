/**
 * What is around every page of the panel.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Status } from "../../Status.js"
import { type Child, type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import { Host } from "../Host.js"
import * as Actions from "./Actions.js"
import type { Section } from "./Section.js"
import { sections } from "./sections.js"

const state = (status: Status): Html =>
  html`<span id="state-badge" data-live="">${
    !status.enabled
      ? Page.badge("plain", "recording off")
      : status.remote
      ? Page.badge("good", "recording and sending")
      : Page.badge("good", "recording, here only")
  }</span>`

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: {
  readonly section: Section
  readonly status: Status
  readonly content: Child
  readonly params: URLSearchParams
  readonly isAnswer: boolean
}): Effect.Effect<Html, never, Host> =>
  Effect.map(Host, ({ app }) => {
    const { content, isAnswer, params, section, status } = options
    const done = Actions.done(params)
    return Page.page({
      title: section.name,
      lead: section.lead,
      product: app.name.endsWith("telemetry") ? app.name : `${app.name} telemetry`,
      state: state(status),
      links: sections.filter(({ within }) => within === undefined),
      current: section.within ?? section.href,
      stylesheet: "page.css",
      script: isAnswer ? undefined : "page.js",
      main: html`${done !== null && Page.notice("good", done)}${content}`,
      foot: "This page is served by this machine to this machine, and loads nothing from elsewhere. Times are in UTC."
    })
  })
