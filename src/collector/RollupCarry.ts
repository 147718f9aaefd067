/**
 * Carries what an older version had counted over into the series of today: as deltas, folded like any other. What it did not
 * keep (errors, versions, the minute somebody was first seen) stays unknown.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import * as RollupDelta from "./RollupDelta.js"

/** A group as it was written down. */
type Old = readonly [
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
 * @category conversions
 */
export const carry = (groups: ReadonlyArray<Old>): string => {
  const delta = RollupDelta.make()
  groups.forEach(([app, type, value, hour, count, sum, min, max, buckets, sessions, installations], position) => {
    const at = (subject: number) => [subject, hour] as const
    delta.groups.set(String(position), {
      app,
      version: "",
      type,
      facet: "",
      value,
      hour,
      count,
      errors: 0,
      sum,
      min,
      max,
      buckets: new Map(buckets),
      sessions: new Map(sessions.map(at)),
      installations: new Map(installations.map(at))
    })
  })
  return RollupDelta.encode(delta)
}

interface Series {
  readonly id: number
  readonly app: string
  readonly type: string
  readonly dimension: string
}

const numbers = (row: Readonly<Record<string, unknown>>) => (name: string): number => Number(row[name])

/** The rows of one series, as groups. */
const groupsOf = (sql: SqlClient.SqlClient, { app, dimension, id, type }: Series) =>
  Effect.gen(function*() {
    const d = Dialect.of(sql)
    const rows = (text: string) => sql.unsafe<Readonly<Record<string, unknown>>>(d.text(text), [id])
    const buckets = new Map<number, Array<readonly [number, number]>>()
    for (const row of yield* rows("SELECT hour, bucket, count FROM rollup_histogram WHERE series = ?")) {
      const n = numbers(row)
      buckets.set(n("hour"), [...buckets.get(n("hour")) ?? [], [n("bucket"), n("count")]])
    }
    const subjects = new Map<string, Array<number>>()
    for (const row of yield* rows("SELECT hour, kind, subject FROM rollup_unique WHERE series = ?")) {
      const n = numbers(row)
      const key = `${n("hour")} ${n("kind")}`
      subjects.set(key, [...subjects.get(key) ?? [], n("subject")])
    }
    return (yield* rows("SELECT hour, count, sum, min, max FROM rollup_hourly WHERE series = ?")).map((row): Old => {
      const hour = numbers(row)("hour")
      const orNull = (name: string): number | null => row[name] === null ? null : numbers(row)(name)
      return [
        app,
        type,
        dimension,
        hour,
        numbers(row)("count"),
        orNull("sum"),
        orNull("min"),
        orNull("max"),
        buckets.get(hour) ?? [],
        subjects.get(`${hour} 0`) ?? [],
        subjects.get(`${hour} 1`) ?? []
      ]
    })
  })

/**
 * Rewrites the deltas that wait, and adds one for each series of old. Part of a migration.
 *
 * @since 0.1.0
 * @category migrations
 */
export const run: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const waiting = yield* sql<{ readonly body: string }>`DELETE FROM rollup_delta RETURNING body`
  const bodies = waiting.map(({ body }) => carry(JSON.parse(body)))
  for (const series of yield* sql<Series>`SELECT id, app, type, dimension FROM rollup_series`) {
    bodies.push(carry(yield* groupsOf(sql, series)))
  }
  for (const body of bodies) yield* sql`INSERT INTO rollup_delta (body) VALUES (${body})`
})
