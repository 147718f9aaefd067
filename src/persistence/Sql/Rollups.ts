/**
 * Rollups in the file. A row is one hour (or one day) of one series, under a number made of both, so that hours are neighbours
 * and no index is needed. A commit leaves one small row with all that it adds; every so often the rows left are gathered into
 * hours and days. Who reads sees both as one.
 *
 * @internal
 */
import * as Rollup from "../../domain/Rollup.js"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import * as Policy from "../../Policy.js"
import { type Grain, grainMillis, otherDimensions, type ReadRequest, type StoredRollup } from "../Rollups.js"
import * as Packed from "./Packed.js"
import { columns as eventColumns, type EventRow, toEvent } from "./Rows.js"
import type { Session } from "./Session.js"

const seriesPerPlace = 2 ** 32

const placeOf = (time: number, series: number, grain: Grain): number =>
  Math.floor(time / grainMillis[grain]) * seriesPerPlace + series

const startOf = (place: number, grain: Grain): number => Math.floor(place / seriesPerPlace) * grainMillis[grain]

/** The place of the day of an hour's place. */
const dayOf = (place: number): number => placeOf(startOf(place, "hour"), place % seriesPerPlace, "day")

const tables: Readonly<Record<Grain, string>> = { hour: "rollup", day: "rollup_day" }

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

/** What so many commits have left is gathered, or sooner when it is much: who reads has to add it up. */
const maxDeltas = 1024

/** Bytes, supposing that all commits leave as much as the last one. */
const maxDeltaBytes = 128 * 1024

/** @internal */
export const add = (session: Session, rollups: ReadonlyArray<Rollup.Rollup>): void => {
  if (rollups.length === 0) return
  const entries = Packed.encodeEntries(
    rollups,
    (one) => placeOf(one.hour, seriesId(session, one.type, one.dimension ?? ""), "hour")
  )
  const row = session.one<{ id: number }>("INSERT INTO rollup_delta (entries) VALUES (?) RETURNING id", [entries])
  if (row !== undefined && (row.id >= maxDeltas || row.id * entries.length >= maxDeltaBytes)) gather(session)
}

type Sums = Map<number, Rollup.Sum>

const sumOf = (sums: Sums, id: number): Rollup.Sum => {
  let sum = sums.get(id)
  if (sum === undefined) sums.set(id, sum = Rollup.unsafeMake())
  return sum
}

/** What commits have added since they were last gathered. */
const pending = (session: Session): Sums => {
  const sums: Sums = new Map()
  for (const { entries } of session.all<{ entries: Uint8Array }>("SELECT entries FROM rollup_delta", [])) {
    Packed.addEntries(entries, (id) => sumOf(sums, id))
  }
  return sums
}

const byDay = (hours: Sums): Sums => {
  const days: Sums = new Map()
  for (const [id, sum] of hours) Rollup.unsafeAdd(sumOf(days, dayOf(id)), Rollup.figures(sum))
  return days
}

type FiguresRow = readonly [
  count: number,
  errors: number,
  sum: number | null,
  min: number | null,
  max: number | null,
  histogram: Uint8Array | null
]

const figuresOf = ([count, errors, sum, min, max, histogram]: FiguresRow): Rollup.Figures => ({
  count,
  errors,
  sum,
  min,
  max,
  histogram: histogram === null ? [] : Packed.decodeHistogram(histogram)
})

