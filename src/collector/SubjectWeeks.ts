/**
 * Weeks that are over, with who was there kept once more as one set for all series of a facet: to read a year of them costs a
 * hundredth of what its days do. The days stay, and stay what is true: a week that something was added to is told from its
 * days until it is made again.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Dialect from "./Dialect.js"
import type { Job } from "./Job.js"
import * as Limits from "./Limits.js"
import { dayMillis, dayNumber, grains, startOf } from "./Period.js"
import * as RollupSeries from "./RollupSeries.js"
import * as RollupUniques from "./RollupUniques.js"
import * as SubjectDays from "./SubjectDays.js"
import * as SubjectEncoding from "./SubjectEncoding.js"
import type * as SubjectSet from "./SubjectSet.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** {@link run}, every hour. */
  readonly job: Job
  /** Makes all weeks that are over and not made, or not any more; answers how many sets that were. */
  readonly run: Effect.Effect<number, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SubjectWeeks extends Context.Tag("effect-telemetry/collector/SubjectWeeks")<SubjectWeeks, Service>() {}

/** What one set is of: all series of a facet of a type in an application, and one week. */
interface Part {
  readonly type: string
  readonly facet: string
  readonly kind: number
  /** The day it begins with, in days since the epoch. */
  readonly week: number
  readonly app: string
}

const grain = grains.week

const open = (d: Dialect.Dialect, kind: RollupUniques.Kind, seen: string): string =>
  `INSERT INTO subject_week (type, facet, kind, week, app)
    SELECT DISTINCT s.type, s.facet, ${RollupUniques.kinds[kind]}, x.start / ${dayMillis}, s.app FROM series s ${
    d.lookup("rollup", `x.series = s.id AND x.grain = ${grain} AND x.start >= ? AND x.start < ?`)
  } AND s.app <> '' AND x.${seen} > 0 ON CONFLICT DO NOTHING`

const statements = Dialect.statements((d) => ({
  until: "SELECT until FROM subject_weeks",
  setUntil: "UPDATE subject_weeks SET until = ?",
  openSessions: open(d, "session", "sessions"),
  openInstallations: open(d, "installation", "installations"),
  reopen: `INSERT INTO subject_week (type, facet, kind, week, app)
    SELECT j.value->>0, j.value->>1, ${Dialect.integer(2)}, ${Dialect.integer(3)}, j.value->>4 FROM ${d.each} WHERE true
    ON CONFLICT (type, facet, kind, week, app) DO UPDATE SET subjects = NULL, at = NULL`,
  next: `SELECT q.type AS type, q.facet AS facet, q.kind AS kind, q.week AS week, q.app AS app, q.n AS n FROM (
      SELECT w.type, w.facet, w.kind, w.week, w.app, (
        SELECT CAST(coalesce(sum(CASE w.kind WHEN 0 THEN x.sessions ELSE x.installations END), 0) AS BIGINT)
        FROM series s ${
    d.lookup("rollup", `x.series = s.id AND x.grain = ${grain} AND x.start = CAST(w.week AS BIGINT) * ${dayMillis}`)
  }
          AND s.app = w.app AND s.type = w.type AND s.facet = w.facet
      ) AS n
      FROM subject_week w WHERE w.subjects IS NULL
    ) q WHERE q.n <= ${Limits.weekSubjects} LIMIT ${Limits.weekParts}`,
  series: `SELECT ${d.position} AS position, s.id AS series FROM ${d.each} JOIN series s
    ON s.app = j.value->>2 AND s.type = j.value->>0 AND s.facet = j.value->>1 ORDER BY 1, 2`,
  fill: `UPDATE subject_week SET subjects = ?, at = ?
    WHERE type = ? AND facet = ? AND kind = ? AND week = ? AND app = ?`
}))

/**
 * The end of the weeks that are kept, in milliseconds since the epoch: of each before it that somebody was there in, there is
 * a row.
 *
 * @since 0.1.0
 * @category getters
 */
export const untilOf = (session: Transaction.Session): Effect.Effect<number, SqlError> =>
  Effect.map(session.rows(statements(session.dialect).until), ([row]) => Number(row?.until ?? 0))

