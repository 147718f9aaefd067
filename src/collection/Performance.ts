/**
 * How long things take and how large they are: marks and the time between them, timers, single values, and percentiles of
 * what this process has measured. All times are by the monotonic clock, in milliseconds.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import { PerformanceMeasured } from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Histogram from "../domain/Histogram.js"
import * as Policy from "../Policy.js"
import { Collector } from "./Collector.js"
import type { Activity } from "./Session.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Measurement = EventDefinition.Data<typeof PerformanceMeasured>

/**
 * Of all values of one metric in this process, within 1 %.
 *
 * @since 0.1.0
 * @category models
 */
export interface Percentiles {
  readonly metricName: string
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Timer {
  /** Records the time since the start, and gives it. Every call records. */
  readonly stop: (context?: Measurement["context"]) => Effect.Effect<number>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Records a value. What is made by telemetry itself is `passive`: it does not keep a session alive. */
  readonly unsafeRecord: (measurement: Measurement, activity?: Activity) => void
  readonly record: (measurement: Measurement) => Effect.Effect<void>
  /** Milliseconds of the monotonic clock, from an arbitrary beginning. */
  readonly unsafeNow: () => number
  /** Remembers this moment under a name; again, and it is the later one. */
  readonly mark: (name: string) => Effect.Effect<void>
  /** Records the time from one mark to another, or until now, and gives it; null where a mark is not known. */
  readonly measure: (metricName: string, from: string, to?: string) => Effect.Effect<number | null>
  readonly timer: (metricName: string) => Effect.Effect<Timer>
  /** Null where nothing was measured. */
  readonly percentiles: (metricName: string) => Effect.Effect<Percentiles | null>
  readonly summary: Effect.Effect<ReadonlyArray<Percentiles>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Performance extends Context.Tag("effect-telemetry/collection/Performance")<Performance, Service>() {}

/** At most so many entries; the oldest goes. */
const put = <A>(map: Map<string, A>, max: number, name: string, value: A): void => {
  map.delete(name)
  map.set(name, value)
  if (map.size > max) map.delete(map.keys().next().value ?? name)
}

const percentilesOf = (metricName: string, histogram: Histogram.Histogram): Percentiles => {
  const quantile = Histogram.quantiles(histogram)
  return {
    metricName,
    count: Histogram.count(histogram),
    p50: quantile(0.5) ?? 0,
    p95: quantile(0.95) ?? 0,
    p99: quantile(0.99) ?? 0
  }
}

const make = Effect.gen(function*() {
  const collector = yield* Collector
  const gate = yield* ConsentGate
  const clock = yield* Effect.clock
  const marks = new Map<string, number>()
  const histograms = new Map<string, Histogram.Mutable>()

  const unsafeNow = (): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6

  const count = (metricName: string, value: number): void => {
    let histogram = histograms.get(metricName)
    if (histogram === undefined) {
      if (histograms.size >= Policy.maxMeasuredMetrics) return
      histograms.set(metricName, histogram = Histogram.unsafeMake())
    }
    Histogram.unsafeAdd(histogram, value)
  }

  const unsafeRecord: Service["unsafeRecord"] = (measurement, activity) => {
    if (!gate.unsafeCurrent().enabled) return
    if (collector.unsafeTrack(PerformanceMeasured, measurement, activity) !== null) return
    count(measurement.metricName, measurement.value)
  }

  const record = (measurement: Measurement): Effect.Effect<void> => Effect.sync(() => unsafeRecord(measurement))

  return Performance.of({
    unsafeRecord,
    record,
    unsafeNow,
    mark: (name) => Effect.sync(() => put(marks, Policy.maxMarks, name, unsafeNow())),
    measure: (metricName, from, to) =>
      Effect.sync(() => {
        const begun = marks.get(from)
        const ended = to === undefined ? unsafeNow() : marks.get(to)
        if (begun === undefined || ended === undefined) return null
        unsafeRecord({ metricName, value: ended - begun, unit: "ms" })
        return ended - begun
      }),
    timer: (metricName) =>
      Effect.sync(() => {
        const begun = unsafeNow()
        return {
          stop: (context) =>
            Effect.sync(() => {
              const value = unsafeNow() - begun
              unsafeRecord({ metricName, value, unit: "ms", context })
              return value
            })
        }
      }),
    percentiles: (metricName) =>
      Effect.sync(() => {
        const histogram = histograms.get(metricName)
        return histogram === undefined ? null : percentilesOf(metricName, histogram)
      }),
    summary: Effect.sync(() => [...histograms].map(([name, histogram]) => percentilesOf(name, histogram)))
  })
})

/**
 * To add to telemetry. While telemetry is off nothing is recorded and no percentiles are kept.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Performance, never, Collector | ConsentGate> = Layer.effect(Performance, make)
