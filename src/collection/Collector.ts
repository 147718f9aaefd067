/**
 * The front door: consent, level, sampling, encoding, stamping, hand-over. Everything here is synchronous and never fails.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import { PCGRandom } from "effect/Utils"
import { ConsentGate } from "../consent/ConsentGate.js"
import * as EventCatalog from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import { Ids } from "../domain/Ids.js"
import * as Level from "../domain/Level.js"
import { unsafeRedacted } from "../domain/TelemetryEvent.js"
import { OwnCost } from "../OwnCost.js"
import { Config } from "../TelemetryConfig.js"
import { DebugLog } from "./DebugLog.js"
import type { Encoder, Issue } from "./Encoder.js"
import { Encoders } from "./Encoders.js"
import { notable } from "./Explain.js"
import { Intake } from "./Intake.js"
import * as Sampling from "./Sampling.js"
import { type Activity, Session } from "./Session.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Takes an event into the intake, or counts why not. Null unless the data does not fit its declaration. How it counts for
   * the session is told from its type, unless `activity` says it.
   */
  readonly unsafeTrack: (definition: EventDefinition.Any, data: unknown, activity?: Activity) => Issue | null
  /** The same of what is only known by the name of its type, which may be declared nowhere. */
  readonly unsafeTrackNamed: (eventType: string, data: unknown) => Issue | null
  /** The declared event of this type. */
  readonly definition: (eventType: string) => EventDefinition.Any | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Collector extends Context.Tag("effect-telemetry/collection/Collector")<Collector, Service>() {}

interface Entry {
  readonly definition: EventDefinition.Any
  readonly sampler: Sampling.Sampler | null
  readonly activity: Activity
  encoder: Encoder | null
}

const activityOf = (type: string): Activity =>
  type === "error_occurred" ? "error" : EventCatalog.passive.has(type) ? "passive" : "event"

const undeclared = (type: string): Issue => ({
  path: "",
  message: `the event ${JSON.stringify(type)} is not declared: add its definition to \`events\``
})

const unreadable: Issue = { path: "", message: "the data could not be read" }

/** Characters kept of a name that nobody declared. */
const maxNameLength = 100

/** One call in so many is timed: the clock costs as much as a field. */
const sampleEvery = 32

const make = Effect.gen(function*() {
  const gate = yield* ConsentGate
  const config = yield* Config
  const ids = yield* Ids
  const session = yield* Session
  const intake = yield* Intake
  const encoders = yield* Encoders
  const debug = yield* DebugLog
  const clock = yield* Effect.clock
  const generator = new PCGRandom(
    yield* Random.nextIntBetween(0, 0xffffffff),
    yield* Random.nextIntBetween(0, 0xffffffff)
  )
  const sources: Sampling.Sources = {
    random: () => generator.number(),
    monotonic: () => Number(clock.unsafeCurrentTimeNanos()) / 1e6
  }

  const cost = yield* OwnCost
  let calls = 0
  const byType = new Map<string, Entry>()
  const byDefinition = new Map<EventDefinition.Any, Entry>()
  for (const definition of config.events) {
    if (byType.has(definition.type)) continue
    const entry: Entry = {
      definition,
      sampler: Sampling.make(definition.sampling, sources),
      activity: activityOf(definition.type),
      encoder: null
    }
    byType.set(definition.type, entry)
    byDefinition.set(definition, entry)
  }

  const tell = (
    outcome: "level" | "sampling" | "invalid" | "oversize",
    eventType: string,
    issue: string | null
  ): void => debug?.unsafeAdd({ outcome, eventType, timestamp: clock.unsafeCurrentTimeMillis(), issue })

  const capture = (entry: Entry, data: unknown, activity: Activity): Issue | null => {
    const effective = gate.unsafeCurrent()
    const { definition, sampler } = entry
    if (!Level.includes(effective.level, definition.level)) {
      intake.unsafeCount("filtered:level")
      tell("level", definition.type, `recorded at ${definition.level} and above`)
      return null
    }
    const suppressed = sampler === null ? 0 : sampler.unsafeNext()
    if (suppressed < 0) {
      intake.unsafeCount("filtered:sampling")
      tell("sampling", definition.type, definition.sampling._tag)
      return null
    }
    const encoded = (entry.encoder ??= encoders.unsafeOf(definition)).encode(data, effective.level)
    if (encoded._tag !== "Encoded") {
      sampler?.unsafeUndo()
      intake.unsafeCount(encoded._tag === "Invalid" ? "dropped:invalid" : "dropped:oversize")
      const issue = encoded._tag === "Invalid" ? encoded.issue : null
      tell(issue === null ? "oversize" : "invalid", definition.type, issue?.message ?? null)
      return issue
    }
    const time = clock.unsafeCurrentTimeMillis()
    const context = session.unsafeTouch(activity, time)
    const event = unsafeRedacted({
      id: ids.uuid7(time),
      type: definition.type,
      time,
      data: encoded.json,
      measure: encoded.measure,
      rate: sampler === null ? 1 : sampler.rate,
      suppressed,
      context
    })
    intake.unsafeOffer(event)
    if (debug !== null) {
      const { fields } = encoders.explain(definition, data, effective.level)
      debug.unsafeAdd({ outcome: "recorded", event, fields: notable(fields) })
    }
    return null
  }

  /** What is no text at all may come from a program without types. */
  const refuse = (type: unknown): Issue => {
    const name = typeof type === "string" ? type.slice(0, maxNameLength) : typeof type
    intake.unsafeCount("dropped:invalid")
    tell("invalid", name, "this type is not declared")
    return undeclared(name)
  }

  const trackAs = (entry: Entry | undefined, type: string, data: unknown, activity?: Activity): Issue | null => {
    if (!gate.unsafeCurrent().enabled) return null
    if (entry === undefined) return refuse(type)
    const started = ++calls % sampleEvery === 0 ? clock.unsafeCurrentTimeNanos() : null
    try {
      return capture(entry, data, activity ?? entry.activity)
    } catch {
      intake.unsafeCount("dropped:invalid")
      return unreadable
    } finally {
      if (started !== null) {
        cost.unsafeAdd("capture", sampleEvery * Number(clock.unsafeCurrentTimeNanos() - started))
      }
    }
  }

  return Collector.of({
    unsafeTrack: (definition, data, activity) =>
      trackAs(byDefinition.get(definition) ?? byType.get(definition.type), definition.type, data, activity),
    unsafeTrackNamed: (eventType, data) => trackAs(byType.get(eventType), eventType, data),
    definition: (eventType) => byType.get(eventType)?.definition
  })
})

/**
 * Takes declared events only: what is not among `events` of the configuration is refused and counted, because the catalogue
 * could not tell a person of it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Collector, never, ConsentGate | Config | Ids | Session | Intake | Encoders> = Layer
  .effect(Collector, make)
