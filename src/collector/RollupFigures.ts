/**
 * What is added up of events: pure.
 *
 * @since 0.1.0
 */
import * as Histogram from "../domain/Histogram.js"

/**
 * Numbers by number; null: none as yet. Most figures have some of these maps and not the others, and an event comes into many.
 *
 * @since 0.1.0
 * @category models
 */
export type Numbers = Map<number, number> | null

/**
 * What is added up of events.
 *
 * @since 0.1.0
 * @category models
 */
export interface Counts {
  /** Events, scaled by sampling and with the suppressed ones. */
  count: number
  errors: number
  /** Of the metric, scaled by sampling; null: no event had one. */
  sum: number | null
  min: number | null
  max: number | null
  buckets: Numbers
}

/**
 * The counts, and who was there.
 *
 * @since 0.1.0
 * @category models
 */
export interface Figures extends Counts {
  /** When each was first seen in the hour. */
  sessions: Numbers
  installations: Numbers
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const noCounts = (): Counts => ({ count: 0, errors: 0, sum: null, min: null, max: null, buckets: null })

/**
 * @since 0.1.0
 * @category constructors
 */
export const noFigures = (): Figures => ({
  // One literal: an object that is spread and added to is thirty times as slow to make, and an event comes into ten.
  count: 0,
  errors: 0,
  sum: null,
  min: null,
  max: null,
  buckets: null,
  sessions: null,
  installations: null
})

const extend = (into: Counts, sum: number, min: number, max: number): void => {
  into.sum = (into.sum ?? 0) + sum
  into.min = into.min === null || min < into.min ? min : into.min
  into.max = into.max === null || max > into.max ? max : into.max
}

const bump = (counts: Counts, bucket: number, count: number): void => {
  const buckets = counts.buckets ??= new Map<number, number>()
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + count)
}

/**
 * Adds a measurement that stands for so many.
 *
 * @since 0.1.0
 * @category combinators
 */
export const measure = (into: Counts, metric: number, weight: number): void => {
  extend(into, weight * metric, metric, metric)
  bump(into, Histogram.bucketOf(metric), weight)
}

/**
 * Adds who was there, and when.
 *
 * @since 0.1.0
 * @category combinators
 */
export const see = (into: Figures, kind: "sessions" | "installations", subject: number, at: number): void => {
  const subjects = into[kind] ??= new Map<number, number>()
  const before = subjects.get(subject)
  if (before === undefined || at < before) subjects.set(subject, at)
}

/**
 * An entry of {@link Numbers}.
 *
 * @since 0.1.0
 * @category models
 */
export type Pair = readonly [number, number]

type Pairs = Iterable<Pair>

/** Figures that are only read: maps, or the pairs they are written down as. */
type Added<A> = { readonly [K in keyof A]: A[K] extends Numbers ? Pairs | null : A[K] }

/**
 * @since 0.1.0
 * @category combinators
 */
export const addBuckets = (into: Counts, buckets: Pairs): void => {
  for (const [bucket, n] of buckets) bump(into, bucket, n)
}

const addMetric = (into: Counts, { buckets, max, min, sum }: Added<Counts>): void => {
  if (sum === null || min === null || max === null) return
  extend(into, sum, min, max)
  if (buckets !== null) addBuckets(into, buckets)
}

const addSubjects = (into: Figures, { installations, sessions }: Added<Figures>): void => {
  if (sessions !== null) { for (const [session, at] of sessions) see(into, "sessions", session, at) }
  if (installations !== null) { for (const [one, at] of installations) see(into, "installations", one, at) }
}

/**
 * @since 0.1.0
 * @category combinators
 */
export const addCounts = (into: Counts, from: Added<Counts>, isMeasured = true): void => {
  into.count += from.count
  into.errors += from.errors
  if (isMeasured) addMetric(into, from)
}

/**
 * Adds figures to others, or only that part of them which is asked for.
 *
 * @since 0.1.0
 * @category combinators
 */
export const addFigures = (
  into: Figures,
  from: Added<Figures>,
  { hasSubjects, isMeasured }: { readonly isMeasured: boolean; readonly hasSubjects: boolean } = {
    isMeasured: true,
    hasSubjects: true
  }
): void => {
  addCounts(into, from, isMeasured)
  if (hasSubjects) addSubjects(into, from)
}
