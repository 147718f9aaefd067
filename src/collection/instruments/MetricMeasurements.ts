/**
 * Chosen metrics as performance events, on an interval: of a counter what was added, of a gauge its value, of a histogram or a
 * summary the mean of what was observed, each since the last time.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import { ConsentGate } from "../../consent/ConsentGate.js"
import { PerformanceMeasured } from "../../domain/EventCatalog.js"
import type * as EventDefinition from "../../domain/EventDefinition.js"
import { Collector } from "../Collector.js"
import * as MetricReader from "./MetricReader.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly include: MetricReader.Include
  /** Default: 60 seconds. */
  readonly interval?: Duration.DurationInput | undefined
  /** Events each time, at most; metrics beyond are left out. Default: 50. */
  readonly limit?: number | undefined
}

type Measurement = EventDefinition.Data<typeof PerformanceMeasured>

interface Units {
  readonly unit: Measurement["unit"]
  readonly factor: number
}

const units: Readonly<Record<string, Units>> = {
  ms: { unit: "ms", factor: 1 },
  milliseconds: { unit: "ms", factor: 1 },
  s: { unit: "ms", factor: 1000 },
  seconds: { unit: "ms", factor: 1000 },
  bytes: { unit: "bytes", factor: 1 },
  By: { unit: "bytes", factor: 1 },
  percentage: { unit: "percentage", factor: 1 },
  "%": { unit: "percentage", factor: 1 }
}

const counted: Units = { unit: "count", factor: 1 }

/** What the next difference is taken from. */
interface Before {
  readonly count: number
  readonly sum: number
}

const none: Before = { count: 0, sum: 0 }

/** What a state says since `before`; null when nothing came. */
const since = (
  state: MetricReader.State,
  before: Before
): { readonly value: number; readonly now: Before } | null => {
  switch (state.kind) {
    case "gauge":
      return { value: Number(state.value), now: none }
    case "counter": {
      const sum = Number(state.value)
      return sum === before.sum ? null : { value: sum - before.sum, now: { count: 0, sum } }
    }
    case "frequency": {
      const sum = [...state.occurrences.values()].reduce((all, n) => all + n, 0)
      return sum === before.sum ? null : { value: sum - before.sum, now: { count: 0, sum } }
    }
    default: {
      const { count, sum } = state
      return count === before.count
        ? null
        : { value: (sum - before.sum) / (count - before.count), now: { count, sum } }
    }
  }
}

const measurement = (reading: MetricReader.Reading, value: number): Measurement => {
  const { factor, unit } = units[reading.unit ?? ""] ?? counted
  return {
    metricName: reading.name,
    value: value * factor,
    unit,
    context: { ...reading.tags, kind: reading.state.kind }
  }
}

const make = (options: Options): Effect.Effect<void, never, Collector | ConsentGate | Scope> =>
  Effect.gen(function*() {
    const collector = yield* Collector
    const gate = yield* ConsentGate
    const known = new Map<string, Before>()
    const sample = Effect.sync(() => {
      if (!gate.unsafeCurrent().enabled) return
      for (const reading of MetricReader.unsafeRead(options.include, options.limit ?? 50).readings) {
        const key = JSON.stringify([reading.name, reading.tags])
        const found = since(reading.state, known.get(key) ?? none)
        if (found === null || !Number.isFinite(found.value)) continue
        known.set(key, found.now)
        collector.unsafeTrack(PerformanceMeasured, measurement(reading, found.value))
      }
    })
    yield* MetricReader.every(options.interval ?? "60 seconds", sample)
  })

/**
 * `performance_measured` for each chosen metric on each interval, and once more when the scope closes. Nothing while nothing
 * changed, but for gauges.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<never, never, Collector | ConsentGate> =>
  Layer.scopedDiscard(make(options))
