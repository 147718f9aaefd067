/**
 * One encoder for each declared event, compiled when its first event comes.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import { RollupWindow } from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import { Ids } from "../domain/Ids.js"
import * as Level from "../domain/Level.js"
import { type EventContext, type RedactedEvent, unsafeRedacted } from "../domain/TelemetryEvent.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import * as Encoder from "./Encoder.js"
import * as Explain from "./Explain.js"
import * as KeyedHash from "./KeyedHash.js"
import { MachineNames } from "./MachineNames.js"
import * as Redaction from "./Redaction.js"

/**
 * Patterns, field names and words an application adds to the redaction rules. Nothing can be taken from them.
 *
 * @since 0.1.0
 * @category references
 */
export class RedactionOptions extends Context.Reference<RedactionOptions>()(
  "effect-telemetry/collection/RedactionOptions",
  { defaultValue: (): Redaction.Options => ({}) }
) {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly unsafeOf: (definition: EventDefinition.Any) => Encoder.Encoder
  /** Encodes as {@link Service.unsafeOf} does, and tells how. */
  readonly explain: (definition: EventDefinition.Any, data: unknown, level: Level.Level) => Explain.Explanation
  /**
   * What may stay of an event at a lower level: fewer fields, and at basic no installation. Null when nothing may, as for a
   * type that is no longer declared. Events of one context have one context afterwards, too.
   */
  readonly lower: (event: RedactedEvent, level: Level.Level) => RedactedEvent | null
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Encoders extends Context.Tag("effect-telemetry/collection/Encoders")<Encoders, Service>() {}

/** Hexadecimal digits kept of a hash: 128 bits, more than enough to keep values apart. */
const hashLength = 32

const loweredContexts = () => {
  const known = new WeakMap<EventContext, Map<Level.Level, EventContext>>()
  return (context: EventContext, level: Level.Level): EventContext => {
    let byLevel = known.get(context)
    if (byLevel === undefined) known.set(context, byLevel = new Map())
    let lowered = byLevel.get(level)
    if (lowered === undefined) {
      lowered = { ...context, level, installationId: level === "basic" ? null : context.installationId }
      byLevel.set(level, lowered)
    }
    return lowered
  }
}

const make = Effect.gen(function*() {
  const { events } = yield* Config
  const gate = yield* ConsentGate
  const ids = yield* Ids
  const added = yield* RedactionOptions
  const names = yield* MachineNames
  const known = new Map<EventDefinition.Any, Encoder.Encoder>()
  const keyOfProcess = ids.uuid4() + ids.uuid4()
  let redactor: Redaction.Redactor | undefined
  let key: string | undefined
  let keyed = (text: string): string => text

  const hash = (text: string): string => {
    const current = gate.unsafeHashKey() ?? keyOfProcess
    if (current !== key) {
      key = current
      keyed = KeyedHash.make(current)
    }
    return keyed(text.slice(0, Policy.maxTextLength)).slice(0, hashLength)
  }

  const options = (): Redaction.Options => {
    const { hosts, users } = names()
    return { ...added, users: [...users, ...added.users ?? []], hosts: [...hosts, ...added.hosts ?? []] }
  }

  const unsafeOf = (definition: EventDefinition.Any): Encoder.Encoder => {
    let encoder = known.get(definition)
    if (encoder === undefined) {
      redactor ??= Redaction.make(options())
      encoder = Encoder.make(definition, redactor, hash)
      known.set(definition, encoder)
    }
    return encoder
  }

  const lowerContext = loweredContexts()

  return Encoders.of({
    unsafeOf,
    explain: (definition, data, level) => Explain.explain(definition, options(), hash)(data, level),
    lower: (event, level) => {
      if (Level.includes(level, event.context.level)) return event
      // it needs every level it has: what it sums up cannot be told apart any more
      if (event.type === RollupWindow.type) return null
      const definition = events.find(({ type }) => type === event.type)
      const data = definition === undefined ? null : unsafeOf(definition).lower(event.data, level)
      return data === null ? null : unsafeRedacted({ ...event, data, context: lowerContext(event.context, level) })
    }
  })
})

/**
 * Hashed fields are keyed with the secret of this installation, or of this process where there is none.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Encoders, never, ConsentGate | Ids | Config> = Layer.effect(Encoders, make)
