/**
 * The registry of metrics of the process, read in one form for whoever samples it.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricKeyType from "effect/MetricKeyType"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"
import type * as Scope from "effect/Scope"

/**
 * The state of a metric; all but a gauge are sums since the process began.
 *
 * @since 0.1.0
 * @category models
 */
export type State =
  | { readonly kind: "counter"; readonly value: number | bigint; readonly monotonic: boolean }
  | { readonly kind: "gauge"; readonly value: number | bigint }
  | {
    readonly kind: "histogram"
    readonly count: number
    readonly sum: number
    readonly min: number
    readonly max: number
    /** Upper bounds, and the observations in each bucket, one more than bounds. */
    readonly bounds: ReadonlyArray<number>
    readonly counts: ReadonlyArray<number>
  }
  | {
    readonly kind: "summary"
    readonly count: number
    readonly sum: number
    readonly min: number
    readonly max: number
    readonly quantiles: ReadonlyArray<readonly [number, number]>
  }
  | { readonly kind: "frequency"; readonly occurrences: ReadonlyMap<string, number> }

/**
 * @since 0.1.0
 * @category models
 */
export interface Reading {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  /** From the tag `unit` or `time_unit`; null without one. */
  readonly unit: string | null
  readonly state: State
}

/**
 * Which metrics; there is no default, because the registry is the whole process's and holds Effect's own as well.
 *
 * @since 0.1.0
 * @category models
 */
export type Include = (name: string, tags: Readonly<Record<string, string>>) => boolean

/** Counts that rise from bucket to bucket, as counts of each. The last bound is beyond all others. */
const buckets = (pairs: ReadonlyArray<readonly [number, number]>, count: number) => {
  const bounds = pairs.filter(([bound]) => Number.isFinite(bound) && bound < Number.MAX_VALUE)
  const upTo = [...bounds.map(([, n]) => n), count]
  return { bounds: bounds.map(([bound]) => bound), counts: upTo.map((n, i) => n - (upTo[i - 1] ?? 0)) }
}

const stateOf = ({ metricKey, metricState }: MetricPair.MetricPair.Untyped): State | null => {
  if (MetricState.isCounterState(metricState)) {
    const { keyType } = metricKey
    const monotonic = MetricKeyType.isCounterKey(keyType) && "incremental" in keyType && keyType.incremental === true
    return { kind: "counter", value: metricState.count, monotonic }
  }
  if (MetricState.isGaugeState(metricState)) return { kind: "gauge", value: metricState.value }
  if (MetricState.isFrequencyState(metricState)) {
    return { kind: "frequency", occurrences: new Map(metricState.occurrences) }
  }
  if (MetricState.isHistogramState(metricState)) {
    const { count, max, min, sum } = metricState
    return { kind: "histogram", count, sum, min, max, ...buckets(metricState.buckets, count) }
  }
  if (MetricState.isSummaryState(metricState)) {
    const { count, max, min, sum } = metricState
    const quantiles = metricState.quantiles.flatMap(([quantile, value]) =>
      value._tag === "Some" ? [[quantile, value.value] as const] : []
    )
    return { kind: "summary", count, sum, min, max, quantiles }
  }
  return null
}

/**
 * The chosen metrics as they are now, at most `limit` of them, and how many more there were.
 *
 * @since 0.1.0
 * @category accessors
 */
export const unsafeRead = (
  include: Include,
  limit: number
): { readonly readings: ReadonlyArray<Reading>; readonly left: number } => {
  const readings: Array<Reading> = []
  let left = 0
  for (const pair of Metric.unsafeSnapshot()) {
    const { name } = pair.metricKey
    const tags = Object.fromEntries(pair.metricKey.tags.map(({ key, value }) => [key, value]))
    if (!include(name, tags)) continue
    const state = stateOf(pair)
    if (state === null) continue
    if (readings.length < limit) readings.push({ name, tags, unit: tags.time_unit ?? tags.unit ?? null, state })
    else left++
  }
  return { readings, left }
}

/**
 * Runs a sample on each interval, and once more when the scope closes. What it fails with is left aside.
 *
 * @since 0.1.0
 * @category constructors
 */
export const every = (
  interval: Duration.DurationInput,
  sample: Effect.Effect<void>
): Effect.Effect<void, never, Scope.Scope> => {
  const quiet = Effect.ignore(Effect.sandbox(sample))
  return Effect.sleep(interval).pipe(
    Effect.zipRight(quiet),
    Effect.forever,
    Effect.interruptible,
    Effect.forkScoped,
    Effect.zipRight(Effect.addFinalizer(() => quiet))
  )
}
