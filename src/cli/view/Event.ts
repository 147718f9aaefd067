/**
 * The life of one event: recorded, redacted, sent, refused, accepted; and what it says, as it is sent.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Destination from "../../domain/Destination.js"
import { toJson } from "../../domain/TelemetryEvent.js"
import { EventStore } from "../../persistence/EventStore.js"
import { type Life, SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import { idOf, steps } from "../commands/queueWhy.js"
import { pretty } from "./Json.js"
import type * as Section from "./Section.js"

const told = (life: Life): Html =>
  html`${
    Page.card(`Event ${life.seq}`, html`<ol>${steps(life).map((step) => html`<li>${step}</li>`)}</ol>`, "life-now")
  }
${Page.card("As it is stored and sent", html`<pre>${pretty(JSON.parse(toJson(life.event)))}</pre>`)}`

const find = (id: number | string) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    return (yield* store.exists) ? yield* queue.life(Destination.defaultId, id) : null
  })

const search = html`<form method="get" action="event"><label class="field" for="id">Number or id of an event</label>
<div class="row"><input id="id" name="id" required><button>Show</button></div></form>`

const show = (request: Section.Request) =>
  Effect.gen(function*() {
    const text = request.params.get("id") ?? ""
    const id = idOf(text)
    if (id === null) {
      return html`${text !== "" && Page.notice("bad", "This is neither the number nor the id of an event.")}${search}`
    }
    const life = yield* find(id)
    return life === null
      ? html`${Page.notice("warn", "No such event is stored: it may have expired, or was erased.")}${search}`
      : told(life)
  })

/**
 * @since 0.1.0
 * @category pages
 */
export const event: Section.Section = {
  href: "event",
  name: "One event",
  within: "queue",
  lead: html`What became of it, step by step. Back to the <a href="queue">queue</a>.`,
  show
}
