/**
 * An event on its way: raw from the caller, redacted before anything is stored, consented before anything is sent. The
 * three are different types, so that a store cannot be handed a raw event nor a transport one without consent.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as EventDefinition from "./EventDefinition.js"
import * as Level from "./Level.js"
import type { Measure } from "./Measure.js"

/**
 * What a caller hands to `track`: nothing has looked at it yet.
 *
 * @since 0.1.0
 * @category models
 */
export interface RawEvent<D extends EventDefinition.Any = EventDefinition.Any> {
  readonly definition: D
  readonly data: EventDefinition.Data<D>
}

/**
 * What the events of one session under one grant share. It is stored once and referred to.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventContext {
  readonly sessionId: string
  /** Null at level basic. */
  readonly installationId: string | null
  readonly app: { readonly name: string; readonly version: string }
  /** The consent epoch the events were recorded under. */
  readonly epoch: string
  /** The level granted at capture. */
  readonly level: Level.Level
  /** Had this epoch been granted for sending when the event was recorded? */
  readonly remote: boolean
}

declare const Redacted: unique symbol
declare const Consented: unique symbol

/**
 * An event that may be stored. Only the encoder makes one.
 *
 * @since 0.1.0
 * @category models
 */
export interface RedactedEvent {
  readonly [Redacted]: true
  /** UUID, version 7. */
  readonly id: string
  readonly type: string
  /** Capture time, milliseconds since the epoch. */
  readonly time: number
  /** The redacted `eventData` as JSON text. It is never parsed again on the way out. */
  readonly data: string
  /** Above 0, at most 1: a count of n stands for n / rate. */
  readonly rate: number
  /** How many throttled events this one stands for besides itself. */
  readonly suppressed: number
  readonly context: EventContext
  /** What it adds to the rollups, as the encoder knows it; absent in an event that was read back. */
  readonly measure?: Measure | undefined
}

/**
 * An event that may be sent: recorded under an epoch that is granted for sending, at a level that is still granted.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConsentedEvent extends RedactedEvent {
  readonly [Consented]: true
}

/**
 * The one way to a {@link RedactedEvent}; for the encoder, for stores that read back what they stored, and for nobody else.
 *
 * @internal
 */
export const unsafeRedacted = (event: Omit<RedactedEvent, typeof Redacted>): RedactedEvent => event as RedactedEvent

/**
 * The one way to a {@link ConsentedEvent}; for `Consent.admit` and for nobody else.
 *
 * @internal
 */
export const unsafeConsented = (event: RedactedEvent): ConsentedEvent => event as ConsentedEvent

/**
 * @since 0.1.0
 * @category constants
 */
export const schemaVersion = 1

/**
 * The event as it travels and as it is exported.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WireEvent = Schema.Struct({
  id: Schema.UUID,
  sessionId: Schema.UUID,
  installationId: Schema.optional(Schema.UUID),
  eventType: Schema.NonEmptyString.pipe(Schema.maxLength(100)),
  eventData: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  timestamp: Schema.Int.pipe(Schema.nonNegative()),
  level: Level.Level,
  sampleRate: Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(1)),
  suppressed: Schema.optional(Schema.Int.pipe(Schema.nonNegative())),
  app: Schema.Struct({
    name: Schema.NonEmptyString.pipe(Schema.maxLength(100)),
    version: Schema.String.pipe(Schema.maxLength(100))
  }),
  schemaVersion: Schema.Literal(schemaVersion)
}).annotations({ identifier: "TelemetryEvent" })

/**
 * @since 0.1.0
 * @category models
 */
export type WireEvent = typeof WireEvent.Type

interface Frame {
  readonly session: string
  readonly app: string
}

/** What the events of one context have in common as text; made once for each, and gone with it. */
const frames = new WeakMap<EventContext, Frame>()

const frameOf = (context: EventContext): Frame => {
  let frame = frames.get(context)
  if (frame === undefined) {
    const installation = context.installationId === null ? "" : ",\"installationId\":\"" + context.installationId + "\""
    frame = {
      session: "\",\"sessionId\":\"" + context.sessionId + "\"" + installation + ",\"eventType\":",
      app: ",\"app\":{\"name\":" + JSON.stringify(context.app.name) + ",\"version\":" +
        JSON.stringify(context.app.version) + "},\"schemaVersion\":" + schemaVersion + "}"
    }
    frames.set(context, frame)
  }
  return frame
}

/**
 * The JSON text of one event. The stored data is joined in as text: nothing is parsed or stringified a second time.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toJson = (event: RedactedEvent): string => {
  const { context } = event
  const frame = frameOf(context)
  return "{\"id\":\"" + event.id + frame.session + JSON.stringify(event.type) + ",\"eventData\":" + event.data +
    ",\"timestamp\":" + event.time + ",\"level\":\"" + context.level + "\",\"sampleRate\":" + event.rate +
    (event.suppressed === 0 ? "" : ",\"suppressed\":" + event.suppressed) + frame.app
}
