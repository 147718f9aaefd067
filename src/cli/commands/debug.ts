/**
 * `debug`: developer mode, and a view of events as they are recorded.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import { toJson } from "../../domain/TelemetryEvent.js"
import { EventStore } from "../../persistence/EventStore.js"
import { Settings } from "../../persistence/Settings.js"
import { Telemetry } from "../../Telemetry.js"
import { failed } from "../Failure.js"
import { type Flags, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import { json } from "../render/text.js"

/**
 * `debug on` and `debug off`.
 *
 * @since 0.1.0
 * @category commands
 */
export const set = (flags: Flags, on: boolean) =>
  Effect.flatMap(Settings, (settings) => settings.update({ debug: on ? "true" : "false" })).pipe(
    withTelemetry(flags),
    Effect.zipRight(print(flags, { debug: on }, () => `Developer mode is ${on ? "on" : "off"}`))
  )

/**
 * `debug tail`: one JSON line for each event recorded from now on by any process, until it is interrupted.
 *
 * @since 0.1.0
 * @category commands
 */
export const tail = (flags: Flags) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const store = yield* EventStore
    if (!(yield* telemetry.isEnabled)) {
      return yield* failed(`There is nothing to watch: telemetry is off (${(yield* telemetry.status).reason}).`)
    }
    const from = yield* Clock.currentTimeMillis
    const last = yield* Ref.make(0)
    if (!flags.json) yield* note("Waiting for events; Ctrl-C ends it.")
    const look = Effect.gen(function*() {
      if (!(yield* store.exists)) return
      const found = yield* store.read({ from, after: yield* Ref.get(last), limit: 500 })
      for (const { event } of found) yield* Console.log(json(JSON.parse(toJson(event))))
      const newest = found.at(-1)
      if (newest !== undefined) yield* Ref.set(last, newest.seq)
    })
    return yield* Effect.repeat(look, Schedule.spaced("500 millis"))
  }).pipe(withTelemetry(flags))
