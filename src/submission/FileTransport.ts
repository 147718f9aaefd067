/**
 * Appends what would be sent to a file, one line of JSON an event (NDJSON). Nothing leaves the machine.
 *
 * A crash between the write and the acknowledgement makes the batch be written again: a reader drops ids it has seen.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Outcome from "../domain/Outcome.js"
import * as TelemetryEvent from "../domain/TelemetryEvent.js"
import * as FileAppender from "./FileAppender.js"
import { type Service, Transport } from "./Transport.js"

const outcomeOf = ({ message, reason }: FileAppender.FileAppendError): Outcome.Outcome =>
  reason === "unwritable"
    ? Outcome.Misconfigured({ status: null, reason: "endpoint", message })
    : Outcome.Unreachable({ reason: "offline", ambiguous: reason === "broken", message })

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (path: string, appender: FileAppender.Service): Service => ({
  submit: (batch) =>
    Effect.suspend(() => {
      let lines = ""
      for (const event of batch.events) lines += TelemetryEvent.toJson(event) + "\n"
      return appender.append(path, lines).pipe(Effect.match({
        onFailure: (error) => ({ outcome: outcomeOf(error), bytes: 0 }),
        onSuccess: () => ({
          outcome: Outcome.Accepted({ duplicates: 0 }),
          bytes: new TextEncoder().encode(lines).length
        })
      }))
    }),
  ping: Effect.succeed(true),
  serverInfo: Effect.succeed(null),
  fingerprint: `file:${path}`,
  origin: null
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (path: string): Layer.Layer<Transport, never, FileAppender.FileAppender> =>
  Layer.effect(Transport, Effect.map(FileAppender.FileAppender, (appender) => make(path, appender)))
