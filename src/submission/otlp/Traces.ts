/**
 * Ended spans as OpenTelemetry has them.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import { attributes, byContext, nanos, resource, scope } from "./Attributes.js"
import type { Span, TracesRequest } from "./Protocol.js"
import * as TraceIds from "./TraceIds.js"

const kinds: Readonly<Record<string, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }

const Values = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** What a redaction has turned into something else is left out, not guessed. */
const SpanEvent = Schema.Struct({ name: Schema.String, time: Schema.String, attributes: Schema.optional(Values) })
const Link = Schema.Struct({ traceId: Schema.String, spanId: Schema.String, attributes: Schema.optional(Values) })

const Data = Schema.Struct({
  traceId: Schema.String,
  spanId: Schema.String,
  parentSpanId: Schema.optional(Schema.String),
  name: Schema.String,
  kind: Schema.String,
  start: Schema.String,
  end: Schema.String,
  exit: Schema.String,
  errorType: Schema.optional(Schema.String),
  errorMessage: Schema.optional(Schema.String),
  stack: Schema.optional(Schema.String),
  attributes: Schema.optional(Values),
  events: Schema.optional(Schema.Array(Schema.Unknown)),
  links: Schema.optional(Schema.Array(Schema.Unknown))
})

const decodeData = Schema.decodeUnknownOption(Schema.parseJson(Data))
const decodeEvent = Schema.decodeUnknownOption(SpanEvent)
const decodeLink = Schema.decodeUnknownOption(Link)

const events = (data: typeof Data.Type, end: bigint): (typeof Span.Type)["events"] => [
  ...(data.events ?? []).flatMap((value) =>
    Option.match(decodeEvent(value), {
      onNone: () => [],
      onSome: ({ attributes: record = {}, name, time }) => {
        const at = nanos(time)
        return at === null ? [] : [{ timeUnixNano: String(at), name, attributes: attributes(record) }]
      }
    })
  ),
  ...(data.errorType === undefined ? [] : [{
    timeUnixNano: String(end),
    name: "exception",
    attributes: attributes({
      "exception.type": data.errorType,
      ...(data.errorMessage === undefined ? {} : { "exception.message": data.errorMessage }),
      ...(data.stack === undefined ? {} : { "exception.stacktrace": data.stack })
    })
  }])
]

const links = (data: typeof Data.Type): (typeof Span.Type)["links"] =>
  (data.links ?? []).flatMap((value) => {
    const link = Option.getOrUndefined(decodeLink(value))
    const traceId = TraceIds.traceId(link?.traceId)
    const spanId = TraceIds.spanId(link?.spanId)
    return traceId === null || spanId === null
      ? []
      : [{ traceId, spanId, attributes: attributes(link?.attributes ?? {}) }]
  })

const status = (data: typeof Data.Type): (typeof Span.Type)["status"] =>
  data.exit === "success" || data.exit === "interrupted"
    ? {}
    : { code: 2, ...(data.errorMessage === undefined ? {} : { message: data.errorMessage }) }

/**
 * Null for an event that is no span, or one whose ids or times OpenTelemetry cannot carry.
 *
 * @since 0.1.0
 * @category conversions
 */
export const span = (event: RedactedEvent): typeof Span.Type | null => {
  const data = Option.getOrUndefined(decodeData(event.data))
  const traceId = TraceIds.traceId(data?.traceId)
  const spanId = TraceIds.spanId(data?.spanId)
  const start = nanos(data?.start ?? "")
  const end = nanos(data?.end ?? "")
  if (data === undefined || traceId === null || spanId === null || start === null || end === null) return null
  const parentSpanId = TraceIds.spanId(data.parentSpanId)
  return {
    traceId,
    spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name: data.name,
    kind: kinds[data.kind] ?? 1,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(end < start ? start : end),
    attributes: attributes({ ...data.attributes, "effect.exit": data.exit, "session.id": event.context.sessionId }),
    events: events(data, end),
    links: links(data),
    status: status(data)
  }
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const request = (
  events: ReadonlyArray<{ readonly event: RedactedEvent; readonly span: typeof Span.Type }>
): typeof TracesRequest.Type => ({
  resourceSpans: byContext(events.map(({ event, span }) => ({ context: event.context, item: span }))).map((group) => ({
    resource: resource(group.context),
    scopeSpans: [{ scope, spans: group.items }]
  }))
})