const gatherInto = (session: Session, table: string, sums: Sums): void => {
  for (const [id, sum] of sums) {
    const [known] = session.tuples<FiguresRow>(
      `SELECT count, errors, sum, min, max, histogram FROM ${table} WHERE id = ?`,
      [id]
    )
    if (known !== undefined) Rollup.unsafeAdd(sum, figuresOf(known))
    const { counts } = sum.histogram
    session.run(
      `INSERT OR REPLACE INTO ${table} (id, count, errors, sum, min, max, histogram) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [id, sum.count, sum.errors, sum.sum, sum.min, sum.max, counts.size === 0 ? null : Packed.encodeHistogram(counts)]
    )
  }
}

/** Adds what commits have left to the hours and days it belongs to. The rows left go in the same transaction. */
const gather = (session: Session): void => {
  const hours = pending(session)
  gatherInto(session, tables.day, byDay(hours))
  gatherInto(session, tables.hour, hours)
  session.run("DELETE FROM rollup_delta", [])
}

/** @internal */
export const rows = (grain: Grain): string =>
  `SELECT r.count, r.errors, r.sum, r.min, r.max, r.histogram, r.id, s.type, s.dimension
  FROM ${tables[grain]} r CROSS JOIN rollup_series s ON s.id = (r.id & 4294967295)
  WHERE r.id > ? AND r.id < ? AND (? IS NULL OR s.type = ?) ORDER BY r.id LIMIT ?`

const toStored = (hour: number, id: number, type: string, dimension: string, figures: Rollup.Figures) => ({
  place: id,
  rollup: { hour, type, dimension: dimension === "" ? null : dimension, ...figures }
})

/** Those of the sums that the request asks for, as rows. */
const toRows = (session: Session, grain: Grain, wanted: (id: number, type: string) => boolean) => {
  const hours = pending(session)
  const sums = grain === "hour" ? hours : byDay(hours)
  if (sums.size === 0) return []
  const series = new Map(
    session.all<{ id: number; type: string; dimension: string }>("SELECT id, type, dimension FROM rollup_series", [])
      .map((one) => [one.id, one])
  )
  const out: Array<StoredRollup> = []
  for (const [id, sum] of sums) {
    const known = series.get(id % seriesPerPlace)
    if (known !== undefined && wanted(id, known.type)) {
      out.push(toStored(startOf(id, grain), id, known.type, known.dimension, Rollup.figures(sum)))
    }
  }
  return out
}

/** What is gathered and what is not yet, as if it were. */
const merge = (
  gathered: ReadonlyArray<StoredRollup>,
  others: ReadonlyArray<StoredRollup>,
  limit: number
): ReadonlyArray<StoredRollup> => {
  if (others.length === 0) return gathered
  const byPlace = new Map(others.map((one) => [one.place, one]))
  const both = gathered.map((one) => {
    const other = byPlace.get(one.place)
    if (other === undefined) return one
    byPlace.delete(one.place)
    const sum = Rollup.unsafeMake()
    Rollup.unsafeAdd(sum, one.rollup)
    Rollup.unsafeAdd(sum, other.rollup)
    return { place: one.place, rollup: { ...one.rollup, ...Rollup.figures(sum) } }
  })
  return [...both, ...byPlace.values()].sort((a, b) => a.place - b.place).slice(0, limit)
}

/** @internal */
export const read = (session: Session, request: ReadRequest): ReadonlyArray<StoredRollup> => {
  const { grain = "hour", type = null } = request
  const after = request.from === undefined ? request.after : Math.max(request.after, placeOf(request.from, 0, grain))
  const before = request.to === undefined ? Number.MAX_SAFE_INTEGER : placeOf(request.to - 1, seriesPerPlace, grain)
  const gathered = session.tuples<readonly [...FiguresRow, id: number, type: string, dimension: string]>(rows(grain), [
    after,
    before,
    type,
    type,
    request.limit
  ]).map(([count, errors, sum, min, max, histogram, id, type, dimension]) =>
    toStored(startOf(id, grain), id, type, dimension, figuresOf([count, errors, sum, min, max, histogram]))
  )
  const others = toRows(session, grain, (id, name) => id > after && id < before && (type === null || type === name))
  return merge(gathered, others, request.limit)
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
  gather(session)
  const day = before - before % grainMillis.day
  const removed = session.run("DELETE FROM rollup WHERE id < ?", [placeOf(day, 0, "hour")])
  session.run("DELETE FROM rollup_day WHERE id < ?", [placeOf(day, 0, "day")])
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
  session.run("DELETE FROM rollup_day", [])
  session.run("DELETE FROM rollup_delta", [])
  session.run("DELETE FROM rollup_series", [])
  session.run("UPDATE rollup_progress SET done = last", [])
}
