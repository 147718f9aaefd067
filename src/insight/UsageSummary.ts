/**
 * How a program is used, worked out from the local store: features, commands, providers, conversations, suggestions, sessions,
 * and when people are active.
 *
 * What only has to be counted comes from the rollups and reaches back as far as those do. What has to be followed from event
 * to event (which session used a feature, how a conversation ended, what became of a suggestion) comes from the stored
 * events, and reaches back as far as their retention.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as EventCatalog from "../domain/EventCatalog.js"
import * as Histogram from "../domain/Histogram.js"
import * as Rollup from "../domain/Rollup.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import * as Followed from "./Followed.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Feature {
  readonly feature: string
  readonly uses: number
  /** Sessions that used it, of those whose events are still stored. */
  readonly sessions: number
  /** Their share of all those sessions, 0 to 1; null without any. */
  readonly adoption: number | null
}

/**
 * Durations are milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Timed {
  readonly name: string
  readonly count: number
  readonly errors: number
  /** 0 to 1. */
  readonly successRate: number
  readonly mean: number | null
  readonly p50: number | null
  readonly p95: number | null
}

/**
 * Lists are in falling order of their counts: the most used comes first, the least used last.
 *
 * @since 0.1.0
 * @category models
 */
export interface Usage {
  readonly features: ReadonlyArray<Feature>
  readonly commands: ReadonlyArray<Timed>
  readonly providers: ReadonlyArray<Timed>
  readonly conversations: Followed.Conversations
  readonly suggestions: ReadonlyArray<Followed.Suggestions>
  readonly sessions: {
    readonly started: number
    /** Of those that have ended, milliseconds. */
    readonly meanDuration: number | null
    readonly medianDuration: number | null
  }
  /** Events by hour of the day (24) and by day of the week (7, Monday first), in UTC; without those telemetry makes itself. */
  readonly activity: { readonly byHour: ReadonlyArray<number>; readonly byWeekday: ReadonlyArray<number> }
}

/**
 * Reads both streams to their end, with bounded memory.
 *
 * @since 0.1.0
 * @category constructors
 */
export const read = <E, R, E2, R2>(
  rollups: Stream.Stream<Rollup.Rollup, E, R>,
  events: Stream.Stream<RedactedEvent, E2, R2>
): Effect.Effect<Usage, E | E2, R | R2> =>
  Effect.suspend(() => {
    const summary = fold()
    return Stream.runForEach(rollups, (rollup) => Effect.sync(() => summary.addRollup(rollup))).pipe(
      Effect.zipRight(Stream.runForEach(events, (event) => Effect.sync(() => summary.addEvent(event)))),
      Effect.map(summary.usage)
    )
  })

/**
 * Mutable on purpose: one is made for each summary and fed portion by portion.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fold {
  readonly addRollup: (rollup: Rollup.Rollup) => void
  readonly addEvent: (event: RedactedEvent) => void
  readonly usage: () => Usage
}

type Sums = Map<string, Rollup.Sum>

const sumOf = (sums: Sums, key: string): Rollup.Sum => {
  let sum = sums.get(key)
  if (sum === undefined) sums.set(key, sum = Rollup.unsafeMake())
  return sum
}

const meanOf = ({ histogram, sum }: Rollup.Sum): number | null =>
  sum === null || histogram.total === 0 ? null : sum / histogram.total

const timed = (sums: Sums): ReadonlyArray<Timed> =>
  Array.from(sums, ([name, sum]) => ({
    name,
    count: Math.round(sum.count),
    errors: Math.round(sum.errors),
    successRate: 1 - sum.errors / sum.count,
    mean: meanOf(sum),
    p50: Histogram.quantile(sum.histogram, 0.5),
    p95: Histogram.quantile(sum.histogram, 0.95)
  })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))

const noActivity = (length: number): Array<number> => Array.from({ length }, () => 0)

/** 1970-01-01 was a Thursday, the fourth day of its week. */
const weekdayOf = (time: number): number => (Math.floor(time / 86_400_000) + 3) % 7

const hourOfDay = (time: number): number => Math.floor(time / Rollup.hourMillis) % 24

const unnamed = "(none)"

/**
 * @since 0.1.0
 * @category constructors
 */
export const fold = (): Fold => {
  const [features, commands, providers, ended]: [Sums, Sums, Sums, Sums] = [new Map(), new Map(), new Map(), new Map()]
  const byType = new Map<string, Sums>([
    [EventCatalog.FeatureUsed.type, features],
    [EventCatalog.CommandExecuted.type, commands],
    [EventCatalog.ProviderCall.type, providers],
    [EventCatalog.SessionEnded.type, ended]
  ])
  const byHour = noActivity(24)
  const byWeekday = noActivity(7)
  const followed = Followed.fold()
  let started = 0

  const featureList = (): ReadonlyArray<Feature> => {
    const sessions = followed.sessions()
    return timed(features).map(({ count, name }) => {
      const used = followed.sessionsOf(name)
      return { feature: name, uses: count, sessions: used, adoption: sessions === 0 ? null : used / sessions }
    })
  }

  const sessions = (): Usage["sessions"] => {
    const sum = ended.get(unnamed)
    return {
      started: Math.round(started),
      meanDuration: sum === undefined ? null : meanOf(sum),
      medianDuration: sum === undefined ? null : Histogram.quantile(sum.histogram, 0.5)
    }
  }

  return {
    addRollup: (rollup) => {
      const sums = byType.get(rollup.type)
      if (sums !== undefined) Rollup.unsafeAdd(sumOf(sums, rollup.dimension ?? unnamed), rollup)
      if (rollup.type === EventCatalog.SessionStarted.type) started += rollup.count
      if (EventCatalog.passive.has(rollup.type)) return
      byHour[hourOfDay(rollup.hour)]! += rollup.count
      byWeekday[weekdayOf(rollup.hour)]! += rollup.count
    },
    addEvent: followed.add,
    usage: () => ({
      features: featureList(),
      commands: timed(commands),
      providers: timed(providers),
      conversations: followed.conversations(),
      suggestions: followed.suggestions(),
      sessions: sessions(),
      activity: { byHour: byHour.map(Math.round), byWeekday: byWeekday.map(Math.round) }
    })
  }
}

/**
 * Where nothing was ever recorded.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none = (): Usage => fold().usage()
