/**
 * Rollups in the file. A row is one hour of one series, under a number made of both, so that hours are neighbours and no
 * index is needed. What a group of events adds is one upsert of a row for each of its series: sums are added up, and
 * histograms appended, by the database.
 *
 * @internal
 */
import * as Histogram from "../../domain/Histogram.js"
import * as Rollup from "../../domain/Rollup.js"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import * as Policy from "../../Policy.js"
import { otherDimensions, type ReadRequest, type StoredRollup } from "../Rollups.js"
import * as Buckets from "./Buckets.js"
import { columns as eventColumns, type EventRow, toEvent } from "./Rows.js"
import type { Session, Value } from "./Session.js"

const seriesPerHour = 2 ** 32

const placeOf = (hour: number, series: number): number => (hour / Rollup.hourMillis) * seriesPerHour + series

const hourOf = (place: number): number => Math.floor(place / seriesPerHour) * Rollup.hourMillis

const maxRemembered = 10_000

const seriesId = (session: Session, type: string, dimension: string): number => {
  const { series } = session.interned
  const key = type + "\u0000" + dimension
  const known = series.get(key)
  if (known !== undefined) return known
  if (series.size >= maxRemembered) series.clear()
  const id = findSeries(session, type, dimension)
  series.set(key, id)
  return id
}

const findSeries = (session: Session, type: string, dimension: string): number => {
  const found = session.one<{ id: number }>("SELECT id FROM rollup_series WHERE type = ? AND dimension = ?", [
    type,
    dimension
  ])
  if (found !== undefined) return found.id
  if (dimension !== "" && dimension !== otherDimensions && dimensionsOf(session, type) >= Policy.maxDimensions) {
    return seriesId(session, type, otherDimensions)
  }
  return session.one<{ id: number }>("INSERT INTO rollup_series (type, dimension) VALUES (?, ?) RETURNING id", [
    type,
    dimension
  ])!.id
}

const dimensionsOf = (session: Session, type: string): number =>
  session.one<{ n: number }>("SELECT count(*) AS n FROM rollup_series WHERE type = ? AND dimension NOT IN ('', ?)", [
    type,
    otherDimensions
  ])!.n

const rowsAtOnce = 16

const texts: Array<string> = []

const upsert = (rows: number): string =>
  texts[rows] ??= "INSERT INTO rollup (id, count, errors, sum, min, max, histogram) VALUES " +
    Array.from({ length: rows }, () => "(?,?,?,?,?,?,?)").join(",") +
    ` ON CONFLICT DO UPDATE SET
      count = count + excluded.count,
      errors = errors + excluded.errors,
      sum = CASE WHEN excluded.sum IS NULL THEN sum ELSE coalesce(sum, 0) + excluded.sum END,
      min = min(coalesce(min, excluded.min), coalesce(excluded.min, min)),
      max = max(coalesce(max, excluded.max), coalesce(excluded.max, max)),
      histogram = CASE WHEN excluded.histogram IS NULL THEN histogram
        ELSE CAST(coalesce(histogram, x'') || excluded.histogram AS BLOB) END
    RETURNING id, length(histogram) AS size`

/** A histogram is written anew each time it has grown past another so many bytes. */
const compactEvery = 1024

const compact = (session: Session, id: number): void => {
  const row = session.one<{ histogram: Uint8Array }>("SELECT histogram FROM rollup WHERE id = ?", [id])
  if (row === undefined) return
  const merged = Histogram.fromPairs(Buckets.decode(row.histogram))
  session.run("UPDATE rollup SET histogram = ? WHERE id = ?", [Buckets.encode(merged.counts), id])
}

