/**
 * What a batch adds to the rollups: pure. A delta is written in the transaction of its events and merged into the stored
 * rows later; merging is addition, so that neither order nor grouping matters.
 *
 * @since 0.1.0
 */
import * as Limits from "./Limits.js"
import { hourMillis } from "./Period.js"
import * as Received from "./Received.js"
import type { ErrorDetails, Facet } from "./RollupFacets.js"
import * as RollupFigures from "./RollupFigures.js"

/**
 * Figures of one hour. Without a facet the groups are a partition of the events, by version and the value of the type's
 * dimension; with one they count the same events once more, by something else.
 *
 * @since 0.1.0
 * @category models
 */
export interface Group extends RollupFigures.Figures {
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

type Name = Pick<Group, "app" | "version" | "type" | "facet" | "value" | "hour">

const groupOf = ({ groups }: Delta, { app, facet, hour, type, value, version }: Name): Group => {
  const key = `${hour}\u0000${type}\u0000${facet}\u0000${value}\u0000${version}\u0000${app}`
  let group = groups.get(key)
  if (group === undefined) {
    group = { app, version, type, facet, value, hour, ...RollupFigures.noFigures() }
    groups.set(key, group)
  }
  return group
}

const count = (group: Group, item: Item, weight: number, metric: number | null): void => {
  const n = weight * (1 + item.suppressed)
  group.count += n
  if (item.isError) group.errors += n
  if (metric !== null) {
    RollupFigures.measure(group, metric, weight)
  }
  RollupFigures.see(group, "sessions", item.session, item.time)
  if (item.installation !== 0) RollupFigures.see(group, "installations", item.installation, item.time)
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
  buckets: ReadonlyArray<RollupFigures.Pair>,
  sessions: ReadonlyArray<RollupFigures.Pair>,
  installations: ReadonlyArray<RollupFigures.Pair>
]

interface Encoded {
  readonly groups: ReadonlyArray<EncodedGroup>
  readonly errors: ReadonlyArray<ErrorGroup>
  readonly received: ReadonlyArray<Received.Row>
}

const pairsOf = (numbers: RollupFigures.Numbers): ReadonlyArray<RollupFigures.Pair> =>
  numbers === null ? [] : [...numbers]

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
    RollupFigures.addFigures(groupOf(into, { app, version, type, facet, value, hour }), {
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
