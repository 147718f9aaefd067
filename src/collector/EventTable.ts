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
  readonly receivedAt: number
  readonly rate: number
  readonly suppressed: number
  readonly data: string
}

/** Rows of one statement on SQLite: more makes it dearer to prepare and no cheaper to run. */
const chunk = 100

const columns = "id, context, type, time, received_at, rate, suppressed, data"

const one = "(unhex(?, '-'), ?, ?, ?, ?, ?, ?, ?)"

const byRows: ReadonlyArray<string> = Array.from(
  { length: chunk + 1 },
  (_, rows) =>
    `INSERT INTO events (${columns}) VALUES ${
      Array.from({ length: rows }, () => one).join(", ")
    } ON CONFLICT DO NOTHING`
)

/** What no JSON text and no name holds. */
const separator = "\u001e"

/**
 * The types on Postgres of what {@link columnsOf} makes.
 *
 * @since 0.1.0
 * @category constants
 */
export const columnTypes: ReadonlyArray<string> = [
  "UUID[]",
  "BIGINT[]",
  "TEXT",
  "BIGINT[]",
  "BIGINT[]",
  "DOUBLE PRECISION[]",
  "BIGINT[]",
  "TEXT"
]

/**
 * Rows of any number are one statement of one text on Postgres: a column is one parameter, of these names.
 *
 * @since 0.1.0
 * @category constructors
 */
export const insertColumns = (names: ReadonlyArray<string>): string =>
  `INSERT INTO events (${columns}) SELECT * FROM unnest(${
    names.map((name, i) => columnTypes[i] === "TEXT" ? `string_to_array(${name}, '${separator}')` : name).join(", ")
  }) ON CONFLICT DO NOTHING`

const bulk = insertColumns(columnTypes.map((type, i) => `$${i + 1}::${type}`))

const paramsOf = (rows: ReadonlyArray<Row>): ReadonlyArray<unknown> => {
  const params: Array<unknown> = []
  for (const row of rows) {
    params.push(row.id, row.context, row.type, row.time, row.receivedAt, row.rate, row.suppressed, row.data)
  }
  return params
}

/**
 * Rows as columns. The driver would put every element into quotes, and look for some in each of them.
 *
 * @since 0.1.0
 * @category encoding
 */
export const columnsOf = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const array = (of: (row: Row) => string | number) => `{${rows.map(of).join(",")}}`
  const text = (of: (row: Row) => string) => rows.map(of).join(separator)
  return [
    array(({ id }) => id),
    array(({ context }) => context),
    text(({ type }) => type),
    array(({ time }) => time),
    array(({ receivedAt }) => receivedAt),
    array(({ rate }) => rate),
    array(({ suppressed }) => suppressed),
    text(({ data }) => data)
  ]
}

const chunks = (rows: ReadonlyArray<Row>): ReadonlyArray<ReadonlyArray<Row>> => Arr.chunksOf(rows, chunk)

/**
 * Stores rows, in the order of their ids, in the hope that all are new; false: some were not, and the transaction is to be
 * taken back. To ask which they were costs up to half as much again as the insert, so that is left to the rare batch that
 * overlaps.
 *
 * @since 0.1.0
 * @category combinators
 */
export const insertAll = (session: Session, rows: ReadonlyArray<Row>): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    session.dialect.name === "postgres"
      ? session.run(bulk, columnsOf(rows))
      : Effect.reduce(
        chunks(rows),
        0,
        (inserted, part) => Effect.map(session.run(byRows[part.length]!, paramsOf(part)), (n) => inserted + n)
      ),
    (inserted) => inserted === rows.length
  )

/**
 * An id as it is compared: 32 hexadecimal digits.
 *
 * @since 0.1.0
 * @category conversions
 */
export const plainId = (id: string): string => id.replaceAll("-", "").toLowerCase()

/**
 * The same 32 digits as the UUID they are.
 *
 * @since 0.1.0
 * @category conversions
 */
export const dashedId = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")

/**
 * Before every id.
 *
 * @since 0.1.0
 * @category constants
 */
export const nil = "00000000-0000-0000-0000-000000000000"

/**
 * Stores those whose id is not there yet, and says which those were, by {@link plainId}. Whoever comes second with an id,
 * in another transaction too, finds it taken. No id may be there twice.
 *
 * @since 0.1.0
 * @category combinators
 */
export const insertNew = (
  session: Session,
  rows: ReadonlyArray<Row>
): Effect.Effect<ReadonlySet<string>, SqlError> => {
  const returning = ` RETURNING ${session.dialect.uuidHex("id")} AS id`
  const answers = session.dialect.name === "postgres"
    ? session.rows(bulk + returning, columnsOf(rows))
    : Effect.map(
      Effect.forEach(chunks(rows), (part) => session.rows(byRows[part.length]! + returning, paramsOf(part))),
      (found) => found.flat()
    )
  return Effect.map(answers, (found) => new Set(found.map((row) => String(row.id))))
}
