/**
 * A transport that does what a test tells it to, and remembers what it was handed.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Outcome from "../domain/Outcome.js"
import type { ConsentedEvent } from "../domain/TelemetryEvent.js"
import { type Batch, type Service as TransportService, Transport } from "../submission/Transport.js"

/**
 * An outcome, or how to find one from the batch.
 *
 * @since 0.1.0
 * @category models
 */
export type Script = Outcome.Outcome | ((batch: Batch) => Outcome.Outcome)

/**
 * @since 0.1.0
 * @category models
 */
export interface Recorded {
  readonly batch: Batch
  readonly outcome: Outcome.Outcome
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly transport: TransportService
  /** From now on nothing can be reached, until `online`. */
  readonly offline: Effect.Effect<void>
  readonly online: Effect.Effect<void>
  /** The next `n` submissions have this outcome; after earlier ones that were ordered. None is used up while offline. */
  readonly failNext: (n: number, script: Script) => Effect.Effect<void>
  /** What answers when nothing was ordered; everything is accepted unless this is set. */
  readonly respond: (script: Script) => Effect.Effect<void>
  /** Every submission takes this long from now on; a ping does not. */
  readonly delay: (duration: Duration.DurationInput) => Effect.Effect<void>
  /** Every submission that came, in order, with what became of it. Those made while offline are not among them. */
  readonly batches: Effect.Effect<ReadonlyArray<Recorded>>
  /** Events that were accepted, each once, in the order they were accepted in. */
  readonly events: Effect.Effect<ReadonlyArray<ConsentedEvent>>
  /** How often an event was accepted that had been accepted before, by id. Empty when all went well. */
  readonly duplicates: Effect.Effect<ReadonlyMap<string, number>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ScriptedTransport extends Context.Tag("effect-telemetry/testing/ScriptedTransport")<
  ScriptedTransport,
  Service
>() {}

const away = Outcome.Unreachable({ reason: "offline", ambiguous: false, message: "offline, as ordered" })

const accept: Script = Outcome.Accepted({ duplicates: 0 })

const ofPart = (batch: Batch, part: Outcome.Part): Batch["events"] =>
  batch.events.filter((event) => part.ids.includes(event.id))

/** What of a batch an outcome leaves at the endpoint. Without names, the last ones are the refused. */
const taken = (batch: Batch, outcome: Outcome.Outcome): ReadonlyArray<ConsentedEvent> => {
  if (outcome._tag === "Accepted") return batch.events
  if (outcome._tag === "Settled") return batch.events.slice(0, outcome.accepted)
  if (outcome._tag === "Divided") {
    return outcome.parts.flatMap((part) => taken({ ...batch, events: ofPart(batch, part) }, part.outcome))
  }
  if (outcome._tag !== "PartlyAccepted") return []
  if (outcome.rejections.length === 0) return batch.events.slice(0, outcome.accepted)
  const refused = new Set(outcome.rejections.map((rejection) => rejection.id))
  return batch.events.filter((event) => !refused.has(event.id))
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service> = Effect.sync(() => {
  const batches: Array<Recorded> = []
  const accepted = new Map<string, ConsentedEvent>()
  const duplicates = new Map<string, number>()
  let online = true
  let ordered: ReadonlyArray<Script> = []
  let standing: Script = accept
  let latency = Duration.zero

  const answer = (batch: Batch): Outcome.Outcome => {
    if (!online) return away
    const [next, ...rest] = ordered
    if (next !== undefined) ordered = rest
    const script = next ?? standing
    const outcome = typeof script === "function" ? script(batch) : script
    batches.push({ batch, outcome })
    for (const event of taken(batch, outcome)) {
      if (accepted.has(event.id)) duplicates.set(event.id, (duplicates.get(event.id) ?? 0) + 1)
      else accepted.set(event.id, event)
    }
    return outcome
  }
  const submit: TransportService["submit"] = (batch) =>
    Effect.suspend(() => {
      const outcome = Effect.sync(() => answer(batch))
      return Duration.toMillis(latency) > 0 ? Effect.delay(outcome, latency) : outcome
    }).pipe(
      Effect.map((outcome) => ({
        outcome,
        bytes: Outcome.nothingSent(outcome) ? 0 : batch.events.reduce((total, event) => total + event.data.length, 0)
      }))
    )

  return {
    transport: {
      submit,
      ping: Effect.sync(() => online),
      serverInfo: Effect.succeed(null),
      fingerprint: "scripted",
      origin: null
    },
    offline: Effect.sync(() => void (online = false)),
    online: Effect.sync(() => void (online = true)),
    failNext: (n, script) =>
      Effect.sync(() => void (ordered = [...ordered, ...Array.from({ length: n }, () => script)])),
    respond: (script) => Effect.sync(() => void (standing = script)),
    delay: (duration) => Effect.sync(() => void (latency = Duration.decode(duration))),
    batches: Effect.sync(() => [...batches]),
    events: Effect.sync(() => [...accepted.values()]),
    duplicates: Effect.sync(() => new Map(duplicates))
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ScriptedTransport | Transport> = Layer.effectContext(
  Effect.map(
    make,
    (scripted) => Context.make(ScriptedTransport, scripted).pipe(Context.add(Transport, scripted.transport))
  )
)
