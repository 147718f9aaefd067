/**
 * Who was there on some days of some series, as sets.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import * as SubjectSet from "./SubjectSet.js"
import type { Session } from "./Transaction.js"

/**
 * A run of days of one series.
 *
 * @since 0.1.0
 * @category models
 */
export interface Run {
  readonly series: number
  readonly kind: number
  /** Days since the epoch; both count. */
  readonly first: number
  readonly last: number
  /** A bit for each hour of the day that counts; absent: all do. */
  readonly hours?: number | undefined
}

const listed = (d: Dialect.Dialect, at: string, lists: string, more = ""): string =>
  `SELECT q.position AS position, ${lists} FROM (
    SELECT ${d.position} AS position, x.subject AS subject${at} FROM ${d.each} ${
    d.lookup(
      "subject_day",
      `${d.byDay.series("x.series")} = ${Dialect.integer(0)} AND x.kind = ${Dialect.integer(1)}
        AND ${d.byDay.day("x.day")} >= ${Dialect.integer(2)} AND ${d.byDay.day("x.day")} <= ${
        Dialect.integer(3)
      }${more}`
    )
  } GROUP BY 1, 2) q GROUP BY q.position`

const statements = Dialect.statements((d) => {
  const subjects = `${d.list("q.subject", "q.subject")} AS subjects`
  return {
    subjects: listed(d, "", subjects),
    ofHours: listed(d, "", subjects, ` AND (x.hours & ${Dialect.integer(4)}) <> 0`),
    withTimes: listed(d, ", min(x.at) AS at", `${subjects}, ${d.list("q.at", "q.subject")} AS at`)
  }
})

const read = (session: Session, text: string, runs: ReadonlyArray<readonly [position: number, run: Run]>) =>
  Effect.map(
    runs.length === 0 ? Effect.succeed([]) : session.rows(text, [
      JSON.stringify(runs.map(([, { first, hours = 0, kind, last, series }]) => [series, kind, first, last, hours]))
    ]),
    (rows) =>
      rows.map((row) =>
        [
          runs[Number(row.position)]![0],
          SubjectSet.fromLists(String(row.subjects), "at" in row ? String(row.at) : null)
        ] as const
      )
  )

/**
 * A set for each run that somebody was there in, by its position. Times are those of whole days.
 *
 * @since 0.1.0
 * @category combinators
 */
export const sets = (
  session: Session,
  runs: ReadonlyArray<Run>,
  { hasTimes }: { readonly hasTimes: boolean }
): Effect.Effect<ReadonlyMap<number, SubjectSet.SubjectSet>, SqlError> => {
  const { ofHours, subjects, withTimes } = statements(session.dialect)
  const placed = runs.map((run, position) => [position, run] as const)
  const whole = placed.filter(([, { hours }]) => hours === undefined)
  const parts = placed.filter(([, { hours }]) => hours !== undefined)
  return Effect.zipWith(
    read(session, hasTimes ? withTimes : subjects, whole),
    read(session, ofHours, parts),
    (a, b) => new Map([...a, ...b])
  )
}
