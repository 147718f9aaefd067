/**
 * The requests of OTLP/HTTP in their JSON form, as far as they are used here: names in camelCase, ids in hexadecimal, enums
 * as numbers, 64-bit integers as decimal text.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** A 64-bit integer. */
const Int64 = Schema.String.pipe(Schema.pattern(/^-?\d{1,20}$/))
const TraceId = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{32}$/))
const SpanId = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{16}$/))

/**
 * A value of any type; without any member it is null.
 *
 * @since 0.1.0
 * @category models
 */
export interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values: ReadonlyArray<AnyValue> }
  readonly kvlistValue?: { readonly values: ReadonlyArray<KeyValue> }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const AnyValue: Schema.Schema<AnyValue> = Schema.Struct({
  stringValue: Schema.optionalWith(Schema.String, { exact: true }),
  boolValue: Schema.optionalWith(Schema.Boolean, { exact: true }),
  intValue: Schema.optionalWith(Int64, { exact: true }),
  doubleValue: Schema.optionalWith(Schema.Number, { exact: true }),
  arrayValue: Schema.optionalWith(
    Schema.Struct({ values: Schema.Array(Schema.suspend((): Schema.Schema<AnyValue> => AnyValue)) }),
    { exact: true }
  ),
  kvlistValue: Schema.optionalWith(
    Schema.Struct({ values: Schema.Array(Schema.suspend((): Schema.Schema<KeyValue> => KeyValue)) }),
    { exact: true }
  )
})

/**
 * @since 0.1.0
 * @category schemas
 */
export const KeyValue: Schema.Schema<KeyValue> = Schema.Struct({ key: Schema.String, value: AnyValue })

const attributes = Schema.Array(KeyValue)

/**
 * Who speaks: the application, and which run of it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Resource = Schema.Struct({ attributes })

/**
 * @since 0.1.0
 * @category schemas
 */
export const Scope = Schema.Struct({ name: Schema.String, version: Schema.String })

/**
 * @since 0.1.0
 * @category schemas
 */
export const LogRecord = Schema.Struct({
  timeUnixNano: Int64,
  observedTimeUnixNano: Int64,
  severityNumber: Schema.Int,
  severityText: Schema.String,
  eventName: Schema.optionalWith(Schema.String, { exact: true }),
  body: Schema.optionalWith(AnyValue, { exact: true }),
  attributes,
  traceId: Schema.optionalWith(TraceId, { exact: true }),
  spanId: Schema.optionalWith(SpanId, { exact: true })
})

/**
 * @since 0.1.0
 * @category schemas
 */
export const Span = Schema.Struct({
  traceId: TraceId,
  spanId: SpanId,
  parentSpanId: Schema.optionalWith(SpanId, { exact: true }),
  name: Schema.String,
  kind: Schema.Int,
  startTimeUnixNano: Int64,
  endTimeUnixNano: Int64,
  attributes,
  events: Schema.Array(Schema.Struct({ timeUnixNano: Int64, name: Schema.String, attributes })),
  links: Schema.Array(Schema.Struct({ traceId: TraceId, spanId: SpanId, attributes })),
  status: Schema.Struct({
    code: Schema.optionalWith(Schema.Int, { exact: true }),
    message: Schema.optionalWith(Schema.String, { exact: true })
  })
})

const point = { attributes, startTimeUnixNano: Int64, timeUnixNano: Int64 }

const NumberPoint = Schema.Struct({
  ...point,
  asInt: Schema.optionalWith(Int64, { exact: true }),
  asDouble: Schema.optionalWith(Schema.Number, { exact: true })
})

const sums = {
  count: Int64,
  sum: Schema.Number
}

/**
 * `aggregationTemporality` is always 2: cumulative since the start of the point.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Metric = Schema.Struct({
  name: Schema.String,
  unit: Schema.optionalWith(Schema.String, { exact: true }),
  gauge: Schema.optionalWith(Schema.Struct({ dataPoints: Schema.Array(NumberPoint) }), { exact: true }),
  sum: Schema.optionalWith(
    Schema.Struct({
      dataPoints: Schema.Array(NumberPoint),
      aggregationTemporality: Schema.Literal(2),
      isMonotonic: Schema.Boolean
    }),
    { exact: true }
  ),
  histogram: Schema.optionalWith(
    Schema.Struct({
      dataPoints: Schema.Array(Schema.Struct({
        ...point,
        ...sums,
        min: Schema.optionalWith(Schema.Number, { exact: true }),
        max: Schema.optionalWith(Schema.Number, { exact: true }),
        bucketCounts: Schema.Array(Int64),
        explicitBounds: Schema.Array(Schema.Number)
      })),
      aggregationTemporality: Schema.Literal(2)
    }),
    { exact: true }
  ),
  summary: Schema.optionalWith(
    Schema.Struct({
      dataPoints: Schema.Array(Schema.Struct({
        ...point,
        ...sums,
        quantileValues: Schema.Array(Schema.Struct({ quantile: Schema.Number, value: Schema.Number }))
      }))
    }),
    { exact: true }
  )
})

/**
 * What `/v1/logs` takes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const LogsRequest = Schema.Struct({
  resourceLogs: Schema.Array(Schema.Struct({
    resource: Resource,
    scopeLogs: Schema.Array(Schema.Struct({ scope: Scope, logRecords: Schema.Array(LogRecord) }))
  }))
})

/**
 * What `/v1/traces` takes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TracesRequest = Schema.Struct({
  resourceSpans: Schema.Array(Schema.Struct({
    resource: Resource,
    scopeSpans: Schema.Array(Schema.Struct({ scope: Scope, spans: Schema.Array(Span) }))
  }))
})

/**
 * What `/v1/metrics` takes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MetricsRequest = Schema.Struct({
  resourceMetrics: Schema.Array(Schema.Struct({
    resource: Resource,
    scopeMetrics: Schema.Array(Schema.Struct({ scope: Scope, metrics: Schema.Array(Metric) }))
  }))
})

const Count = Schema.Union(Schema.Int, Schema.NumberFromString).pipe(Schema.nonNegative())

const partial = <Name extends "rejectedLogRecords" | "rejectedSpans" | "rejectedDataPoints">(name: Name) =>
  Schema.Struct({
    partialSuccess: Schema.optional(Schema.NullOr(Schema.Struct({
      rejected: Schema.optional(Count).pipe(Schema.fromKey(name)),
      errorMessage: Schema.optional(Schema.String)
    })))
  })

/**
 * What comes back, by the name the endpoint gives to what it refuses.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Answer = {
  logs: partial("rejectedLogRecords"),
  traces: partial("rejectedSpans"),
  metrics: partial("rejectedDataPoints")
}

/**
 * @since 0.1.0
 * @category models
 */
export type Signal = keyof typeof Answer
