/**
 * Samples of metrics as OpenTelemetry has them: cumulative since the recorder was started.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import { attributes, byContext, countOf, nanos, resource, scope, unique } from "./Attributes.js"
import type { KeyValue, Metric, MetricsRequest } from "./Protocol.js"

const Data = Schema.Struct({
  name: Schema.String,
  kind: Schema.Literal("counter", "gauge", "histogram", "summary", "frequency"),
  unit: Schema.optional(Schema.String),
  start: Schema.String,
  time: Schema.String,
  tags: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  monotonic: Schema.optional(Schema.Boolean),
  value: Schema.optional(Schema.Number),
  integer: Schema.optional(Schema.String),
  count: Schema.optionalWith(Schema.Number, { default: () => 0 }),
  sum: Schema.optionalWith(Schema.Number, { default: () => 0 }),
  min: Schema.optional(Schema.Number),
  max: Schema.optional(Schema.Number),
  bounds: Schema.optionalWith(Schema.Array(Schema.Number), { default: () => [] }),
  counts: Schema.optionalWith(Schema.Array(Schema.Number), { default: () => [] }),
  quantiles: Schema.optionalWith(Schema.Array(Schema.Tuple(Schema.Number, Schema.Number)), { default: () => [] }),
  occurrences: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
})

const decodeData = Schema.decodeUnknownOption(Schema.parseJson(Data))

const whole = (n: number): string => String(countOf(n))

/** What 64 bits do not hold is near enough as a double. */
const numberOf = ({ integer, value }: typeof Data.Type): { readonly asInt: string } | { readonly asDouble: number } => {
  if (integer === undefined || !/^-?\d{1,19}$/.test(integer)) return { asDouble: value ?? 0 }
  const exact = BigInt(integer)
  return BigInt.asIntN(64, exact) === exact ? { asInt: String(exact) } : { asDouble: Number(integer) }
}

/** Buckets that do not hold what was counted are left out: count and sum stand by themselves. */
const bucketsOf = ({ bounds, count, counts }: typeof Data.Type) => {
  const sum = counts.reduce((total, n) => total + countOf(n), 0n)
  return sum === countOf(count) && counts.length === bounds.length + 1
    ? { bucketCounts: counts.map(whole), explicitBounds: bounds }
    : { bucketCounts: [], explicitBounds: [] }
}

interface Times {
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
}

/** Null: times that OpenTelemetry cannot carry. */
const timesOf = (data: typeof Data.Type): Times | null => {
  const start = nanos(data.start)
  const time = nanos(data.time)
  return start === null || time === null
    ? null
    : { startTimeUnixNano: String(start < time ? start : time), timeUnixNano: String(time) }
}

const shape = (
  data: typeof Data.Type,
  times: Times,
  tags: ReadonlyArray<KeyValue>
): Omit<typeof Metric.Type, "name" | "unit"> => {
  const point = { attributes: tags, ...times }
  const number = numberOf(data)
  switch (data.kind) {
    case "gauge":
      return { gauge: { dataPoints: [{ ...point, ...number }] } }
    case "counter":
      return {
        sum: {
          dataPoints: [{ ...point, ...number }],
          aggregationTemporality: 2,
          isMonotonic: data.monotonic ?? false
        }
      }
    case "frequency":
      return {
        sum: {
          dataPoints: Object.entries(data.occurrences ?? {}).flatMap(([key, n]) =>
            typeof n === "number"
              ? [{
                ...point,
                attributes: unique([{ key: "key", value: { stringValue: key } }, ...tags]),
                asInt: String(BigInt.asIntN(64, BigInt(Math.trunc(n))))
              }]
              : []
          ),
          aggregationTemporality: 2,
          isMonotonic: true
        }
      }
    case "histogram":
      return {
        histogram: {
          dataPoints: [{
            ...point,
            count: whole(data.count),
            sum: data.sum,
            ...(data.min === undefined ? {} : { min: data.min }),
            ...(data.max === undefined ? {} : { max: data.max }),
            ...bucketsOf(data)
          }],
          aggregationTemporality: 2
        }
      }
    case "summary":
      return {
        summary: {
          dataPoints: [{
            ...point,
            count: whole(data.count),
            sum: data.sum,
            quantileValues: data.quantiles.map(([quantile, value]) => ({ quantile, value }))
          }]
        }
      }
  }
}

/**
 * Null for an event that is no sample of a metric, or one whose times OpenTelemetry cannot carry.
 *
 * @since 0.1.0
 * @category conversions
 */
export const metric = (event: RedactedEvent): typeof Metric.Type | null =>
  Option.match(decodeData(event.data), {
    onNone: () => null,
    onSome: (data) => {
      const times = timesOf(data)
      return times === null
        ? null
        : {
          name: data.name,
          ...(data.unit === undefined ? {} : { unit: data.unit }),
          ...shape(data, times, attributes(data.tags ?? {}))
        }
    }
  })

const added = <A extends { readonly dataPoints: ReadonlyArray<object> }>(a: A, b: A): A => ({
  ...a,
  dataPoints: [...a.dataPoints, ...b.dataPoints]
})

/** Two of the same name and kind. */
const joined = (a: typeof Metric.Type, b: typeof Metric.Type): typeof Metric.Type => ({
  ...a,
  ...(a.gauge && b.gauge ? { gauge: added(a.gauge, b.gauge) } : {}),
  ...(a.sum && b.sum ? { sum: added(a.sum, b.sum) } : {}),
  ...(a.histogram && b.histogram ? { histogram: added(a.histogram, b.histogram) } : {}),
  ...(a.summary && b.summary ? { summary: added(a.summary, b.summary) } : {})
})

/** One metric with many points, not many metrics of one name. */
const merged = (metrics: ReadonlyArray<typeof Metric.Type>): ReadonlyArray<typeof Metric.Type> => {
  const known = new Map<string, typeof Metric.Type>()
  for (const one of metrics) {
    const { name, unit, ...kind } = one
    const key = JSON.stringify([name, unit, Object.keys(kind), one.sum?.isMonotonic])
    const other = known.get(key)
    known.set(key, other === undefined ? one : joined(other, one))
  }
  return [...known.values()]
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const request = (
  events: ReadonlyArray<{ readonly event: RedactedEvent; readonly metric: typeof Metric.Type }>
): typeof MetricsRequest.Type => ({
  resourceMetrics: byContext(events.map(({ event, metric }) => ({ context: event.context, item: metric }))).map((
    group
  ) => ({ resource: resource(group.context), scopeMetrics: [{ scope, metrics: merged(group.items) }] }))
})
