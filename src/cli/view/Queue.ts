/**
 * What waits, what was given up, and what never came that far.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Destination from "../../domain/Destination.js"
import { EventStore } from "../../persistence/EventStore.js"
import { type QueueItem, SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import type { Status } from "../../Status.js"
import { Telemetry } from "../../Telemetry.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import { type Flags, withTelemetry } from "../Host.js"
import * as Section from "./Section.js"
import * as Words from "./Words.js"

/** Entries of each list. */
const most = 25

const tones: Readonly<Record<QueueItem["state"], Page.Tone>> = {
  pending: "plain",
  retrying: "warn",
  leased: "good",
  dead: "bad",
  withheld: "plain"
}

const row = (item: QueueItem) => [
  html`<a href="event?id=${item.id}">${String(item.id)}</a>`,
  html`<code>${item.eventType}</code>`,
  Page.badge(tones[item.state], item.state),
  Page.time(item.queuedAt),
  item.attempts,
  Page.time(item.nextAttemptAt),
  item.lastError ?? "–"
]

const list = (caption: string, items: ReadonlyArray<QueueItem>, empty: string): Html =>
  html`${
    Table.table({
      caption,
      captionHidden: true,
      columns: [
        "Id",
        "Event",
        "State",
        "Queued",
        { name: "Attempts", kind: "number" },
        "Next attempt",
        { name: "Last error", kind: "wide" }
      ],
      rows: items.slice(0, most).map(row),
      empty
    })
  }${items.length > most && html`<p class="quiet">… and more: these are the oldest ${most}.</p>`}`

const figures = ({ queue }: Status): Html =>
  Page.tiles([
    ["pending", Table.number(queue.pending)],
    ["to be tried again", Table.number(queue.retrying)],
    ["on their way", Table.number(queue.leased)],
    ["refused for good", Table.number(queue.dead)]
  ])

const sending = ({ submission }: Status): Html =>
  Table.pairs([
    ["Accepted", Table.number(submission.totalSubmitted)],
    ["Refused", Table.number(submission.totalRejected)],
    ["Failed attempts", Table.number(submission.totalFailed)],
    [
      "Requests answered well",
      submission.successRate === null ? "–" : `${Math.round(submission.successRate * 1_000) / 10} %`
    ],
    ["Last accepted", Page.time(submission.lastSubmissionAt)],
    ["Next attempt", Page.time(submission.nextAttemptAt)],
    ["Last error", submission.lastError ?? "–"],
    ["Paused", submission.paused ?? "no"]
  ])

const dropped = (status: Status): Html =>
  Table.table({
    caption: "Dropped",
    captionHidden: true,
    columns: ["Reason", { name: "Events", kind: "number" }, { name: "What it means", kind: "wide" }],
    rows: Object.entries(status.dropped).sort(([, a], [, b]) => b - a)
      .map(([reason, n]) => [reason, n, Words.dropped(reason)]),
    empty: "Nothing was dropped."
  })

const actions = (request: Section.Request): Html =>
  html`<p>The endpoint has refused these for good. They are kept until you decide, or until they are too old.</p>
<div class="row">${Section.button("requeue", request, "Put all back into the queue")}${
    Section.button("purge", request, "Throw all away", { danger: true })
  }</div>`

const show = (request: Section.Request) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    const status = yield* telemetry.status
    const exists = yield* store.exists
    const read = (which: "waiting" | "dead") =>
      exists ? queue.list(Destination.defaultId, which, 0, most + 1) : Effect.succeed([])
    const waiting = yield* read("waiting")
    const dead = yield* read("dead")
    return html`<div id="figures" data-live="">${figures(status)}</div>
${Page.card("Waiting", list("Waiting", waiting, "The queue is empty."), "waiting-now")}
${
      Page.card(
        "Dead letters",
        html`${dead.length > 0 && actions(request)}${list("Dead letters", dead, "No dead letters.")}`,
        "dead-now"
      )
    }
<div class="grid">${Page.card("Sending", sending(status), "sending-now")}${
      Page.card("Dropped", dropped(status), "dropped-now")
    }</div>`
  })

/**
 * @since 0.1.0
 * @category pages
 */
export const queue: Section.Section = {
  href: "queue",
  name: "Queue",
  lead: "Every event that is to be sent waits here until the endpoint has confirmed it.",
  show
}

/** Does something to the dead letters, where there is a store; gives how many it was done to. */
const withDead = (
  flags: Flags,
  act: (queue: SubmissionQueue["Type"]) => Effect.Effect<number, { readonly message: string }>
) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    return (yield* store.exists) ? yield* act(yield* SubmissionQueue) : 0
  }).pipe(withTelemetry(flags))

/**
 * @since 0.1.0
 * @category actions
 */
export const requeue = (flags: Flags) => withDead(flags, (queue) => queue.requeue(Destination.defaultId))

/**
 * @since 0.1.0
 * @category actions
 */
export const purge = (flags: Flags) => withDead(flags, (queue) => queue.purge(Destination.defaultId))
