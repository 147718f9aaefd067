/**
 * The raw events. The primary key is the event's id: an event is stored once, whoever sends it how often.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type { Session } from "./Transaction.js"

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

/** Rows of one statement on SQLite: more makes it dearer to prepare and no cheaper to run. */
const chunk = 100

const columns = "id, context, type, time, received_at, rate, suppressed, data"

const one = "(unhex(?, '-'), ?, ?, ?, ?, ?, ?, ?)"

const texts: ReadonlyArray<string> = Array.from(
  { length: chunk + 1 },
  (_, rows) =>
    `INSERT INTO events (${columns}) VALUES ${
      Array.from({ length: rows }, () => one).join(", ")
    } ON CONFLICT DO NOTHING`
)

const returning = " RETURNING lower(hex(id)) AS id"

/** A batch of any size is one statement of one text: the columns go in as arrays. */
const bulk = `INSERT INTO events (${columns})
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::double precision[],
    $7::bigint[], $8::text[])
  ON CONFLICT DO NOTHING RETURNING replace(CAST(id AS TEXT), '-', '') AS id`

const paramsOf = (rows: ReadonlyArray<Row>, receivedAt: number): ReadonlyArray<unknown> => {
  const params: Array<unknown> = []
  for (const row of rows) {
    params.push(row.id, row.context, row.type, row.time, receivedAt, row.rate, row.suppressed, row.data)
  }
  return params
}

const chunks = (rows: ReadonlyArray<Row>): ReadonlyArray<ReadonlyArray<Row>> => Arr.chunksOf(rows, chunk)

/**
 * Stores rows in the hope that all are new; false: some were not, and the transaction is to be taken back. SQLite only: to
 * ask it which they were (RETURNING) costs half as much again as the insert, so that is left to the rare batch that overlaps.
 *
 * @since 0.1.0
 * @category combinators
 */
export const insertAll = (
  session: Session,
  rows: ReadonlyArray<Row>,
  receivedAt: number
): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    Effect.reduce(chunks(rows), 0, (inserted, part) =>
      Effect.map(session.run(texts[part.length]!, paramsOf(part, receivedAt)), (n) =>
        inserted + n)),
    (inserted) =>
      inserted === rows.length
  )

/**
 * An id as it is compared: 32 hexadecimal digits.
 *
 * @since 0.1.0
 * @category conversions
 */
export const plainId = (id: string): string => id.replaceAll("-", "").toLowerCase()

/**
 * Stores those whose id is not there yet, and says which those were, by {@link plainId}. Whoever comes second with an id,
 * in another transaction too, finds it taken.
 *
 * @since 0.1.0
 * @category combinators
 */
export const insertNew = (
  session: Session,
  rows: ReadonlyArray<Row>,
  receivedAt: number
): Effect.Effect<ReadonlySet<string>, SqlError> => {
  const answers = session.dialect.name === "postgres"
    ? session.rows(bulk, [
      rows.map((row) => row.id),
      rows.map((row) => row.context),
      rows.map((row) => row.type),
      rows.map((row) => row.time),
      rows.map(() => receivedAt),
      rows.map((row) => row.rate),
      rows.map((row) => row.suppressed),
      rows.map((row) => row.data)
    ])
    : Effect.map(
      Effect.forEach(
        chunks(rows),
        (part) => session.rows(texts[part.length]! + returning, paramsOf(part, receivedAt))
      ),
      (found) => found.flat()
    )
  return Effect.map(answers, (found) => new Set(found.map((row) => String(row.id))))
}
