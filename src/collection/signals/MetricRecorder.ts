/**
 * Chosen metrics as `metric_sampled` events, on an interval: durable samples that keep the time they were taken at.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import { ConsentGate } from "../../consent/ConsentGate.js"
import type * as EventDefinition from "../../domain/EventDefinition.js"
import { MetricSampled } from "../../domain/events/Signals.js"
import { Collector } from "../Collector.js"
import * as MetricReader from "../instruments/MetricReader.js"
import * as Declared from "./Declared.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly include: MetricReader.Include
  /** Default: 60 seconds. */
  readonly interval?: Duration.DurationInput | undefined
  /** Metrics each time, at most; those beyond are left out, which is logged once. Default: 200. */
  readonly limit?: number | undefined
}

type Sample = EventDefinition.Data<typeof MetricSampled>

const number = (value: number | bigint) => typeof value === "bigint" ? { integer: String(value) } : { value }

/** Without observations least and greatest are infinite, which JSON has no number for. */
const bounds = ({ max, min }: { readonly min: number; readonly max: number }) => ({
  ...(Number.isFinite(min) ? { min } : {}),
  ...(Number.isFinite(max) ? { max } : {})
})

const figures = (state: MetricReader.State): Partial<Sample> => {
  switch (state.kind) {
    case "counter":
      return { ...number(state.value), monotonic: state.monotonic }
    case "gauge":
      return number(state.value)
    case "frequency":
      return { occurrences: Object.fromEntries(state.occurrences) }
    case "histogram":
      return { count: state.count, sum: state.sum, ...bounds(state), bounds: state.bounds, counts: state.counts }
    case "summary":
      return { count: state.count, sum: state.sum, ...bounds(state), quantiles: state.quantiles }
  }
}

const sampleOf = (reading: MetricReader.Reading, start: string, time: string): Sample => ({
  name: reading.name,
  kind: reading.state.kind,
  ...(reading.unit === null ? {} : { unit: reading.unit }),
  start,
  time,
  tags: reading.tags,
  ...figures(reading.state)
})

const make = (options: Options): Effect.Effect<void, never, Collector | ConsentGate | Scope> =>
  Effect.gen(function*() {
    const collector = yield* Collector
    const gate = yield* ConsentGate
    const clock = yield* Effect.clock
    yield* Declared.warn(MetricSampled)
    const start = String(clock.unsafeCurrentTimeNanos())
    const limit = options.limit ?? 200
    let warned = false

    const sample = Effect.suspend(() => {
      if (!gate.unsafeCurrent().enabled) return Effect.void
      const { left, readings } = MetricReader.unsafeRead(options.include, limit)
      const time = String(clock.unsafeCurrentTimeNanos())
      for (const reading of readings) collector.unsafeTrack(MetricSampled, sampleOf(reading, start, time))
      if (left === 0 || warned) return Effect.void
      warned = true
      return Effect.logWarning(`telemetry: ${left} metrics beyond the limit of ${limit} are not recorded`)
    })

    yield* MetricReader.every(options.interval ?? "60 seconds", sample)
  })

/**
 * Needs `events: Signals.all`. Samples once more when the scope closes.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<never, never, Collector | ConsentGate> =>
  Layer.scopedDiscard(make(options))
