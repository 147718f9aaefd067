/**
 * Figures of series over a whole range: sums and histograms from as few rows as cover it, and exact uniques.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Histogram from "../../domain/Histogram.js"
import * as Dialect from "../Dialect.js"
import type { Active } from "../Insights.js"
import * as RollupHistogram from "../RollupHistogram.js"
import * as RollupUniques from "../RollupUniques.js"
import * as SubjectSet from "../SubjectSet.js"
import type { Session } from "../Transaction.js"
import * as Range from "./Range.js"
import * as Subjects from "./Subjects.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Total {
  readonly series: number
  readonly app: string
  readonly type: string
  readonly value: string
  readonly count: number
  readonly errors: number
  readonly sum: number | null
  readonly min: number | null
  readonly max: number | null
}

const tile = `x.grain = CAST(j.value->>0 AS BIGINT) AND x.start >= CAST(j.value->>1 AS BIGINT)
  AND x.start < CAST(j.value->>2 AS BIGINT)`

/** From so many days on, weeks that are kept as sets cost less than days. */
const longDays = 60

const statements = Dialect.statements((d) => ({
  all: `SELECT s.id AS series, s.app AS app, s.type AS type, s.value AS value, sum(x.count) AS count,
      sum(x.errors) AS errors, sum(x.sum) AS sum, min(x.min) AS min, max(x.max) AS max
    FROM series s CROSS JOIN ${d.each} ${
    d.lookup("rollup", `x.series = s.id AND ${tile}`)
  } AND s.app = ? AND s.type = ? AND s.facet = ?
    GROUP BY s.id, s.app, s.type, s.value`,
  ofEachApp: `SELECT s.id AS series, s.app AS app, s.type AS type, s.value AS value, sum(x.count) AS count,
      sum(x.errors) AS errors, sum(x.sum) AS sum, min(x.min) AS min, max(x.max) AS max
    FROM series s CROSS JOIN ${d.each} ${
    d.lookup("rollup", `x.series = s.id AND ${tile}`)
  } AND s.app <> '' AND s.type = ? AND s.facet = ?
    GROUP BY s.id, s.app, s.type, s.value`,
  histograms: `SELECT x.series AS series, x.buckets AS buckets
    FROM ${d.each} CROSS JOIN ${d.eachOther}
      ${d.lookup("histogram", `x.series = CAST(o.value->>0 AS BIGINT) AND ${tile}`)}`,
  ofApps: `SELECT j.value->>0 AS series, x.id AS id
    FROM ${d.each} ${
    d.lookup("series", "x.type = j.value->>1 AND x.facet = j.value->>2 AND x.value = j.value->>3 AND x.app <> ''")
  }`,
  byDays: `SELECT x.series AS series, x.kind AS kind, count(DISTINCT x.subject) AS n FROM subject_day x
    WHERE ${d.isListed(d.byDay.series("x.series"))} AND x.kind IN (0, 1) AND ${d.byDay.day("x.day")} >= ?
      AND ${d.byDay.day("x.day")} <= ? GROUP BY x.series, x.kind`,
  byHours: `SELECT x.series AS series, x.kind AS kind, count(DISTINCT x.subject) AS n FROM subject_day x
    WHERE ${d.isListed(d.byDay.series("x.series"))} AND x.kind IN (0, 1)
      AND ${d.byDay.day("x.day")} >= ? AND ${d.byDay.day("x.day")} <= ?
      AND (x.day > ? OR (x.hours & ?) <> 0) AND (x.day < ? OR (x.hours & ?) <> 0)
    GROUP BY x.series, x.kind`
}))

const orNull = (value: unknown): number | null => value === null ? null : Number(value)

const toTotal = (row: Readonly<Record<string, unknown>>): Total => ({
  series: Number(row["series"]),
  app: String(row["app"]),
  type: String(row["type"]),
  value: String(row["value"]),
  count: Number(row["count"]),
  errors: Number(row["errors"]),
  sum: orNull(row["sum"]),
  min: orNull(row["min"]),
  max: orNull(row["max"])
})

const frequentFirst = (a: Total, b: Total): number => b.count - a.count || (a.value < b.value ? -1 : 1)

/**
 * The applications of which there are events, by name.
 *
 * @since 0.1.0
 * @category combinators
 */
export const apps = (session: Session): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  Effect.map(
    session.rows("SELECT app FROM series WHERE type = '' AND facet = '' AND app <> '' ORDER BY app"),
    (rows) => rows.map((row) => String(row.app))
  )

/**
 * Every value of a facet of a type, most frequent first. `app` undefined: of all of them together.
 *
 * @since 0.1.0
 * @category combinators
 */
export const values = (
  session: Session,
  range: Range.Range,
  { app, facet, type }: { readonly app: string | undefined; readonly type: string; readonly facet: string }
): Effect.Effect<ReadonlyArray<Total>, SqlError> =>
  Effect.map(
    session.rows(statements(session.dialect).all, [Range.tiles(range), app ?? "", type, facet]),
    (rows) => rows.map(toTotal).sort(frequentFirst)
  )

