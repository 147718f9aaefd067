/**
 * `debug`: developer mode, and a view of events as they are recorded.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { DebugFile } from "../../collection/DebugLog.js"
import type { Level } from "../../domain/Level.js"
import { toJson } from "../../domain/TelemetryEvent.js"
import { EventStore } from "../../persistence/EventStore.js"
import { Settings } from "../../persistence/Settings.js"
import { Telemetry } from "../../Telemetry.js"
import { failed, misused } from "../Failure.js"
import { type Flags, withTelemetry, withWhateverIsThere } from "../Host.js"
import { note, print } from "../Output.js"
import { clean, json } from "../render/text.js"

/**
 * `debug on` and `debug off`.
 *
 * @since 0.1.0
 * @category commands
 */
export const set = (flags: Flags, on: boolean) =>
  Effect.gen(function*() {
    yield* Effect.flatMap(Settings, (settings) => settings.update({ debug: on ? "true" : "false" }))
    if (!on) yield* Effect.flatMap(DebugFile, (file) => file.clear)
  }).pipe(
    withTelemetry(flags),
    Effect.zipRight(print(flags, { debug: on }, () => `Developer mode is ${on ? "on" : "off"}`))
  )

/** What follows the debug line of an event needs not be shown again when it is found in the store. */
const idOf = (line: string): string | null => {
  const found: unknown = JSON.parse(line)
  return Predicate.hasProperty(found, "id") && typeof found.id === "string" ? found.id : null
}

/**
 * `debug tail`: one JSON line for each event captured from now on by any process, until it is interrupted. Of processes that
 * were started in developer mode it shows what was dropped as well, and what became of each field.
 *
 * @since 0.1.0
 * @category commands
 */
export const tail = (flags: Flags) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const store = yield* EventStore
    const file = yield* DebugFile
    if (!(yield* telemetry.isEnabled)) {
      return yield* failed(`There is nothing to watch: telemetry is off (${(yield* telemetry.status).reason}).`)
    }
    const from = yield* Clock.currentTimeMillis
    let last = 0
    let next = (yield* file.read(null)).next
    let shown: ReadonlySet<string> = new Set()
    if (!flags.json) yield* note("Waiting for events; Ctrl-C ends it.")
    const look = Effect.gen(function*() {
      // The store before the file: whatever is in the store by now has its line in the file already.
      const found = (yield* store.exists) ? yield* store.read({ from, after: last, limit: 500 }) : []
      const { lines, next: end } = yield* file.read(next)
      next = end
      last = found.at(-1)?.seq ?? last
      const ids = new Set<string>()
      for (const line of lines) {
        const id = idOf(line)
        if (id !== null) ids.add(id)
        yield* Console.log(json(JSON.parse(line)))
      }
      const silent = found.filter(({ event }) => !ids.has(event.id) && !shown.has(event.id))
      for (const { event } of silent) yield* Console.log(json(JSON.parse(toJson(event))))
      shown = new Set([...shown, ...ids].slice(-1_000))
    })
    return yield* Effect.repeat(look, Schedule.spaced("500 millis"))
  }).pipe(withTelemetry(flags))

/**
 * `debug preview`: what would be sent of an event, to the byte, and why.
 *
 * @since 0.1.0
 * @category commands
 */
export const preview = (
  flags: Flags & { readonly type: string; readonly data: string | undefined; readonly level: Level | undefined }
) =>
  Effect.gen(function*() {
    const data = yield* Effect.mapError(
      Schema.decodeUnknown(Schema.parseJson())(flags.data ?? "{}"),
      () => misused("--data is not JSON.")
    )
    const shown = yield* Effect.flatMap(
      Telemetry,
      (telemetry) => telemetry.preview(flags.type, data, { level: flags.level })
    ).pipe(withWhateverIsThere(flags))
    if (shown.body === null) {
      if (flags.json) yield* print(flags, shown, () => "")
      return yield* failed(`Nothing would be sent of "${clean(flags.type)}": ${shown.issue}. See catalog.`)
    }
    const { body } = shown
    yield* print(flags, shown, () =>
      [
        body,
        "",
        ...shown.fields.map(({ field, outcome, rules, truncated }) =>
          `${field}: ${outcome}${rules.length === 0 ? "" : ` by ${rules.join(", ")}`}${truncated ? ", cut" : ""}`
        )
      ].map((line) => clean(line)).join("\n"))
  })
