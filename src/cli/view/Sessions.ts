/**
 * Sessions: when the program ran, for how long, and what was recorded of it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { SessionEnded, SessionHeartbeat } from "../../domain/EventCatalog.js"
import * as Histogram from "../../domain/Histogram.js"
import * as Measure from "../../domain/Measure.js"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import { EventStore } from "../../persistence/EventStore.js"
import * as Stored from "../../Stored.js"
import * as Chart from "../../web/Chart.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import * as Days from "./Days.js"
import type { Request, Section } from "./Section.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Session {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  readonly lastAt: number
  /** Milliseconds: as the program has said, else between the first event and the last. */
  readonly duration: number
  readonly ended: boolean
  readonly events: number
  readonly errors: number
  readonly version: string
}

const Duration = Schema.parseJson(Schema.Struct({ duration: Schema.Number }))

const decodeDuration = Schema.decodeUnknownOption(Duration)

const durationOf = (event: RedactedEvent): number =>
  event.type === SessionEnded.type || event.type === SessionHeartbeat.type
    ? Option.match(decodeDuration(event.data), { onNone: () => 0, onSome: ({ duration }) => duration })
    : 0

const grown = (before: Session | undefined, event: RedactedEvent, isError: boolean): Session => {
  const weight = (1 + event.suppressed) / event.rate
  const firstAt = Math.min(before?.firstAt ?? event.time, event.time)
  const lastAt = Math.max(before?.lastAt ?? event.time, event.time)
  return {
    id: event.context.sessionId,
    firstAt,
    lastAt,
    duration: Math.max(before?.duration ?? 0, lastAt - firstAt, durationOf(event)),
    ended: before?.ended === true || event.type === SessionEnded.type,
    events: (before?.events ?? 0) + weight,
    errors: (before?.errors ?? 0) + (isError ? weight : 0),
    version: event.context.app.version
  }
}

type Reader = ReturnType<typeof Measure.reader>

/**
 * Gathers events into sessions, newest first. Mutable on purpose: fed portion by portion.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fold = () => {
  const sessions = new Map<string, Session>()
  const readers = new Map<string, Reader>()
  const isError = (event: RedactedEvent): boolean => {
    const read = readers.get(event.type) ?? Measure.reader(event.type, undefined)
    readers.set(event.type, read)
    return read(event.data).isError
  }
  return {
    add: (event: RedactedEvent): void => {
      const { sessionId } = event.context
      sessions.set(sessionId, grown(sessions.get(sessionId), event, isError(event)))
    },
    sessions: (): ReadonlyArray<Session> => [...sessions.values()].sort((a, b) => b.firstAt - a.firstAt)
  }
}

/**
 * Milliseconds as a person says them: `850 ms`, `12 s`, `3 min 5 s`, `2 h 4 min`.
 *
 * @since 0.1.0
 * @category formatting
 */
export const span = (millis: number): string => {
  if (millis < 1_000) return `${Math.round(millis)} ms`
  const seconds = Math.round(millis / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Table.number(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

const mark = (millis: number): string =>
  millis < 1_000
    ? `${Math.round(millis)}ms`
    : millis < 60_000
    ? `${Math.round(millis / 1_000)}s`
    : millis < 3_600_000
    ? `${Math.round(millis / 60_000)}m`
    : `${Math.round(millis / 3_600_000)}h`

const most = 200

const listed = (sessions: ReadonlyArray<Session>): Html =>
  html`${
    Table.table({
      caption: "Sessions",
      captionHidden: true,
      columns: [
        "Began",
        "Lasted",
        { name: "Events", kind: "number" },
        { name: "Errors", kind: "number" },
        "Version",
        { name: "Session", kind: "code" }
      ],
      rows: sessions.slice(0, most).map((session) => [
        Page.time(session.firstAt),
        html`${span(session.duration)}${!session.ended && html` ${Page.badge("plain", "no end seen")}`}`,
        Math.round(session.events),
        Math.round(session.errors),
        session.version,
        session.id
      ]),
      empty: "No sessions were recorded in this time."
    })
  }${sessions.length > most && html`<p class="quiet">… and ${sessions.length - most} older ones.</p>`}`

const chart = (sessions: ReadonlyArray<Session>): Html => {
  const bins = Chart.bins(Histogram.fromValues(sessions.map(({ duration }) => Math.max(duration, 1))), 20)
  return Chart.histogram({
    id: "durations",
    title: "How long sessions last",
    description: "How many sessions lasted how long. The ranges grow in width from left to right.",
    axis: "Up to",
    labels: bins.map(({ to }) => span(to)),
    marks: bins.map(({ to }) => mark(to)),
    series: [{ name: "sessions", values: bins.map(({ count }) => count) }]
  })
}

const show = (request: Request) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const found = fold()
    if (yield* store.exists) {
      yield* Stream.runForEach(
        Stored.stream(store, { from: Days.from(request) }),
        ({ event }) => Effect.sync(() => found.add(event))
      )
    }
    const sessions = found.sessions()
    return html`${Days.links(request, "sessions")}
<div id="sessions-now" data-live="">${Page.panel(chart(sessions))}${Page.card("Newest first", listed(sessions))}</div>`
  })

/**
 * @since 0.1.0
 * @category pages
 */
export const sessions: Section = {
  href: "sessions",
  name: "Sessions",
  lead: "A session is one run of the program, or a part of a long one. Its id is random, and tied to nothing else.",
  show
}
