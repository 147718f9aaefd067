/**
 * On Postgres the raw events are partitioned by month of the time in their id (UUIDv7). A month has its partition long before
 * its first event; what fits into none, such as ids of another version, goes into `events_rest`. A month that is wholly
 * older than the rules of retention allow is dropped, which costs nothing. On SQLite there is one table.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Period from "./Period.js"
import type { Session } from "./Transaction.js"
import * as Turn from "./Turn.js"

/** Months that have a partition before they begin. */
const ahead = 2

/** Older ones than this have none of their own when an existing table is divided. */
const oldestMonths = 36

const monthsBefore = (time: number, n: number): number => {
  const date = new Date(time)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - n)
}

const until = (now: number): number => monthsBefore(now, -ahead - 1)

const nameOf = (month: number): string => `events_${new Date(month).toISOString().slice(0, 7).replace("-", "_")}`

/** The smallest id of a time. */
const idOf = (time: number): string => {
  const hex = time.toString(16).padStart(12, "0")
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

const make = Effect.fnUntraced(function*(session: Session, month: number): Effect.fn.Return<void, SqlError> {
  const name = nameOf(month)
  const [row] = yield* session.rows("SELECT to_regclass($1) IS NULL AS missing", [name])
  if (row?.missing !== true) return
  const from = `'${idOf(month)}'`
  const to = `'${idOf(Period.endOf("month", month))}'`
  yield* session.run(`CREATE TABLE ${name} (LIKE events INCLUDING ALL)`)
  yield* session.run(
    `WITH moved AS (DELETE FROM events_rest WHERE id >= ${from} AND id < ${to} RETURNING *)
      INSERT INTO ${name} SELECT * FROM moved`
  )
  yield* session.run(`ALTER TABLE events ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`)
})

/**
 * Makes the partitions of this month and the next ones, where there are none; rows that came before theirs move into it.
 * No event is written meanwhile.
 *
 * @since 0.1.0
 * @category combinators
 */
export const prepare = Effect.fnUntraced(function*(session: Session, now: number): Effect.fn.Return<void, SqlError> {
  if (session.dialect.name === "sqlite") return
  const [last] = yield* session.rows("SELECT to_regclass($1) IS NULL AS missing", [nameOf(until(now) - 1)])
  if (last?.missing !== true) return
  yield* Turn.alone(session, "subjects")
  yield* Effect.forEach(Period.starts("month", now, until(now)), (month) => make(session, month))
})

const divide = Effect.fnUntraced(function*(
  session: Session,
  columns: string,
  view: string,
  now: number
): Effect.fn.Return<void, SqlError> {
  const [row] = yield* session.rows("SELECT min(time) AS oldest FROM events")
  yield* session.run("DROP VIEW readable_events")
  yield* session.run("ALTER TABLE events RENAME TO events_undivided")
  yield* session.run("ALTER INDEX events_pkey RENAME TO events_undivided_pkey")
  yield* session.run(`CREATE TABLE events (${columns}) PARTITION BY RANGE (id)`)
  yield* session.run("CREATE TABLE events_rest PARTITION OF events DEFAULT")
  const from = Math.max(Number(row?.oldest ?? now), monthsBefore(now, oldestMonths))
  yield* Effect.forEach(Period.starts("month", Math.min(from, now), until(now)), (month) => make(session, month))
  yield* session.run("INSERT INTO events SELECT * FROM events_undivided")
  yield* session.run("DROP TABLE events_undivided")
  yield* session.run(view)
})

/**
 * Divides a table of events that is in one piece, with all its rows; makes the partitions that are due of one that is not.
 * Done at every start, in the turn of the migrations.
 *
 * @since 0.1.0
 * @category migrations
 */
export const ensure = Effect.fnUntraced(function*(
  session: Session,
  columns: string,
  view: string
): Effect.fn.Return<void, SqlError> {
  if (session.dialect.name === "sqlite") return
  const now = yield* Clock.currentTimeMillis
  const [table] = yield* session.rows(
    "SELECT CAST(relkind AS TEXT) AS kind FROM pg_class WHERE oid = to_regclass('events')"
  )
  yield* table?.kind === "p" ? prepare(session, now) : divide(session, columns, view, now)
})

/**
 * Drops months of which every event was captured before that time; answers how many events that were.
 *
 * @since 0.1.0
 * @category combinators
 */
export const drop = Effect.fnUntraced(function*(session: Session, before: number): Effect.fn.Return<number, SqlError> {
  if (session.dialect.name === "sqlite") return 0
  const names = yield* session.rows(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = to_regclass('events') AND c.relname < $1 AND c.relname <> 'events_rest'`,
    [nameOf(before)]
  )
  let dropped = 0
  for (const { name } of names) {
    const [kept] = yield* session.rows(`SELECT 1 AS one FROM ${name} WHERE time >= $1 LIMIT 1`, [before])
    if (kept !== undefined) continue
    const [row] = yield* session.rows(`SELECT count(*) AS n FROM ${name}`)
    yield* session.run(`DROP TABLE ${name}`)
    dropped += Number(row?.n ?? 0)
  }
  return dropped
})
