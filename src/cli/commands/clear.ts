/**
 * `clear`: erases what is stored and what is queued.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { Telemetry } from "../../Telemetry.js"
import { misused } from "../Failure.js"
import { type Flags, Host, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import { confirmed } from "../Question.js"
import { plural } from "../render/text.js"
import { Shell } from "../Shell.js"

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & { readonly yes: boolean; readonly queueOnly: boolean; readonly remote: boolean }) =>
  Effect.gen(function*() {
    if (flags.queueOnly && flags.remote) return yield* misused("--queue-only and --remote exclude each other.")
    const shell = yield* Shell
    const { invocation } = yield* Host
    if (!flags.yes) {
      if (!shell.interactive || flags.json) {
        return yield* misused(
          `This erases events for good. To go on: "${invocation} clear${flags.queueOnly ? " --queue-only" : ""} --yes".`
        )
      }
      yield* confirmed(flags.queueOnly ? "Empty the queue?" : "Erase every stored and queued event?")
    }
    const erased = yield* Effect.flatMap(
      Telemetry,
      (telemetry) =>
        flags.queueOnly
          ? Effect.map(telemetry.clearQueue, (queue) => ({ events: 0, queue, waiting: null }))
          : flags.remote
          ? telemetry.clearEverywhere
          : Effect.map(telemetry.clear, (cleared) => ({ ...cleared, waiting: null }))
    ).pipe(withTelemetry(flags))
    yield* print(
      flags,
      { events: erased.events, queue: erased.queue, ...(flags.remote ? { erasure: erased.waiting } : {}) },
      () => `Erased: ${plural(erased.events, "event")}, ${erased.queue} in the queue`
    )
    if (erased.waiting !== null) {
      yield* note("The collector has not confirmed the erasure yet; it is asked again until it does. See status.")
    }
  })
