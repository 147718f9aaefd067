/**
 * What would be sent, before anything is: the same encoder, the same rules and the same body as when it is.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Collector } from "./collection/Collector.js"
import { Encoders } from "./collection/Encoders.js"
import type { FieldReport } from "./collection/Explain.js"
import { Session } from "./collection/Session.js"
import { ConsentGate } from "./consent/ConsentGate.js"
import type * as EventDefinition from "./domain/EventDefinition.js"
import { Ids } from "./domain/Ids.js"
import * as Level from "./domain/Level.js"
import { unsafeRedacted } from "./domain/TelemetryEvent.js"
import * as HttpTransport from "./submission/HttpTransport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Preview {
  readonly level: Level.Level
  /** The body of the request, to the byte; null when nothing would be sent. */
  readonly body: string | null
  /** Why not: the data does not fit its declaration, the level does not cover the event, or it is too large. */
  readonly issue: string | null
  /** What became of each declared field, and by which rule. */
  readonly fields: ReadonlyArray<FieldReport>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Request {
  /** Default: the level in force. */
  readonly level?: Level.Level | undefined
}

const nothing = (level: Level.Level, issue: string, fields: ReadonlyArray<FieldReport> = []): Preview => ({
  level,
  body: null,
  issue,
  fields
})

/** Where none was made yet, this stands for the installation id, so that a person sees that there would be one. */
const noInstallation = "00000000-0000-4000-8000-000000000000"

const rateOf = ({ sampling }: EventDefinition.Any): number =>
  sampling._tag === "Probabilistic" ? Math.min(sampling.rate, 1) : 1

/**
 * Nothing is stored, counted or sent by it, and it needs no consent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const collector = yield* Collector
  const encoders = yield* Encoders
  const session = yield* Session
  const gate = yield* ConsentGate
  const ids = yield* Ids

  return (eventType: string, data: unknown, request: Request = {}): Effect.Effect<Preview> =>
    Effect.map(Clock.currentTimeMillis, (time) => {
      const effective = gate.unsafeCurrent()
      const level = request.level ?? effective.level
      const definition = collector.definition(eventType)
      if (definition === undefined) return nothing(level, "this type is not declared")
      if (!Level.includes(level, definition.level)) {
        return nothing(level, `the event is recorded at level ${definition.level} and above`)
      }
      const { encoded, fields } = encoders.explain(definition, data, level)
      if (encoded._tag === "Invalid") return nothing(level, encoded.issue.message, fields)
      if (encoded._tag === "Oversize") return nothing(level, `the event is too large: ${encoded.bytes} bytes`, fields)
      const event = unsafeRedacted({
        id: ids.uuid7(time),
        type: definition.type,
        time,
        data: encoded.json,
        rate: rateOf(definition),
        suppressed: 0,
        context: {
          ...session.unsafeContext(),
          level,
          installationId: level === "basic" ? null : effective.installationId ?? noInstallation
        }
      })
      return { level, body: HttpTransport.body([event]), issue: null, fields }
    })
})
