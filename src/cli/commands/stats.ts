/**
 * `stats`: local statistics, and those of the pipeline itself.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Destination from "../../domain/Destination.js"
import * as Histogram from "../../domain/Histogram.js"
import * as Comparison from "../../insight/Comparison.js"
import * as LocalStats from "../../LocalStats.js"
import type { Interval, StatsRow } from "../../LocalStats.js"
import { type EventFilter, EventStore } from "../../persistence/EventStore.js"
import { Rollups } from "../../persistence/Rollups.js"
import { SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import { Telemetry } from "../../Telemetry.js"
import { misused } from "../Failure.js"
import { type Flags, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import * as Range from "../Range.js"
import { chart, histogram } from "../render/chart.js"
import { sparkline } from "../render/spark.js"
import { pairs, table } from "../render/table.js"
import { bytes, time } from "../render/text.js"
import { Shell } from "../Shell.js"
import { usageView } from "./usageView.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly type: string | undefined
  readonly by: Interval | undefined
  readonly dimension: boolean
  readonly compare: boolean
  readonly usage: boolean
  readonly format: "table" | "json" | "chart" | undefined
}

const figure = (n: number | null | undefined): string =>
  n === undefined || n === null ? "-" : String(n >= 100 ? Math.round(n) : Math.round(n * 100) / 100)

const shownDimension = (dimension: string | null | undefined): ReadonlyArray<string> =>
  dimension === undefined ? [] : [dimension ?? "-"]

const dimensionHeader = (byDimension: boolean): ReadonlyArray<string> => byDimension ? ["dimension"] : []

const rowsOf = (rows: ReadonlyArray<StatsRow>) =>
  rows.map((row) => [
    row.bucket,
    row.eventType,
    ...shownDimension(row.dimension),
    row.count,
    row.errors,
    figure(row.p50),
    figure(row.p95),
    figure(row.p99)
  ])

const labelOf = (row: StatsRow, by: Interval | undefined): string =>
  [row.bucket.slice(0, by === "hour" ? 16 : 10), row.eventType, ...shownDimension(row.dimension)].join(" ")

const sign = (change: number | null): string =>
  change === null ? "new" : `${change < 0 ? "-" : "+"}${Math.round(Math.abs(change) * 100)} %`

const trendWidth = 24

const compared = (flags: Flags & Options, filter: EventFilter) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const { by = "day", dimension } = flags
    const { current, previous } = Comparison.periods({ ...filter, by }, yield* Clock.currentTimeMillis)
    const of = (period: Comparison.Period) => telemetry.stats({ ...filter, ...period, by, dimension })
    const rows = Comparison.compare(
      yield* of(current),
      yield* of(previous),
      LocalStats.buckets(current.from, current.to, by)
    )
    if (rows.length === 0 && !flags.json) return yield* note("Nothing is stored for this.")
    yield* print(flags, { current, previous, rows }, ({ style }) =>
      [
        `${time(current.from)} to ${time(current.to)}, beside the same time before`,
        table(
          ["type", ...dimensionHeader(dimension), "count", "before", "change", "errors", "before", "trend"],
          rows.map((row) => [
            row.eventType,
            ...shownDimension(row.dimension),
            row.count,
            row.previousCount,
            sign(row.change),
            row.errors,
            row.previousErrors,
            sparkline(row.trend, trendWidth)
          ]),
          style
        )
      ].join("\n"))
  })

/** The pipeline since its first request: one row, whose bucket is all of time, and every counter behind it. */
const submission = Effect.gen(function*() {
  const telemetry = yield* Telemetry
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  if (!(yield* store.exists)) return null
  const stats = yield* queue.stats(Destination.defaultId)
  const ledger = yield* telemetry.ledger
  const { latency: buckets, ...counters } = stats
  const latency = Histogram.fromPairs(buckets)
  const measured = stats.latencyCount > 0
  const row = {
    bucket: "1970-01-01T00:00:00Z",
    eventType: "submission",
    count: stats.requests,
    errors: stats.failedRequests,
    ...(measured
      ? {
        p50: Histogram.quantile(latency, 0.5),
        p95: Histogram.quantile(latency, 0.95),
        p99: Histogram.quantile(latency, 0.99)
      }
      : {})
  }
  return { rows: [row], submission: counters, ledger }
})

const terms = (entries: Readonly<Record<string, number | undefined>>): string =>
  Object.entries(entries).filter(([, n]) => n !== undefined && n !== 0).map(([term, n]) => `${term} ${n}`).join(", ") ||
  "nothing yet"

const pipeline = (flags: Flags) =>
  Effect.gen(function*() {
    const found = yield* submission
    if (found === null) {
      yield* print(flags, { rows: [] }, () => "")
      return flags.json ? undefined : yield* note("Nothing was ever recorded.")
    }
    const { ledger, submission: counters } = found
    yield* print(flags, found, (shell) =>
      pairs([
        ["Requests", `${counters.requests}, of which ${counters.failedRequests} failed`],
        ["Events", `${counters.submitted} accepted, ${counters.rejected} refused, ${counters.failed} failed attempts`],
        ["Retries", `${counters.retries}, ${counters.networkErrors} network errors`],
        ["Sent", bytes(counters.bytes)],
        ["Latency", `p50 ${figure(found.rows[0]?.p50)} ms, p95 ${figure(found.rows[0]?.p95)} ms`],
        ["Captured", terms(ledger.capture)],
        ...Object.entries(ledger.destinations).map(([id, counts]) => [`Queue ${id}`, terms(counts)] as const)
      ], shell.style))
  })

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (given: Flags & Options) =>
  Effect.gen(function*() {
    if (given.json && given.format !== undefined && given.format !== "json") {
      return yield* misused(`--json and --format ${given.format} exclude each other.`)
    }
    const flags = { ...given, json: given.json || given.format === "json" }
    if (flags.usage && (flags.compare || flags.dimension || flags.type !== undefined || flags.by !== undefined)) {
      return yield* misused("--usage goes with --from and --to only.")
    }
    if (flags.usage && flags.format === "chart") return yield* misused("--usage has no --format chart.")
    if (flags.compare && flags.format === "chart") return yield* misused("--compare has no --format chart.")
    if (flags.type === "submission") {
      return flags.compare || flags.dimension
        ? yield* misused("--type submission goes with neither --compare nor --dimension.")
        : yield* pipeline(flags)
    }
    const telemetry = yield* Telemetry
    const { style } = yield* Shell
    const filter = yield* Range.filter(flags)
    if (flags.usage) {
      const usage = yield* telemetry.usage(filter)
      return yield* print(flags, usage, () => usageView(usage, style))
    }
    if (flags.compare) return yield* compared(flags, filter)
    const rows = yield* telemetry.stats({ ...filter, by: flags.by, dimension: flags.dimension })
    if (rows.length === 0 && !flags.json) return yield* note("Nothing is stored for this.")
    // Only what one type measures has a common unit.
    const spread = flags.format === "chart" && flags.type !== undefined
      ? histogram(yield* LocalStats.distribution(yield* Rollups, { ...filter, by: flags.by }), style)
      : ""
    yield* print(flags, { rows }, () =>
      flags.format === "chart"
        ? chart(rows.map((row) => [labelOf(row, flags.by), row.count]), style) + (spread && `\n\n${spread}`)
        : table(
          ["bucket", "type", ...dimensionHeader(flags.dimension), "count", "errors", "p50", "p95", "p99"],
          rowsOf(rows),
          style
        ))
  }).pipe(withTelemetry(given))