/**
 * The same, each application by itself.
 *
 * @since 0.1.0
 * @category combinators
 */
export const valuesOfEachApp = (
  session: Session,
  range: Range.Range,
  { facet, type }: { readonly type: string; readonly facet: string }
): Effect.Effect<ReadonlyArray<Total>, SqlError> =>
  Effect.map(
    session.rows(statements(session.dialect).ofEachApp, [Range.tiles(range), type, facet]),
    (rows) => rows.map(toTotal).sort(frequentFirst)
  )

const listOf = (series: ReadonlyArray<number>): string => JSON.stringify(series.map((id) => [id]))

/**
 * @since 0.1.0
 * @category combinators
 */
export const histograms = (
  session: Session,
  range: Range.Range,
  series: ReadonlyArray<number>
): Effect.Effect<ReadonlyMap<number, Histogram.Histogram>, SqlError> =>
  Effect.map(
    session.rows(statements(session.dialect).histograms, [Range.tiles(range), listOf(series)]),
    (rows) => {
      const found = new Map<number, Histogram.Mutable>()
      for (const { buckets, series } of rows) {
        const id = Number(series)
        const before = found.get(id) ?? Histogram.unsafeMake()
        RollupHistogram.unsafeAdd(before, buckets)
        found.set(id, before)
      }
      return found
    }
  )

/**
 * @since 0.1.0
 * @category constants
 */
export const nobody: Active = { sessions: 0, installations: 0 }

/** By the series in which days of subjects are kept, the one that they are asked for: itself, or that of all applications. */
const keptIn = Effect.fnUntraced(function*(session: Session, totals: ReadonlyArray<Total>, facet: string) {
  const kept = new Map(totals.flatMap(({ app, series }) => app === "" ? [] : [[series, series] as const]))
  const wholes = totals.filter(({ app }) => app === "")
  if (wholes.length === 0) return kept
  const names = JSON.stringify(wholes.map(({ series, type, value }) => [series, type, facet, value]))
  for (const { id, series } of yield* session.rows(statements(session.dialect).ofApps, [names])) {
    kept.set(Number(id), Number(series))
  }
  return kept
})

interface Count {
  readonly series: number
  readonly kind: RollupUniques.Kind
  readonly n: number
}

const countsOfDays = (
  session: Session,
  range: Range.Range,
  series: ReadonlyArray<number>
): Effect.Effect<ReadonlyArray<Count>, SqlError> => {
  const { byDays, byHours } = statements(session.dialect)
  const [first, last, ofFirst, ofLast] = Range.days(range)
  const list = listOf(series)
  return Effect.map(
    Range.isOfDays(range)
      ? session.rows(byDays, [list, first, last])
      : session.rows(byHours, [list, first, last, first, ofFirst, last, ofLast]),
    (rows) =>
      rows.map((row) => ({
        series: Number(row.series),
        kind: Number(row.kind) === RollupUniques.kinds.session ? "session" : "installation",
        n: Number(row.n)
      }))
  )
}

const countsOfSets = (
  session: Session,
  { facet, range, series, totals }: {
    readonly range: Range.Range
    readonly totals: ReadonlyArray<Total>
    readonly facet: string
    readonly series: ReadonlyArray<number>
  }
): Effect.Effect<ReadonlyArray<Count>, SqlError> => {
  const apps = new Set(totals.map(({ app }) => app))
  const [app] = apps.size === 1 ? apps : [""]
  const asked = { app: app === "" ? undefined : app, type: totals[0]?.type ?? "", facet, series, range }
  const of = (kind: RollupUniques.Kind) =>
    Effect.map(
      Subjects.sets(session, asked, kind, { hasTimes: false }),
      (found) => {
        const counts = SubjectSet.counts([...found.values()])
        return Array.from(found.keys(), (series, i) => ({ series, kind, n: counts[i]! }))
      }
    )
  return Effect.zipWith(of("session"), of("installation"), (a, b) => [...a, ...b])
}

/**
 * Who was there in the range, by series of that facet; nobody is counted twice in an application.
 *
 * @since 0.1.0
 * @category combinators
 */
export const uniques = Effect.fnUntraced(function*(
  session: Session,
  range: Range.Range,
  totals: ReadonlyArray<Total>,
  facet: string
): Effect.fn.Return<ReadonlyMap<number, Active>, SqlError> {
  const kept = yield* keptIn(session, totals, facet)
  const [first, last] = Range.days(range)
  const counts = last - first >= longDays
    ? countsOfSets(session, { range, totals, facet, series: [...kept.keys()] })
    : countsOfDays(session, range, [...kept.keys()])
  const active = new Map<number, Active>()
  for (const { kind, n, series } of yield* counts) {
    const id = kept.get(series)!
    const { installations, sessions } = active.get(id) ?? nobody
    active.set(
      id,
      kind === "session" ? { installations, sessions: sessions + n } : { sessions, installations: installations + n }
    )
  }
  return active
})
