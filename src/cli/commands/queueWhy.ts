/**
 * `queue why` and `queue sent`: the life of one event, and what was sent, when and where.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Destination from "../../domain/Destination.js"
import { toJson } from "../../domain/TelemetryEvent.js"
import { EventStore } from "../../persistence/EventStore.js"
import { type Life, type RequestRecord, SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import { failed, misused } from "../Failure.js"
import { type Flags, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import { table } from "../render/table.js"
import { bytes, clean, plural, time } from "../render/text.js"
import { Shell } from "../Shell.js"

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * The number of an entry, or the id of an event; null for what is neither.
 *
 * @since 0.1.0
 * @category parsing
 */
export const idOf = (text: string): number | string | null =>
  /^\d{1,15}$/.test(text) ? Number(text) : uuid.test(text) ? text.toLowerCase() : null

/** What rules have put in the place of something, by field. */
const redactions = (data: string): Readonly<Record<string, ReadonlyArray<string>>> => {
  const fields: object = JSON.parse(data)
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) =>
      [field, [...new Set(JSON.stringify(value).match(/\[[a-z]+(?:-[a-z]+)?\]/g) ?? [])]] as const
    ).filter(([, tokens]) => tokens.length > 0)
  )
}

const isTaken = ({ accepted, error, rejected }: RequestRecord): boolean => error === null && accepted + rejected > 0

/** What the queue no longer knows, the log tells: delivered, if a request that held it was answered well. */
const stateOf = (life: Life): string => life.state ?? (life.requests.some(isTaken) ? "delivered" : "not queued")

const document = (life: Life) => ({
  id: life.seq,
  eventId: life.event.id,
  eventType: life.event.type,
  recordedAt: life.event.time,
  level: life.event.context.level,
  epoch: life.event.context.epoch,
  redacted: redactions(life.event.data),
  state: stateOf(life),
  attempts: life.attempts,
  nextAttemptAt: life.nextAttemptAt,
  lastError: life.lastError,
  requests: life.requests,
  event: toJson(life.event)
})

const request = ({ accepted, at, error, events, place, rejected }: RequestRecord): string =>
  `${time(at)}  sent to ${place ?? "this machine"} among ${plural(events, "event")}: ` +
  (error === null ? `${accepted} accepted, ${rejected} refused` : clean(error))

/**
 * What became of an event, a line a step, oldest first.
 *
 * @since 0.1.0
 * @category formatting
 */
export const steps = (life: Life): ReadonlyArray<string> => {
  const { context, data, time: recordedAt, type } = life.event
  const changed = Object.entries(redactions(data)).map(([field, tokens]) => `${field} (${tokens.join(", ")})`)
  return [
    `${time(recordedAt)}  recorded as ${type}, at level ${context.level}`,
    ...(changed.length === 0 ? [] : [`${time(recordedAt)}  redacted before it was stored: ${changed.join(", ")}`]),
    ...[...life.requests].reverse().map(request),
    `now: ${stateOf(life)}${life.state === "withheld" ? ", as sending it is not consented to: it stays here" : ""}` +
    (life.attempts === 0 ? "" : `, refused ${plural(life.attempts, "time")}`) +
    (life.lastError === null ? "" : ` (${clean(life.lastError)})`) +
    (life.nextAttemptAt === null ? "" : `, next attempt ${time(life.nextAttemptAt)}`)
  ]
}

const story = (life: Life): ReadonlyArray<string> => [...steps(life), "as it is sent:", toJson(life.event)]

/**
 * `queue why ID`: an entry of the queue, or the id of any stored event.
 *
 * @since 0.1.0
 * @category commands
 */
export const why = (flags: Flags & { readonly id: string }) =>
  Effect.gen(function*() {
    const id = idOf(flags.id)
    if (id === null) return yield* misused("ID is a number of queue list, or the id of an event.")
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    const life = (yield* store.exists) ? yield* queue.life(Destination.defaultId, id) : null
    if (life === null) return yield* failed("No such event is stored: it may have expired, or was erased.")
    yield* print(flags, document(life), () => story(life).join("\n"))
  }).pipe(withTelemetry(flags))

const shown = 50

/**
 * `queue sent`: the newest requests.
 *
 * @since 0.1.0
 * @category commands
 */
export const sent = (flags: Flags & { readonly limit: number | undefined }) =>
  Effect.gen(function*() {
    if (flags.limit !== undefined && flags.limit < 1) return yield* misused("--limit must be 1 or more.")
    const { style } = yield* Shell
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    const requests = (yield* store.exists) ? yield* queue.requests(Destination.defaultId, flags.limit ?? shown) : []
    if (requests.length === 0 && !flags.json) return yield* note("Nothing was sent yet.")
    yield* print(flags, { requests }, () =>
      table(
        ["when", "where", "events", "bytes", "accepted", "refused", "error"],
        requests.map(({ accepted, at, bytes: size, error, events, place, rejected }) => [
          time(at),
          place ?? "this machine",
          events,
          bytes(size),
          accepted,
          rejected,
          error === null ? "-" : clean(error)
        ]),
        style
      ))
  }).pipe(withTelemetry(flags))
