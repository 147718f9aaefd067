/**
 * Asks for the figures of a range, with the weeks before it, and tells what stands out.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type EventType, EventTypes } from "../EventTypes.js"
import type * as Insights from "../Insights.js"
import * as Period from "../Period.js"
import * as Note from "./Note.js"
import * as Series from "./Series.js"

/** Metrics in milliseconds. Those of other types have no unit in common: of layout shifts and paints there is no percentile. */
const durations: ReadonlySet<string> = new Set(["duration", "totalMs"])

/**
 * Is what it measures a time in milliseconds?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isDuration = (type: EventType | undefined): boolean => durations.has(type?.metric ?? "")

/** Weeks of history: those that are usual, and those that say how usual they are. */
const historyWeeks = 9

/** Error groups that are looked at, most frequent first. */
const mostGroups = 100

/** Types that are looked at one by one, most frequent first. */
const mostTypes = 20

const historyOf = ({ from, interval }: Insights.Scope): number => {
  const back = interval === "week" || interval === "month" ? 12 * (interval === "week" ? 7 : 31) : 7 * historyWeeks
  return Period.startOf(interval, from - back * Period.dayMillis)
}

const summed = (rows: ReadonlyArray<Series.Point>): ReadonlyArray<Series.Point> => {
  const sums = new Map<number, number>()
  for (const { bucket, value } of rows) sums.set(bucket, (sums.get(bucket) ?? 0) + (value ?? 0))
  return [...sums].map(([bucket, value]) => ({ bucket, value })).sort((a, b) => a.bucket - b.bucket)
}

const points = <A extends { readonly bucket: number }>(
  rows: ReadonlyArray<A>,
  value: (row: A) => number | null
): ReadonlyArray<Series.Point> => rows.map((row) => ({ bucket: row.bucket, value: value(row) }))

/** Types, most frequent first. */
const typesOf = (volume: ReadonlyArray<Insights.Volume>): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const { count, eventType } of volume) counts.set(eventType, (counts.get(eventType) ?? 0) + count)
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, mostTypes).map(([type]) => type)
}

/** Each beside the other versions of its own application: another one may fail ten times as often. */
const ofReleases = (
  releases: ReadonlyArray<Insights.Release>,
  versions: ReadonlyArray<Insights.VersionCount>,
  from: number
): ReadonlyArray<Note.Note> =>
  [...new Set(releases.map(({ app }) => app))].flatMap((name) =>
    Note.ofReleases(
      releases.filter(({ app }) => app === name),
      versions.filter(({ app }) => app === name),
      from
    )
  )

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  insights: Insights.Service,
  scope: Insights.Scope
): Effect.fn.Return<ReadonlyArray<Note.Note>, SqlError> {
  const { interval, version } = scope
  const range = {
    from: Period.startOf(interval, scope.from),
    interval,
    until: Math.min(yield* Clock.currentTimeMillis, scope.to)
  }
  const longer = { ...scope, from: historyOf(scope) }
  const isOf = (found: string): boolean => version === undefined || found === version
  const volume = yield* insights.volume(longer)
  const start = volume.reduce((least, { bucket }) => Math.min(least, bucket), Infinity)
  const counts = (
    subject: string,
    bad: Note.Watched["bad"],
    rows: ReadonlyArray<Series.Point>
  ): Note.Watched => {
    const found = summed(rows)
    // A count begins when anything did: no row of a type is no event of it.
    const begun = start === Infinity || found[0]?.bucket === start ? found : [{ bucket: start, value: 0 }, ...found]
    return { subject, kind: "count", bad, points: Series.fill(begun, interval, range.until, 0) }
  }
  const types = typesOf(volume)
  const known = yield* EventTypes
  const latencies = yield* Effect.forEach(
    types.filter((type) => isDuration(known.get(type))),
    (eventType) =>
      Effect.map(insights.latency(longer, { eventType }), (rows): Note.Watched => ({
        subject: `p95 of ${eventType}`,
        unit: "ms",
        eventType,
        kind: "measure",
        bad: "up",
        points: Series.fill(points(rows, ({ count, p95 }) => count > 0 ? p95 : null), interval, range.until, null)
      }))
  )
  // What is received is not kept by version.
  const ingest = version === undefined ? yield* insights.ingest(longer) : []
  const groups = yield* insights.errorGroups(scope, mostGroups)
  const releases = (yield* insights.releases(scope)).filter((release) => isOf(release.version))
  const watched = [
    counts("events", "both", points(volume, ({ count }) => count)),
    ...types.map((type) => ({
      ...counts(
        `errors of ${type}`,
        "up",
        points(volume.filter((one) => one.eventType === type), ({ errors }) => errors)
      ),
      eventType: type
    })),
    counts("installations", "down", points(yield* insights.active(longer), (one) => one.installations)),
    counts("events refused", "up", points(ingest, ({ rejected }) => rejected)),
    ...latencies
  ]
  return [
    ...Note.ofNewErrors(groups.filter(({ firstVersion }) => isOf(firstVersion)), range.from),
    ...ofReleases(releases, yield* insights.versions(scope), range.from),
    ...watched.flatMap((one) => Note.ofSeries(one, range))
  ]
})
