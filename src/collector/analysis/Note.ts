/**
 * What stands out, as data and as a sentence for people. Made of figures alone; {@link Notes} asks for them.
 *
 * @since 0.1.0
 */
import type { ErrorGroup, Release, VersionCount } from "../Insights.js"
import type { Interval } from "../Period.js"
import * as Anomaly from "./Anomaly.js"
import type * as Series from "./Series.js"
import * as Trend from "./Trend.js"
import * as Words from "./Words.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Note {
  readonly kind: "anomaly" | "trend" | "new-error" | "release"
  readonly severity: "info" | "warning"
  /** What it is of: `events`, `errors of api_request`, a fingerprint, a version. A client may have chosen the words. */
  readonly subject: string
  /** Null: of all of the scope. */
  readonly app: string | null
  /** Null: of no type by itself. */
  readonly eventType: string | null
  /** The start of the bucket; null: it is of the whole range. */
  readonly bucket: number | null
  readonly text: string
  /** What had to be passed, in the unit that `text` names; null: nothing had to. */
  readonly threshold: number | null
}

/**
 * A figure over time.
 *
 * @since 0.1.0
 * @category models
 */
export interface Watched {
  readonly subject: string
  /** Of a measure, such as `ms`. */
  readonly unit?: string | undefined
  readonly eventType?: string | undefined
  readonly kind: Anomaly.Kind
  /** The direction that is bad news; the other is only told. */
  readonly bad: "up" | "down" | "both"
  /** All buckets, history included, oldest first. */
  readonly points: ReadonlyArray<Series.Point>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Range {
  readonly from: number
  readonly interval: Interval
  /** Now, or the end of the range if that is earlier. */
  readonly until: number
}

const severity = (watched: Watched, sign: number): Note["severity"] =>
  watched.bad === "both" || (watched.bad === "up") === (sign > 0) ? "warning" : "info"

/** Growth in the long run is nothing to look at, where a burst may be. */
const severityOfTrend = (watched: Watched, sign: number): Note["severity"] =>
  watched.bad === "both" && sign > 0 ? "info" : severity(watched, sign)

/**
 * The anomalies of the range, and its trend. Of anomalies that follow each other in one direction, the first is told.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofSeries = (watched: Watched, range: Range): ReadonlyArray<Note> => {
  const { from, interval, until } = range
  const order = new Map(watched.points.map(({ bucket }, i) => [bucket, i]))
  const anomalies = Anomaly.find(watched.points, { interval, kind: watched.kind, from, until })
  const first = anomalies.filter((one, i) => {
    const before = anomalies[i - 1]
    return before === undefined || Math.sign(before.score) !== Math.sign(one.score) ||
      (order.get(one.bucket) ?? 0) - (order.get(before.bucket) ?? 0) !== 1
  })
  const { eventType = null, subject, unit } = watched
  const common = { subject, app: null, eventType }
  const trend = Trend.find(watched.points.filter(({ bucket }) => bucket >= from), interval, until)
  return [
    ...first.map((one): Note => ({
      kind: "anomaly",
      severity: severity(watched, one.score),
      ...common,
      bucket: one.bucket,
      text: Anomaly.sentence(one, interval, unit === undefined ? subject : `${unit}, ${subject}`),
      threshold: one.threshold
    })),
    ...(trend === null ? [] : [{
      kind: "trend" as const,
      severity: severityOfTrend(watched, trend.slope),
      ...common,
      bucket: null,
      text: Trend.sentence(trend, interval, subject),
      threshold: trend.threshold
    }])
  ]
}

/**
 * Errors that were never seen before the range.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofNewErrors = (groups: ReadonlyArray<ErrorGroup>, from: number): ReadonlyArray<Note> =>
  groups.filter(({ firstSeen }) => firstSeen >= from).map((group) => ({
    kind: "new-error",
    severity: "warning",
    subject: group.fingerprint,
    app: group.app,
    eventType: null,
    bucket: group.firstSeen,
    text: `New error ${group.errorType} of ${group.app} ${group.firstVersion}, first seen ${
      Words.when(group.firstSeen, "hour")
    }: ${Words.figure(group.count)} since`,
    threshold: null
  }))

/**
 * The least score of the test of two shares, pooled.
 *
 * @since 0.1.0
 * @category constants
 */
export const releaseThreshold = 4

/** How many times the share of errors of the others. */
const leastRatio = 1.5

/** Fewer errors of a version say nothing. */
const leastErrors = 10

/**
 * Versions that came in the range and fail more often than all others together.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofReleases = (
  releases: ReadonlyArray<Release>,
  versions: ReadonlyArray<VersionCount>,
  from: number
): ReadonlyArray<Note> =>
  releases.filter(({ firstSeen }) => firstSeen >= from).flatMap(({ app, firstSeen, version }): ReadonlyArray<Note> => {
    const own = versions.find((one) => one.version === version)
    if (own === undefined || own.count <= 0 || own.errors < leastErrors) return []
    const others = versions.filter((one) => one.version !== version)
    const count = others.reduce((sum, one) => sum + one.count, 0)
    const errors = others.reduce((sum, one) => sum + one.errors, 0)
    if (count <= 0) return []
    const rate = own.errors / own.count
    const usual = errors / count
    const pooled = (own.errors + errors) / (own.count + count)
    const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / own.count + 1 / count))
    const z = deviation > 0 ? (rate - usual) / deviation : 0
    return z < releaseThreshold || rate < leastRatio * usual ? [] : [{
      kind: "release",
      severity: "warning",
      subject: `${app} ${version}`,
      app,
      eventType: null,
      bucket: firstSeen,
      text: `${Words.percent(rate)} of the events of ${app} ${version} are errors, of other versions ${
        Words.percent(usual)
      } (Z ${Words.figure(z)}; thresholds: ${releaseThreshold}, and ${leastRatio} times as many)`,
      threshold: releaseThreshold
    }]
  })
