/**
 * The stored days of sessions and installations, and the weeks in which installations came back.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import { dayMillis, dayNumber, startOf } from "./Period.js"
import type * as RollupSeries from "./RollupSeries.js"
import * as RollupUniques from "./RollupUniques.js"
import * as SubjectWeeks from "./SubjectWeeks.js"
import type { Session } from "./Transaction.js"

const statements = Dialect.statements((d) => ({
  known: `SELECT x.series AS series, x.kind AS kind, x.subject AS subject, x.day AS day, x.hours AS hours,
      x.at AS at
    FROM ${d.each} ${
    d.lookup(
      "subject_day",
      `x.series = ${Dialect.integer(0)} AND x.kind = ${Dialect.integer(1)} AND x.subject = ${Dialect.integer(2)}
        AND x.day >= ${Dialect.integer(3)} AND x.day < ${Dialect.integer(4)}`
    )
  }`,
  add: `INSERT INTO subject_day AS r (series, kind, subject, day, hours, at)
    SELECT ${Dialect.integer(0)}, ${Dialect.integer(1)}, ${Dialect.integer(2)}, ${Dialect.integer(3)}, ${
    Dialect.integer(4)
  }, ${Dialect.integer(5)}
    FROM ${d.each} WHERE true
    ON CONFLICT (series, kind, subject, day) DO UPDATE SET
      hours = r.hours | excluded.hours, at = ${d.least}(r.at, excluded.at)`,
  first: `SELECT ${Dialect.integer(0)} AS series, ${Dialect.integer(1)} AS subject,
      (SELECT min(x.day) FROM subject_day x
        WHERE x.series = ${Dialect.integer(0)} AND x.kind = 1 AND x.subject = ${Dialect.integer(1)}) AS day
    FROM ${d.each}`,
  days: `SELECT x.series AS series, x.subject AS subject, x.day AS day
    FROM ${d.each} ${
    d.lookup("subject_day", `x.series = ${Dialect.integer(0)} AND x.kind = 1 AND x.subject = ${Dialect.integer(1)}`)
  }`,
  cohort: `INSERT INTO cohort AS r (series, cohort, week, count)
    SELECT ${Dialect.integer(0)}, ${Dialect.integer(1)}, ${Dialect.integer(2)}, ${
    Dialect.integer(3)
  } FROM ${d.each} WHERE true
    ON CONFLICT (series, cohort, week) DO UPDATE SET count = r.count + excluded.count`
}))

const daysOf = (
  entries: ReadonlyArray<RollupSeries.Entry>,
  ids: ReadonlyArray<number>
): ReadonlyArray<RollupUniques.Day> => {
  const days = new RollupUniques.Days()
  entries.forEach(({ hour, installations, sessions }, position) => {
    if (sessions !== null) days.add(ids[position]!, "session", hour, sessions)
    if (installations !== null) days.add(ids[position]!, "installation", hour, installations)
  })
  return days.all()
}

/** In the order of the table's key: neighbours lie on the same page. */
const byKey = (a: RollupUniques.Day, b: RollupUniques.Day): number =>
  a.series - b.series || a.kind - b.kind || a.subject - b.subject || a.day - b.day

const json = (rows: ReadonlyArray<ReadonlyArray<number>>): string => JSON.stringify(rows)

/** The week of a stored day. */
const weekOf = (day: unknown): number => startOf("week", Number(day) * dayMillis)

const pairKey = (series: number, subject: number): string => `${series} ${subject}`

/**
 * Counts installations into the weeks they came in, under the week they first came in. One that turns out to have come
 * earlier than was known moves with all of its weeks.
 */
