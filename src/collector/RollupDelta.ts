/**
 * What a batch adds to the rollups: pure. A delta is written in the transaction of its events and merged into the stored
 * rows later; merging is addition, so that neither order nor grouping matters.
 *
 * @since 0.1.0
 */
import * as Histogram from "../domain/Histogram.js"
import * as Limits from "./Limits.js"
import { hourMillis } from "./Period.js"
import * as Received from "./Received.js"
import type { ErrorDetails, Facet } from "./RollupFacets.js"

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
 * Figures of one hour. Without a facet the groups are a partition of the events, by version and the value of the type's
 * dimension; with one they count the same events once more, by something else.
 *
 * @since 0.1.0
 * @category models
 */
export interface Group extends Figures {
  readonly app: string
  readonly version: string
  readonly type: string
  readonly facet: string
  readonly value: string
  /** The start of the hour, milliseconds since the epoch. */
  readonly hour: number
}

/**
 * What is known of errors that share a fingerprint; where several events say different things, the last one's.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorGroup {
  readonly app: string
  readonly fingerprint: string
  readonly details: ErrorDetails
  readonly firstAt: number
  readonly firstVersion: string
  readonly lastAt: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Delta {
  readonly groups: Map<string, Group>
  readonly errors: Map<string, ErrorGroup>
  readonly received: Received.Received
}

/**
 * One event as the rollups see it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Item {
  readonly app: string
  readonly version: string
  readonly type: string
  readonly dimension: string
  readonly time: number
  readonly rate: number
  readonly suppressed: number
  readonly metric: number | null
  readonly isError: boolean
  readonly session: number
  /** 0: none. */
  readonly installation: number
  readonly facets: ReadonlyArray<Facet>
  readonly error: ErrorDetails | null
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Delta => ({ groups: new Map(), errors: new Map(), received: new Map() })

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

type Name = Pick<Group, "app" | "version" | "type" | "facet" | "value" | "hour">

const groupOf = ({ groups }: Delta, { app, facet, hour, type, value, version }: Name): Group => {
  const key = `${hour}\u0000${type}\u0000${facet}\u0000${value}\u0000${version}\u0000${app}`
  let group = groups.get(key)
  if (group === undefined) {
    group = { app, version, type, facet, value, hour, ...noFigures() }
    groups.set(key, group)
  }
  return group
}

const measure = (group: Counts, sum: number, min: number, max: number): void => {
  group.sum = (group.sum ?? 0) + sum
  group.min = group.min === null || min < group.min ? min : group.min
  group.max = group.max === null || max > group.max ? max : group.max
}

const bump = (counts: Counts, bucket: number, count: number): void => {
  const buckets = counts.buckets ??= new Map<number, number>()
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + count)
}

const see = (figures: Figures, kind: "sessions" | "installations", subject: number, at: number): void => {
  const subjects = figures[kind] ??= new Map<number, number>()
  const before = subjects.get(subject)
  if (before === undefined || at < before) subjects.set(subject, at)
}

const count = (group: Group, item: Item, weight: number, metric: number | null): void => {
  const n = weight * (1 + item.suppressed)
  group.count += n
  if (item.isError) group.errors += n
  if (metric !== null) {
    measure(group, weight * metric, metric, metric)
    bump(group, Histogram.bucketOf(metric), weight)
  }
  see(group, "sessions", item.session, item.time)
  if (item.installation !== 0) see(group, "installations", item.installation, item.time)
}

const later = (a: ErrorGroup, b: ErrorGroup): ErrorGroup => {
  const first = b.firstAt < a.firstAt ? b : a
  const last = b.lastAt >= a.lastAt ? b : a
  return {
    ...last,
    details: { ...last.details, message: last.details.message ?? a.details.message ?? b.details.message },
    firstAt: first.firstAt,
    firstVersion: first.firstVersion
  }
}

const addError = ({ errors }: Delta, group: ErrorGroup): void => {
  const key = `${group.fingerprint}\u0000${group.app}`
  const before = errors.get(key)
  errors.set(key, before === undefined ? group : later(before, group))
}

/**
 * Counts one event: a sampled one stands for 1 / rate, and suppressed ones are counted though their metric is not known.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add = (delta: Delta, item: Item): void => {
  const { app, error, time, type, version } = item
  const hour = time - (time % hourMillis)
  const weight = Math.min(1 / item.rate, Limits.maxWeight)
  count(groupOf(delta, { app, version, type, facet: "", value: item.dimension, hour }), item, weight, item.metric)
  for (const { facet, metric, value } of item.facets) {
    count(groupOf(delta, { app, version: "", type, facet, value, hour }), item, weight, metric)
  }
  if (error !== null) {
    addError(delta, {
      app,
      fingerprint: error.fingerprint,
      details: error,
      firstAt: time,
      firstVersion: version,
      lastAt: time
    })
  }
}

type Pair = readonly [number, number]

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
  measure(into, sum, min, max)
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

type EncodedGroup = readonly [
  app: string,
  version: string,
  type: string,
  facet: string,
  value: string,
  hour: number,
  count: number,
  errors: number,
  sum: number | null,
  min: number | null,
  max: number | null,
  buckets: ReadonlyArray<Pair>,
  sessions: ReadonlyArray<Pair>,
  installations: ReadonlyArray<Pair>
]

interface Encoded {
  readonly groups: ReadonlyArray<EncodedGroup>
  readonly errors: ReadonlyArray<ErrorGroup>
  readonly received: ReadonlyArray<Received.Row>
}

const pairsOf = (numbers: Numbers): ReadonlyArray<Pair> => numbers === null ? [] : [...numbers]

const encodeGroup = (group: Group): EncodedGroup => [
  group.app,
  group.version,
  group.type,
  group.facet,
  group.value,
  group.hour,
  group.count,
  group.errors,
  group.sum,
  group.min,
  group.max,
  pairsOf(group.buckets),
  pairsOf(group.sessions),
  pairsOf(group.installations)
]

/**
 * @since 0.1.0
 * @category encoding
 */
export const encode = ({ errors, groups, received }: Delta): string => {
  const encoded: Encoded = {
    groups: Array.from(groups.values(), encodeGroup),
    errors: [...errors.values()],
    received: [...received.values()]
  }
  return JSON.stringify(encoded)
}

/**
 * Adds an encoded delta to another.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (into: Delta, body: string): void => {
  const { errors, groups, received }: Encoded = JSON.parse(body)
  for (const encoded of groups) {
    const [app, version, type, facet, value, hour, count, failed, sum, min, max, buckets, seen, installed] = encoded
    addFigures(groupOf(into, { app, version, type, facet, value, hour }), {
      count,
      errors: failed,
      sum,
      min,
      max,
      buckets,
      sessions: seen,
      installations: installed
    })
  }
  for (const group of errors) addError(into, group)
  for (const row of received) Received.add(into.received, row)
}
