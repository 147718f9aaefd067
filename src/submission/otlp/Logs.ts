/**
 * Events as log records. A line of a log becomes one as it is; every other event becomes one whose event name is its type
 * and whose attributes are its data.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { LogRecorded } from "../../domain/events/Signals.js"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import { anyValue, attributes, byContext, nanosOf, resource, scope, unique } from "./Attributes.js"
import type { KeyValue, LogRecord, LogsRequest } from "./Protocol.js"
import * as TraceIds from "./TraceIds.js"

const severities: Readonly<Record<string, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  WARNING: 13,
  ERROR: 17,
  FATAL: 21,
  CRITICAL: 21
}

const Values = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const Line = Schema.Struct({
  severity: Schema.String,
  message: Schema.String,
  arguments: Schema.optional(Schema.Array(Schema.Unknown)),
  attributes: Schema.optional(Values),
  traceId: Schema.optional(Schema.String),
  spanId: Schema.optional(Schema.String),
  errorType: Schema.optional(Schema.String),
  errorMessage: Schema.optional(Schema.String),
  stack: Schema.optional(Schema.String)
})

const decodeLine = Schema.decodeUnknownOption(Schema.parseJson(Line))
const decodeData = Schema.decodeUnknownOption(Schema.parseJson(Values))

/** What every record carries of its event. The uid lets a backend drop what comes twice. */
const identity = (event: RedactedEvent): ReadonlyArray<KeyValue> =>
  attributes({
    "log.record.uid": event.id,
    "session.id": event.context.sessionId,
    ...(event.rate === 1 ? {} : { "sample.rate": event.rate }),
    ...(event.suppressed === 0 ? {} : { suppressed: event.suppressed })
  })

const timed = (event: RedactedEvent) => ({
  timeUnixNano: nanosOf(event.time),
  observedTimeUnixNano: nanosOf(event.time)
})

const ofLine = (event: RedactedEvent, line: typeof Line.Type): typeof LogRecord.Type => ({
  ...timed(event),
  severityNumber: severities[line.severity] ?? 0,
  severityText: line.severity,
  body: { stringValue: line.message },
  attributes: unique([
    ...identity(event),
    ...attributes(line.attributes ?? {}),
    ...attributes({
      ...(line.arguments === undefined ? {} : { "log.arguments": line.arguments }),
      ...(line.errorType === undefined ? {} : { "exception.type": line.errorType }),
      ...(line.errorMessage === undefined ? {} : { "exception.message": line.errorMessage }),
      ...(line.stack === undefined ? {} : { "exception.stacktrace": line.stack })
    })
  ]),
  ...TraceIds.of(line)
})

const ofEvent = (event: RedactedEvent): typeof LogRecord.Type => {
  const data = Option.getOrElse(decodeData(event.data), () => ({}))
  const severity = "severity" in data && typeof data.severity === "string" ? data.severity : "INFO"
  return {
    ...timed(event),
    severityNumber: severities[severity] ?? 9,
    severityText: severity,
    eventName: event.type,
    ...("message" in data ? { body: anyValue(data.message) } : {}),
    attributes: unique([
      { key: "event.name", value: { stringValue: event.type } },
      ...identity(event),
      ...attributes(data)
    ])
  }
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const record = (event: RedactedEvent): typeof LogRecord.Type =>
  event.type === LogRecorded.type
    ? Option.match(decodeLine(event.data), {
      onNone: () => ofEvent(event),
      onSome: (line) => ofLine(event, line)
    })
    : ofEvent(event)

/**
 * @since 0.1.0
 * @category conversions
 */
export const request = (events: ReadonlyArray<RedactedEvent>): typeof LogsRequest.Type => ({
  resourceLogs: byContext(events.map((event) => ({ context: event.context, item: record(event) }))).map((group) => ({
    resource: resource(group.context),
    scopeLogs: [{ scope, logRecords: group.items }]
  }))
})
