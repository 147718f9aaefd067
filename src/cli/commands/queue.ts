/**
 * `queue`: what waits, what was given up, and what to do with it.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Destination from "../../domain/Destination.js"
import { EventStore } from "../../persistence/EventStore.js"
import { type QueueItem, SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import { Telemetry } from "../../Telemetry.js"
import { failed, misused } from "../Failure.js"
import { type Flags, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import { confirmed } from "../Question.js"
import { writeLines } from "../render/stream.js"
import { table } from "../render/table.js"
import { json, plural, time } from "../render/text.js"
import { Shell } from "../Shell.js"

const page = 500

/** Rows shown to a person unless `--limit` says otherwise. */
const shown = 50

/** Entries in portions; nothing is opened where nothing was ever stored. */
const items = (which: "waiting" | "dead", limit: number) =>
  Stream.unwrap(Effect.gen(function*() {
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    if (!(yield* store.exists)) return Stream.empty
    return Stream.paginateChunkEffect(0, (after) =>
      Effect.map(queue.list(Destination.defaultId, which, after, Math.min(page, limit)), (found) => [
        Chunk.unsafeFromArray(found),
        found.length < Math.min(page, limit) ? Option.none() : Option.some(found.at(-1)!.id)
      ])).pipe(Stream.take(limit))
  }))

const document = (item: QueueItem) => ({
  id: item.id,
  eventId: item.eventId,
  eventType: item.eventType,
  queuedAt: item.queuedAt,
  attempts: item.attempts,
  nextAttemptAt: item.nextAttemptAt,
  lastError: item.lastError,
  state: item.state
})

/**
 * `queue list` and `queue dead`.
 *
 * @since 0.1.0
 * @category commands
 */
export const list = (
  flags: Flags & { readonly limit: number | undefined },
  which: "waiting" | "dead"
) =>
  Effect.gen(function*() {
    if (flags.limit !== undefined && flags.limit < 1) return yield* misused("--limit must be 1 or more.")
    if (flags.json) {
      return yield* writeLines(
        items(which, flags.limit ?? Number.MAX_SAFE_INTEGER),
        (item, i) => (i === 0 ? "" : ",") + json(document(item)),
        { start: "{\"items\":[", end: "]}" }
      )
    }
    const limit = flags.limit ?? shown
    const { style } = yield* Shell
    const found = Chunk.toReadonlyArray(yield* Stream.runCollect(items(which, limit + 1)))
    if (found.length === 0) return yield* note(which === "dead" ? "No dead letters." : "The queue is empty.")
    yield* print(flags, null, () =>
      table(
        ["id", "type", "state", "queued", "attempts", "next attempt", "last error"],
        found.slice(0, limit).map((item) => [
          item.id,
          item.eventType,
          item.state,
          time(item.queuedAt),
          item.attempts,
          time(item.nextAttemptAt),
          item.lastError ?? "-"
        ]),
        style
      ))
    if (found.length > limit) yield* note(`… and more; --limit N shows them.`)
  }).pipe(withTelemetry(flags))

/**
 * `queue requeue [ID…]`: dead letters back into the queue; all of them without an id.
 *
 * @since 0.1.0
 * @category commands
 */
export const requeue = (flags: Flags & { readonly ids: ReadonlyArray<number> }) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    const requeued = (yield* store.exists)
      ? yield* queue.requeue(Destination.defaultId, flags.ids.length === 0 ? undefined : flags.ids)
      : 0
    const named = new Set(flags.ids).size
    if (named > 0 && requeued === 0) {
      return yield* failed(
        `No dead letter has ${named === 1 ? "this number" : "one of these numbers"}: see queue dead.`
      )
    }
    yield* print(flags, { requeued }, () => `${plural(requeued, "dead letter")} put back into the queue`)
    if (requeued < named) yield* note(`${plural(named - requeued, "number")} named no dead letter.`)
  }).pipe(withTelemetry(flags))

/**
 * `queue clear`: nothing of what waits will be sent; the events stay stored.
 *
 * @since 0.1.0
 * @category commands
 */
export const clear = (flags: Flags & { readonly yes: boolean }) =>
  Effect.gen(function*() {
    const shell = yield* Shell
    if (shell.interactive && !flags.json && !flags.yes) {
      yield* confirmed("Empty the queue? What waits in it will never be sent.")
    }
    const queue = yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.clearQueue).pipe(withTelemetry(flags))
    yield* print(flags, { events: 0, queue }, () =>
      `${plural(queue, "queue entry").replace("entrys", "entries")} removed`)
  })
