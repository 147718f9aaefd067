/**
 * The raw events. The primary key is the event's id: an event is stored once, whoever sends it how often.
 *
 * @since 0.1.0
 */
import type * as SqlConnection from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/**
 * @since 0.1.0
 * @category models
 */
export interface Row {
  /** UUID, as sent. */
  readonly id: string
  readonly context: number
  readonly type: string
  /** Capture time, clamped. */
  readonly time: number
  readonly rate: number
  readonly suppressed: number
  readonly data: string
}

/** Rows of one statement: more makes it dearer to prepare and no cheaper to run. */
const chunk = 100

const one = "(unhex(?, '-'), ?, ?, ?, ?, ?, ?, ?)"

const texts: ReadonlyArray<string> = Array.from(
  { length: chunk + 1 },
  (_, rows) =>
    `INSERT INTO events (id, context, type, time, received_at, rate, suppressed, data) VALUES ${
      Array.from({ length: rows }, () => one).join(", ")
    } ON CONFLICT DO NOTHING`
)

const changesOf = (result: unknown): number =>
  Predicate.hasProperty(result, "changes") && typeof result.changes === "number" ? result.changes : 0

/**
 * Stores those whose id is not there yet and says how many those were. To ask SQLite which they were (RETURNING) costs half
 * as much again as the insert, so that is left to {@link existing} for the rare batch that overlaps.
 *
 * @since 0.1.0
 * @category combinators
 */
export const insert = (
  connection: SqlConnection.Connection,
  rows: ReadonlyArray<Row>,
  receivedAt: number
): Effect.Effect<number, SqlError> => {
  let inserted = 0
  let next = 0
  return Effect.map(
    Effect.whileLoop({
      while: () => next < rows.length,
      body: () => {
        const end = Math.min(next + chunk, rows.length)
        const params: Array<unknown> = []
        for (let i = next; i < end; i++) {
          const row = rows[i]!
          params.push(row.id, row.context, row.type, row.time, receivedAt, row.rate, row.suppressed, row.data)
        }
        const text = texts[end - next]!
        next = end
        return connection.executeRaw(text, params)
      },
      step: (result) => {
        inserted += changesOf(result)
      }
    }),
    () => inserted
  )
}

/**
 * Which of these ids are stored already? As sent.
 *
 * @since 0.1.0
 * @category getters
 */
export const existing = (
  connection: SqlConnection.Connection,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlySet<string>, SqlError> =>
  Effect.map(
    connection.execute(
      "SELECT j.value AS id FROM json_each(?) j JOIN events e ON e.id = unhex(j.value, '-')",
      [JSON.stringify(ids)],
      undefined
    ),
    (rows) => new Set(rows.map((row) => String(row.id)))
  )