const addCohorts = Effect.fnUntraced(function*(
  session: Session,
  arrivals: ReadonlyArray<RollupUniques.Arrival>
): Effect.fn.Return<void, SqlError> {
  const texts = statements(session.dialect)
  const fresh = new Map<string, { readonly series: number; readonly subject: number; readonly weeks: Set<number> }>()
  for (const { series, start, subject } of arrivals) {
    const key = pairKey(series, subject)
    const one = fresh.get(key) ?? { series, subject, weeks: new Set<number>() }
    one.weeks.add(start)
    fresh.set(key, one)
  }
  if (fresh.size === 0) return
  const firsts = new Map<string, number>()
  const pairs = json(Array.from(fresh.values(), ({ series, subject }) => [series, subject]))
  for (const { day, series, subject } of yield* session.rows(texts.first, [pairs])) {
    if (day !== null) firsts.set(pairKey(Number(series), Number(subject)), weekOf(day))
  }
  const counts = new Map<string, readonly [series: number, cohort: number, week: number, n: number]>()
  const count = (series: number, cohort: number, week: number, n: number) => {
    const key = `${series} ${cohort} ${week}`
    counts.set(key, [series, cohort, week, (counts.get(key)?.[3] ?? 0) + n])
  }
  const moved: Array<{ readonly series: number; readonly subject: number; readonly weeks: Set<number> }> = []
  for (const [key, one] of fresh) {
    const first = firsts.get(key)
    if (first !== undefined && Math.min(...one.weeks) < first) moved.push(one)
    else for (const week of one.weeks) count(one.series, first ?? Math.min(...one.weeks), week, 1)
  }
  const before = new Map<string, Set<number>>()
  if (moved.length > 0) {
    const whose = json(moved.map(({ series, subject }) => [series, subject]))
    for (const { day, series, subject } of yield* session.rows(texts.days, [whose])) {
      const key = pairKey(Number(series), Number(subject))
      before.set(key, (before.get(key) ?? new Set()).add(weekOf(day)))
    }
  }
  for (const { series, subject, weeks } of moved) {
    const known = before.get(pairKey(series, subject)) ?? new Set<number>()
    for (const [cohort, week] of RollupUniques.cohort(known)) count(series, cohort, week, -1)
    for (const [cohort, week] of RollupUniques.cohort(new Set([...known, ...weeks]))) count(series, cohort, week, 1)
  }
  yield* session.run(texts.cohort, [json([...counts.values()])])
})

/**
 * Adds who was seen; answers in which periods they were not known before.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add = Effect.fnUntraced(function*(
  session: Session,
  entries: ReadonlyArray<RollupSeries.Entry>,
  ids: ReadonlyArray<number>
): Effect.fn.Return<ReadonlyArray<RollupUniques.Arrival>, SqlError> {
  const texts = statements(session.dialect)
  const added = daysOf(entries, ids)
  if (added.length === 0) return []
  const needed = RollupUniques.needs(added).map((
    { from, kind, series, subject, to }
  ) => [series, kind, subject, dayNumber(from), dayNumber(to)])
  const known = (yield* session.rows(texts.known, [json(needed)])).map((row) => ({
    series: Number(row.series),
    kind: Number(row.kind),
    subject: Number(row.subject),
    day: Number(row.day) * dayMillis,
    hours: Number(row.hours),
    at: Number(row.at)
  }))
  const arrivals = RollupUniques.arrivals(known, added)
  const whole = new Set(
    entries.flatMap(({ name: { facet, type } }, position) => type === "" && facet === "" ? [ids[position]!] : [])
  )
  yield* addCohorts(
    session,
    arrivals.filter(({ interval, kind, series }) => interval === "week" && kind === 1 && whole.has(series))
  )
  const telling = [...RollupUniques.telling(known, added)].sort(byKey)
  if (telling.length > 0) {
    yield* session.run(texts.add, [
      json(telling.map(({ at, day, hours, kind, series, subject }) => [
        series,
        kind,
        subject,
        dayNumber(day),
        hours,
        at
      ]))
    ])
    const names = new Map(entries.map(({ name }, position) => [ids[position]!, name]))
    yield* SubjectWeeks.reopen(session, telling, (series) => names.get(series)!)
  }
  return arrivals
})