/**
 * Weeks that days were added to are open again. For the fold, in its transaction.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reopen = Effect.fnUntraced(function*(
  session: Transaction.Session,
  added: ReadonlyArray<RollupUniques.Day>,
  nameOf: (series: number) => RollupSeries.Name
): Effect.fn.Return<void, SqlError> {
  const until = yield* untilOf(session)
  const parts = new Map<string, ReadonlyArray<string | number>>()
  for (const { day, kind, series } of added) {
    if (day >= until) continue
    const { app, facet, type } = nameOf(series)
    const part = [type, facet, kind, dayNumber(startOf("week", day)), app]
    parts.set(part.join("\u0000"), part)
  }
  if (parts.size > 0) yield* session.run(statements(session.dialect).reopen, [JSON.stringify([...parts.values()])])
})

/** Only these are asked for the time: they are steps of a funnel. */
const hasTimes = ({ facet, kind }: Part): boolean =>
  kind === RollupUniques.kinds.session && (facet === "" || facet === RollupSeries.dimension)

/** As many as have so many subjects together, and at least one. */
const someOf = (parts: ReadonlyArray<Part & { readonly n: number }>): ReadonlyArray<Part> => {
  let n = 0
  return parts.filter((part, i) => {
    n += part.n
    return i === 0 || n <= Limits.weekStep
  })
}

const fill = Effect.fnUntraced(function*(
  session: Transaction.Session,
  parts: ReadonlyArray<Part>
): Effect.fn.Return<void, SqlError> {
  const texts = statements(session.dialect)
  const names = JSON.stringify(parts.map(({ app, facet, type }) => [type, facet, app]))
  const members = (yield* session.rows(texts.series, [names])).map((row) => ({
    part: parts[Number(row.position)]!,
    series: Number(row.series)
  }))
  const runs = members.map(({ part: { kind, week }, series }) => ({ series, kind, first: week, last: week + 6 }))
  const found = yield* SubjectDays.sets(session, runs, { hasTimes: true })
  const sets = new Map(parts.map((part) => [part, new Array<readonly [number, SubjectSet.SubjectSet]>()]))
  members.forEach(({ part, series }, position) => {
    const set = found.get(position)
    if (set !== undefined) sets.get(part)!.push([series, set])
  })
  for (const [part, members] of sets) {
    const { at, subjects } = SubjectEncoding.encode(members, hasTimes(part) ? part.week * dayMillis : null)
    const { app, facet, kind, type, week } = part
    yield* session.run(texts.fill, [subjects, at, type, facet, kind, week, app])
  }
})

/** One step of the work; answers how many sets it made. It takes turns with the folds: what is read is whole. */
const step = Effect.fnUntraced(function*(session: Transaction.Session): Effect.fn.Return<number, SqlError> {
  yield* Turn.alone(session, "fold")
  const open = yield* session.rows(statements(session.dialect).next)
  const parts = someOf(open.map((row) => ({
    type: String(row.type),
    facet: String(row.facet),
    kind: Number(row.kind),
    week: Number(row.week),
    app: String(row.app),
    n: Number(row.n)
  })))
  if (parts.length > 0) yield* fill(session, parts)
  return parts.length
})

/** The weeks that were over long enough by now, and were not kept yet, are marked as open. */
const advance = Effect.fnUntraced(function*(
  session: Transaction.Session,
  now: number
): Effect.fn.Return<void, SqlError> {
  const texts = statements(session.dialect)
  yield* Turn.alone(session, "fold")
  const from = yield* untilOf(session)
  const until = startOf("week", now - Limits.weekSettleMillis)
  if (until <= from) return
  yield* session.run(texts.openSessions, [from, until])
  yield* session.run(texts.openInstallations, [from, until])
  yield* session.run(texts.setUntil, [until])
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const fillAll: Effect.Effect<number, SqlError> = Effect.flatMap(
    Transaction.write(sql, step),
    (made) =>
      made === 0
        ? Effect.succeed(0)
        : Effect.map(Effect.zipRight(Effect.yieldNow(), fillAll), (more) => made + more)
  )
  const run = Effect.flatMap(
    Clock.currentTimeMillis,
    (now) => Effect.zipRight(Transaction.write(sql, (session) => advance(session, now)), fillAll)
  )
  return {
    job: {
      name: "weeks",
      due: Effect.sleep(Duration.millis(Limits.weekCheckMillis)),
      everyMillis: Limits.weekCheckMillis,
      run
    },
    run
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<SubjectWeeks, never, SqlClient.SqlClient> = Layer.effect(SubjectWeeks, make)
