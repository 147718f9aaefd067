/**
 * What a batch adds to the rollups: pure. A delta is written in the transaction of its events and merged into the hourly
 * rows later; merging is addition, so that neither order nor grouping matters.
 *
 * @since 0.1.0
 */
import * as Histogram from "../domain/Histogram.js"
import * as Limits from "./Limits.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Group {
  readonly app: string
  readonly type: string
  readonly dimension: string
  /** The start of the hour, milliseconds since the epoch. */
  readonly hour: number
  /** Events, scaled by sampling and with the suppressed ones. */
  count: number
  /** Of the metric, scaled by sampling; null: no event had one. */
  sum: number | null
  min: number | null
  max: number | null
  readonly buckets: Map<number, number>
  readonly sessions: Set<number>
  readonly installations: Set<number>
}

/**
 * @since 0.1.0
 * @category models
 */
export type Delta = Map<string, Group>

/**
 * One event as the rollups see it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Item {
  readonly app: string
  readonly type: string
  readonly dimension: string
  readonly time: number
  readonly rate: number
  readonly suppressed: number
  readonly metric: number | null
  readonly session: number
  /** 0: none. */
  readonly installation: number
}

/**
 * @since 0.1.0
 * @category constants
 */
export const hourMillis = 3_600_000

const groupOf = (delta: Delta, app: string, type: string, dimension: string, hour: number): Group => {
  const key = `${hour}\u0000${type}\u0000${dimension}\u0000${app}`
  let group = delta.get(key)
  if (group === undefined) {
    group = {
      app,
      type,
      dimension,
      hour,
      count: 0,
      sum: null,
      min: null,
      max: null,
      buckets: new Map(),
      sessions: new Set(),
      installations: new Set()
    }
    delta.set(key, group)
  }
  return group
}

const measure = (group: Group, sum: number, min: number, max: number): void => {
  group.sum = (group.sum ?? 0) + sum
  group.min = group.min === null || min < group.min ? min : group.min
  group.max = group.max === null || max > group.max ? max : group.max
}

const bump = (buckets: Map<number, number>, bucket: number, count: number): void => {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + count)
}

/**
 * Counts one event: a sampled one stands for 1 / rate, and suppressed ones are counted though their metric is not known.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add = (delta: Delta, item: Item): void => {
  const hour = item.time - (item.time % hourMillis)
  const group = groupOf(delta, item.app, item.type, item.dimension, hour)
  const weight = Math.min(1 / item.rate, Limits.maxWeight)
  group.count += weight * (1 + item.suppressed)
  if (item.metric !== null) {
    measure(group, weight * item.metric, item.metric, item.metric)
    bump(group.buckets, Histogram.bucketOf(item.metric), weight)
  }
  group.sessions.add(item.session)
  if (item.installation !== 0) group.installations.add(item.installation)
}

type Encoded = readonly [
  app: string,
  type: string,
  dimension: string,
  hour: number,
  count: number,
  sum: number | null,
  min: number | null,
  max: number | null,
  buckets: ReadonlyArray<readonly [number, number]>,
  sessions: ReadonlyArray<number>,
  installations: ReadonlyArray<number>
]

/**
 * @since 0.1.0
 * @category encoding
 */
export const encode = (delta: Delta): string =>
  JSON.stringify(Array.from(delta.values(), (group): Encoded => [
    group.app,
    group.type,
    group.dimension,
    group.hour,
    group.count,
    group.sum,
    group.min,
    group.max,
    [...group.buckets],
    [...group.sessions],
    [...group.installations]
  ]))

/**
 * Adds an encoded delta to another.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (into: Delta, body: string): void => {
  const groups: ReadonlyArray<Encoded> = JSON.parse(body)
  for (const [app, type, dimension, hour, count, sum, min, max, buckets, sessions, installations] of groups) {
    const group = groupOf(into, app, type, dimension, hour)
    group.count += count
    if (sum !== null && min !== null && max !== null) measure(group, sum, min, max)
    for (const [bucket, n] of buckets) bump(group.buckets, bucket, n)
    for (const session of sessions) group.sessions.add(session)
    for (const installation of installations) group.installations.add(installation)
  }
}
