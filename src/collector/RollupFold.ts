/**
 * Merges deltas into the stored rows: of the hour, the day, the week and the month. It runs inside a write transaction of its
 * caller, takes the deltas away and adds them in the same commit: a crash leaves either both or neither done. One folder at a
 * time, among all replicas, so that what it has read is still so when it writes.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import * as Limits from "./Limits.js"
import { grains, hourMillis, intervals, startOf } from "./Period.js"
import * as RollupDelta from "./RollupDelta.js"
import * as RollupErrors from "./RollupErrors.js"
import * as RollupFigures from "./RollupFigures.js"
import * as RollupHistogram from "./RollupHistogram.js"
import * as RollupSeries from "./RollupSeries.js"
import * as RollupSubjects from "./RollupSubjects.js"
import type { Session } from "./Transaction.js"
import * as Turn from "./Turn.js"

const number = (field: number): string => `CAST(j.value->>${field} AS DOUBLE PRECISION)`

const statements = Dialect.statements((d) => ({
  take: `DELETE FROM rollup_delta WHERE id IN (SELECT id FROM rollup_delta ORDER BY id LIMIT ?) RETURNING body`,
  addSeries: `INSERT INTO series (app, type, facet, value)
    SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3 FROM ${d.each} WHERE true ON CONFLICT DO NOTHING`,
  series: `SELECT ${d.position} AS position, s.id AS id FROM ${d.each} JOIN series s
    ON s.app = j.value->>0 AND s.type = j.value->>1 AND s.facet = j.value->>2 AND s.value = j.value->>3`,
  rollup: `INSERT INTO rollup AS r (series, grain, start, count, errors, sum, min, max, sessions, installations)
    SELECT ${Dialect.integer(0)}, ${Dialect.integer(1)}, ${Dialect.integer(2)}, ${number(3)}, ${number(4)}, ${
    number(5)
  }, ${number(6)},
      ${number(7)}, ${Dialect.integer(8)}, ${Dialect.integer(9)}
    FROM ${d.each} WHERE true
    ON CONFLICT (series, grain, start) DO UPDATE SET
      count = r.count + excluded.count,
      errors = r.errors + excluded.errors,
      sum = CASE WHEN r.sum IS NULL THEN excluded.sum ELSE r.sum + coalesce(excluded.sum, 0) END,
      min = ${d.least}(coalesce(r.min, excluded.min), coalesce(excluded.min, r.min)),
      max = ${d.greatest}(coalesce(r.max, excluded.max), coalesce(excluded.max, r.max)),
      sessions = r.sessions + excluded.sessions,
      installations = r.installations + excluded.installations`,
  histograms: `SELECT ${d.position} AS position, x.buckets AS buckets
    FROM ${d.each} ${
    d.lookup(
      "histogram",
      `x.series = ${Dialect.integer(0)} AND x.grain = ${Dialect.integer(1)} AND x.start = ${Dialect.integer(2)}`
    )
  }`,
  histogram: `INSERT INTO histogram (series, grain, start, buckets)
    SELECT ${Dialect.integer(0)}, ${Dialect.integer(1)}, ${Dialect.integer(2)}, j.value->>3 FROM ${d.each} WHERE true
    ON CONFLICT (series, grain, start) DO UPDATE SET buckets = excluded.buckets`
}))

interface Row extends RollupFigures.Counts {
  readonly series: number
  readonly grain: number
  readonly start: number
  newSessions: number
  newInstallations: number
}

const isMeasured = (row: Row): row is Row & { readonly buckets: Map<number, number> } => row.buckets !== null

/** In the order of the tables' keys: neighbours lie on the same page. */
const byKey = (a: Row, b: Row): number => a.series - b.series || a.grain - b.grain || a.start - b.start

/** Exact: there are four grains, and less than 2^22 hours up to the year 2448. A text takes fifteen times as long to make. */
const keyOf = (series: number, grain: number, start: number): number =>
  (series * 4 + grain) * 2 ** 22 + start / hourMillis

type Period = readonly [grain: number, start: number]

const periodsOf = (hour: number): ReadonlyArray<Period> =>
  intervals.map((interval) => [grains[interval], startOf(interval, hour)])