/** @internal */
export const add = (session: Session, rollups: ReadonlyArray<Rollup.Rollup>): void => {
  for (let from = 0; from < rollups.length; from += rowsAtOnce) {
    const params: Array<Value> = []
    const grown = new Map<number, number>()
    const part = rollups.slice(from, from + rowsAtOnce)
    for (const one of part) {
      const id = placeOf(one.hour, seriesId(session, one.type, one.dimension ?? ""))
      const histogram = one.histogram.length === 0 ? null : Buckets.encode(one.histogram)
      params.push(id, one.count, one.errors, one.sum, one.min, one.max, histogram)
      grown.set(id, (grown.get(id) ?? 0) + (histogram?.length ?? 0))
    }
    for (const { id, size } of session.all<{ id: number; size: number | null }>(upsert(part.length), params)) {
      if (size === null) continue
      const before = size - (grown.get(id) ?? 0)
      if (Math.floor(size / compactEvery) > Math.floor(before / compactEvery)) compact(session, id)
    }
  }
}

type RollupRow = readonly [
  id: number,
  type: string,
  dimension: string,
  count: number,
  errors: number,
  sum: number | null,
  min: number | null,
  max: number | null,
  histogram: Uint8Array | null
]

/** @internal */
export const rows = `SELECT r.id, s.type, s.dimension, r.count, r.errors, r.sum, r.min, r.max, r.histogram
  FROM rollup r CROSS JOIN rollup_series s ON s.id = (r.id & 4294967295)
  WHERE r.id > ? AND r.id < ? AND (? IS NULL OR s.type = ?) ORDER BY r.id LIMIT ?`

/** @internal */
export const read = (session: Session, request: ReadRequest): ReadonlyArray<StoredRollup> => {
  const type = request.type ?? null
  const found = session.tuples<RollupRow>(rows, [
    request.from === undefined ? request.after : Math.max(request.after, placeOf(Rollup.hourOf(request.from), 0)),
    request.to === undefined ? Number.MAX_SAFE_INTEGER : placeOf(Rollup.hourOf(request.to - 1), seriesPerHour),
    type,
    type,
    request.limit
  ])
  return found.map(([place, type, dimension, count, errors, sum, min, max, histogram]) => ({
    place,
    rollup: {
      hour: hourOf(place),
      type,
      dimension: dimension === "" ? null : dimension,
      count,
      errors,
      sum,
      min,
      max,
      histogram: histogram === null ? [] : Buckets.decode(histogram)
    }
  }))
}

interface Progress {
  readonly done: number
  readonly last: number
}

const progress = (session: Session): Progress =>
  session.one<Progress>("SELECT done, last FROM rollup_progress", []) ?? { done: 0, last: 0 }

/**
 * Is there anything for {@link catchUp} to do?
 *
 * @internal
 */
export const isBehind = (session: Session): boolean => {
  const { done, last } = progress(session)
  return done < last
}

/** @internal */
export const older = `SELECT ${eventColumns} FROM event e WHERE e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?`

/** @internal */
export const catchUp = (
  session: Session,
  fold: (events: ReadonlyArray<RedactedEvent>) => ReadonlyArray<Rollup.Rollup>
): number => {
  const { done, last } = progress(session)
  if (done >= last) return 0
  const found = session.tuples<EventRow>(older, [done, last, Policy.maxGroupSize])
  add(session, fold(found.map((row) => toEvent(session, row))))
  session.run("UPDATE rollup_progress SET done = ?", [found.at(-1)?.[0] ?? last])
  return found.length
}

/** @internal */
export const expire = (session: Session, before: number): number => {
  const removed = session.run("DELETE FROM rollup WHERE id < ?", [placeOf(Rollup.hourOf(before), 0)])
  if (removed === 0) return 0
  const forgotten = session.run(
    "DELETE FROM rollup_series WHERE id NOT IN (SELECT DISTINCT id & 4294967295 FROM rollup)",
    []
  )
  if (forgotten > 0) session.run("UPDATE meta SET generation = generation + 1", [])
  return removed
}

/** @internal */
export const clear = (session: Session): void => {
  session.run("DELETE FROM rollup", [])
  session.run("DELETE FROM rollup_series", [])
  session.run("UPDATE rollup_progress SET done = last", [])
}
