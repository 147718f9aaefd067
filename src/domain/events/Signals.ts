/**
 * The logs, spans and metrics of an Effect program as events, so that they wait in the durable queue like all others. They
 * are not among the built-in events: an application that records them says so with `events: Signals.all`, and only then
 * does the catalogue list them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Policy from "../../Policy.js"
import * as EventDefinition from "../EventDefinition.js"
import * as Privacy from "../Privacy.js"

/** Nanoseconds since the epoch in decimals: a number of JSON could not hold them. */
const nanos = Privacy.allow(Schema.String.pipe(Schema.pattern(/^\d{1,20}$/)))
const number = Privacy.allow(Schema.Number)
const text = Privacy.redact(Schema.String)
const values = Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Unknown }), { level: "full" })
const list = Privacy.redact(Schema.Array(Schema.Unknown), { level: "full" })
const message = Privacy.truncate(Schema.String, Policy.maxLogLength)
const stack = Privacy.truncate(Schema.String, Policy.maxStackLength, { level: "full" })

// Other tracers make ids of other kinds; what OpenTelemetry could not carry is kept all the same, as nothing but an id.
const id = Privacy.allow(Schema.String.pipe(Schema.pattern(/^[0-9A-Za-z-]{1,64}$/)))

/**
 * `log_recorded`
 *
 * @since 0.1.0
 * @category events
 */
export const LogRecorded = EventDefinition.make("log_recorded", {
  description: "A line of the program's log: its level, its text redacted and cut, and the span it belongs to",
  purpose: "Follow what the program did, beside its traces",
  level: "enhanced",
  dimension: "severity",
  fields: {
    severity: Privacy.allow(Schema.Literal("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")),
    message,
    arguments: Privacy.optional(list),
    attributes: Privacy.optional(values),
    traceId: Privacy.optional(id),
    spanId: Privacy.optional(id),
    errorType: Privacy.optional(text),
    errorMessage: Privacy.optional(message),
    stack: Privacy.optional(stack)
  }
})

/**
 * `span_ended`
 *
 * @since 0.1.0
 * @category events
 */
export const SpanEnded = EventDefinition.make("span_ended", {
  description:
    "A traced part of the program has ended: its name, its place in the trace, how long it took and how it ended",
  purpose: "See where time goes and where it fails, across services",
  level: "enhanced",
  metric: "duration",
  dimension: "name",
  fields: {
    traceId: id,
    spanId: id,
    parentSpanId: Privacy.optional(id),
    name: text,
    kind: Privacy.allow(Schema.Literal("internal", "server", "client", "producer", "consumer")),
    start: nanos,
    end: nanos,
    duration: number,
    exit: Privacy.allow(Schema.Literal("success", "failure", "defect", "interrupted")),
    errorType: Privacy.optional(text),
    errorMessage: Privacy.optional(message),
    stack: Privacy.optional(stack),
    attributes: Privacy.optional(values),
    events: Privacy.optional(list),
    links: Privacy.optional(list)
  }
})

/**
 * `metric_sampled`
 *
 * @since 0.1.0
 * @category events
 */
export const MetricSampled = EventDefinition.make("metric_sampled", {
  description: "The state of one of the program's own metrics at a moment",
  purpose: "Watch the program's own figures over time",
  level: "enhanced",
  metric: "value",
  dimension: "name",
  fields: {
    name: text,
    kind: Privacy.allow(Schema.Literal("counter", "gauge", "histogram", "summary", "frequency")),
    unit: Privacy.optional(text),
    start: nanos,
    time: nanos,
    tags: Privacy.optional(Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.String }))),
    monotonic: Privacy.optional(Privacy.allow(Schema.Boolean)),
    value: Privacy.optional(number),
    integer: Privacy.optional(Privacy.allow(Schema.String.pipe(Schema.pattern(/^-?\d{1,19}$/)))),
    count: Privacy.optional(number),
    sum: Privacy.optional(number),
    min: Privacy.optional(number),
    max: Privacy.optional(number),
    bounds: Privacy.optional(Privacy.allow(Schema.Array(Schema.Number))),
    counts: Privacy.optional(Privacy.allow(Schema.Array(Schema.Number))),
    quantiles: Privacy.optional(Privacy.allow(Schema.Array(Schema.Tuple(Schema.Number, Schema.Number)))),
    occurrences: Privacy.optional(Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Number })))
  }
})

/**
 * All three, for the option `events`.
 *
 * @since 0.1.0
 * @category constants
 */
export const all: ReadonlyArray<EventDefinition.Any> = [LogRecorded, SpanEnded, MetricSampled]
