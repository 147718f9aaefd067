/**
 * Writes what would be sent to the console's error stream, one line of JSON an event. Nothing leaves the machine.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Outcome from "../domain/Outcome.js"
import * as TelemetryEvent from "../domain/TelemetryEvent.js"
import { type Service, Transport } from "./Transport.js"

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Service = {
  submit: (batch) => {
    const lines = batch.events.map(TelemetryEvent.toJson)
    return Effect.as(Effect.forEach(lines, (line) => Console.error(line), { discard: true }), {
      outcome: Outcome.Accepted({ duplicates: 0 }),
      bytes: lines.reduce((total, line) => total + line.length + 1, 0)
    })
  },
  ping: Effect.succeed(true),
  serverInfo: Effect.succeed(null),
  fingerprint: "console",
  origin: null
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Transport> = Layer.succeed(Transport, make)
