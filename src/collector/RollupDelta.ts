/**
 * What a batch adds to the rollups: pure. A delta is written in the transaction of its events and merged into the stored
 * rows later; merging is addition, so that neither order nor grouping matters.
 *
 * @since 0.1.0
 */
import type * as Types from "effect/Types"
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

/** Of one application, version and hour: groups by type, facet and value. */
interface Cell {
  readonly app: string
  readonly version: string
  readonly hour: number
  readonly groups: Map<string, Map<string, Map<string, Group>>>
}

/**
 * Groups by name. Every event is looked up here, most of them beside another of the same application, version and hour: a text
 * of the whole name would be made anew for each.
 *
 * @since 0.1.0
 * @category models
 */
export class Groups {
  readonly #cells = new Map<string, Cell>()
  readonly #all: Array<Group> = []
  #last: Cell | undefined

  get size(): number {
    return this.#all.length
  }

  values(): Iterable<Group> {
    return this.#all
  }

  /** Makes it when there is none. */
  get(app: string, version: string, type: string, facet: string, value: string, hour: number): Group {
    const { groups } = this.#cell(app, version, hour)
    let facets = groups.get(type)
    if (facets === undefined) groups.set(type, facets = new Map())
    let values = facets.get(facet)
    if (values === undefined) facets.set(facet, values = new Map())
    let group = values.get(value)
    if (group === undefined) {
      group = { app, version, type, facet, value, hour, ...RollupFigures.noFigures() }
      values.set(value, group)
      this.#all.push(group)
    }
    return group
  }

  #cell(app: string, version: string, hour: number): Cell {
    const last = this.#last
    if (last !== undefined && last.hour === hour && last.version === version && last.app === app) return last
    const key = `${hour} ${version}\u0000${app}`
    const cell = this.#cells.get(key) ?? { app, version, hour, groups: new Map() }
    this.#cells.set(key, cell)
    this.#last = cell
    return cell
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Delta {
  readonly groups: Groups
  readonly errors: Map<string, Types.Mutable<ErrorGroup>>
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
export const make = (): Delta => ({ groups: new Groups(), errors: new Map(), received: new Map() })

const count = (group: Group, item: Item, weight: number, metric: number | null): void => {
  const n = weight * (1 + item.suppressed)
  group.count += n
  if (item.isError) group.errors += n
  if (metric !== null) RollupFigures.measure(group, metric, weight)
  RollupFigures.see(group, item.session, item.installation, item.time - group.hour)
}

/** What the later one does not say, the other does. */
const complete = (last: ErrorDetails, other: ErrorDetails): ErrorDetails =>
  last.message === null && other.message !== null ? { ...last, message: other.message } : last

const join = (into: Types.Mutable<ErrorGroup>, { details, firstAt, firstVersion, lastAt }: ErrorGroup): void => {
  if (firstAt < into.firstAt) {
    into.firstAt = firstAt
    into.firstVersion = firstVersion
  }
  if (lastAt >= into.lastAt) {
    into.lastAt = lastAt
    into.details = complete(details, into.details)
  } else into.details = complete(into.details, details)
}

const addError = ({ errors }: Delta, group: ErrorGroup): void => {
  const key = `${group.fingerprint}\u0000${group.app}`
  const before = errors.get(key)
  if (before === undefined) errors.set(key, group)
  else join(before, group)
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
  count(delta.groups.get(app, version, type, "", item.dimension, hour), item, weight, item.metric)
  for (const { facet, metric, value } of item.facets) {
    count(delta.groups.get(app, "", type, facet, value, hour), item, weight, metric)
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
  buckets: RollupFigures.Flat,
  sessions: RollupFigures.Flat,
  installations: RollupFigures.Flat
]

interface Encoded {
  readonly groups: ReadonlyArray<EncodedGroup>
  readonly errors: ReadonlyArray<ErrorGroup>
  readonly received: ReadonlyArray<Received.Row>
}

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
  RollupFigures.flat(group.buckets),
  RollupFigures.flat(group.sessions),
  RollupFigures.flat(group.installations)
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
    RollupFigures.addFigures(into.groups.get(app, version, type, facet, value, hour), {
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