/** The rows of all four lengths that the entries add to. */
const rowsOf = (entries: ReadonlyArray<RollupSeries.Entry>, ids: ReadonlyArray<number>): Map<number, Row> => {
  const rows = new Map<number, Row>()
  // Of many entries there are few hours.
  const periods = new Map(Array.from(new Set(entries.map(({ hour }) => hour)), (hour) => [hour, periodsOf(hour)]))
  entries.forEach((entry, position) => {
    const series = ids[position]!
    for (const [grain, start] of periods.get(entry.hour)!) {
      const key = keyOf(series, grain, start)
      let row = rows.get(key)
      if (row === undefined) {
        row = { series, grain, start, newSessions: 0, newInstallations: 0, ...RollupFigures.noCounts() }
        rows.set(key, row)
      }
      RollupFigures.addCounts(row, entry)
    }
  })
  return rows
}

const find = Effect.fnUntraced(function*(session: Session, names: ReadonlyMap<string, RollupSeries.Name>) {
  const keys = [...names.keys()]
  const list = JSON.stringify(Array.from(names.values(), ({ app, facet, type, value }) => [app, type, facet, value]))
  const { addSeries, series } = statements(session.dialect)
  const found = new Map<string, number>()
  const look = Effect.map(session.rows(series, [list]), (rows) => {
    for (const { id, position } of rows) found.set(keys[Number(position)]!, Number(id))
  })
  yield* look
  // Hardly any is new: to find them costs less than to try and add them all.
  if (found.size < keys.length) yield* Effect.zipRight(session.run(addSeries, [list]), look)
  return found
})

/** The number of the series of each entry; entries of several hours share one. */
const idsOf = (
  session: Session,
  entries: ReadonlyArray<RollupSeries.Entry>
): Effect.Effect<ReadonlyArray<number>, SqlError> => {
  const names = new Map(entries.map(({ name }) => [RollupSeries.keyOf(name), name]))
  return Effect.map(find(session, names), (ids) => entries.map(({ name }) => ids.get(RollupSeries.keyOf(name))!))
}

const write = Effect.fnUntraced(function*(session: Session, rows: ReadonlyArray<Row>) {
  const texts = statements(session.dialect)
  yield* session.run(texts.rollup, [
    JSON.stringify(rows.map((row) => [
      row.series,
      row.grain,
      row.start,
      row.count,
      row.errors,
      row.sum,
      row.min,
      row.max,
      row.newSessions,
      row.newInstallations
    ]))
  ])
  const measured = rows.filter(isMeasured)
  const keys = JSON.stringify(measured.map(({ grain, series, start }) => [series, grain, start]))
  for (const { buckets, position } of yield* session.rows(texts.histograms, [keys])) {
    RollupFigures.addBuckets(measured[Number(position)]!, RollupHistogram.decode(buckets).counts)
  }
  yield* session.run(texts.histogram, [
    JSON.stringify(measured.map(({ buckets, grain, series, start }) => [
      series,
      grain,
      start,
      RollupHistogram.encode(buckets)
    ]))
  ])
})

/** Deltas that say the same become one; those of a whole year at once would be more than the memory has good room for. */
const takeSome = Effect.fnUntraced(function*(session: Session) {
  const { take } = statements(session.dialect)
  const delta = RollupDelta.make()
  let taken = 0
  let isAll = false
  while (!isAll && taken < Limits.foldBatches && delta.groups.size < Limits.foldGroups) {
    const bodies = yield* session.rows(take, [Limits.foldStep])
    for (const { body } of bodies) RollupDelta.merge(delta, body)
    taken += bodies.length
    isAll = bodies.length < Limits.foldStep
  }
  return { delta, taken }
})

/**
 * Folds at most {@link Limits.foldBatches} deltas; answers how many.
 *
 * @since 0.1.0
 * @category combinators
 */
export const fold = Effect.fnUntraced(function*(session: Session): Effect.fn.Return<number, SqlError> {
  yield* Turn.alone(session, "fold")
  const { delta, taken } = yield* takeSome(session)
  if (taken === 0) return 0
  const entries = RollupSeries.entries(delta)
  const ids = yield* idsOf(session, entries)
  const rows = rowsOf(entries, ids)
  const inAll = RollupSeries.inAll(entries, ids)
  for (const { interval, kind, series, start } of yield* RollupSubjects.add(session, entries, ids)) {
    for (const one of [series, inAll.get(series)!]) {
      const row = rows.get(keyOf(one, grains[interval], start))!
      if (kind === 0) row.newSessions += 1
      else row.newInstallations += 1
    }
  }
  yield* write(session, [...rows.values()].sort(byKey))
  yield* RollupErrors.add(session, delta)
  return taken
})
