/**
 * Where SQLite and Postgres differ, all of it. A statement is written once, from these parts; lists go in as one JSON
 * parameter, a row an array, so that a statement's text does not depend on how many there are.
 *
 * @since 0.1.0
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Record from "effect/Record"

/**
 * How a condition writes these columns of `subject_day`.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubjectDay {
  readonly series: (column: string) => string
  readonly day: (column: string) => string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Dialect {
  readonly name: "sqlite" | "postgres"
  /** The text with the placeholders of the dialect; it is written with `?`, which no text of ours holds otherwise. */
  readonly text: (text: string) => string
  /** Type of a key that is counted up. */
  readonly serial: string
  readonly uuidType: string
  readonly bytesType: string
  /** Type of a name, compared byte by byte. */
  readonly nameType: string
  readonly withoutRowid: string
  /**
   * The columns of the index of `subject_day` by days. Its primary key has the same ones in another order, and neither database
   * can be left to choose: which of the two is meant, a condition says by how it writes series and day.
   */
  readonly subjectsByDay: string
  /** A UUID from its text. */
  readonly uuid: (text: string) => string
  /** Bytes from hexadecimal text. */
  readonly bytes: (text: string) => string
  /** A UUID as 32 hexadecimal digits. */
  readonly uuidHex: (uuid: string) => string
  readonly bytesHex: (bytes: string) => string
  /** The rows of a JSON parameter, as `j`; a field is `j.value->>0`. */
  readonly each: string
  /** The rows of a second JSON parameter of the same statement, as `o`. */
  readonly eachOther: string
  /**
   * Goes on from such lists to the rows `x` of a big table, looked for once for each row of the lists; further conditions
   * follow with AND. Left to themselves, both databases at times read the whole table instead.
   */
  readonly lookup: (table: string, condition: string) => string
  /** Is it one of the numbers that {@link each} lists? */
  readonly isListed: (column: string) => string
  /** Where all subjects of a few days are looked for. One subject's days are found by the columns as they are. */
  readonly byDay: SubjectDay
  /** Numbers of a group as one text, with commas between them, in the order of the second. */
  readonly list: (value: string, order: string) => string
  /** Where in the list a row of {@link each} stands, from 0. */
  readonly position: string
  /** The smaller of two, and the greater. */
  readonly least: string
  readonly greatest: string
  /** The start of the month, in milliseconds, of a time in milliseconds. */
  readonly month: (time: string) => string
  /** Begins a transaction that writes. */
  readonly begin: string
  /** Begins one that reads, from one moment's view. */
  readonly beginRead: string
}

/**
 * A field of the rows of {@link Dialect.each}, as a whole number.
 *
 * @since 0.1.0
 * @category conversions
 */
export const integer = (field: number): string => `CAST(j.value->>${field} AS BIGINT)`

/**
 * What {@link Dialect.list} makes, as numbers.
 *
 * @since 0.1.0
 * @category decoding
 */
export const numbersOf = (list: unknown): ReadonlyArray<number> => JSON.parse(`[${String(list)}]`)

const asItIs = (column: string): string => column

const expression = (column: string): string => `(${column} + 0)`

const sqlite: Dialect = {
  name: "sqlite",
  text: (text) => text,
  serial: "INTEGER PRIMARY KEY AUTOINCREMENT",
  uuidType: "BLOB",
  bytesType: "BLOB",
  nameType: "TEXT",
  withoutRowid: "WITHOUT ROWID",
  subjectsByDay: "(series, kind, day, subject)",
  uuid: (text) => `unhex(${text}, '-')`,
  bytes: (text) => `unhex(${text})`,
  uuidHex: (uuid) => `lower(hex(${uuid}))`,
  bytesHex: (bytes) => `lower(hex(${bytes}))`,
  each: "json_each(?) j",
  eachOther: "json_each(?) o",
  lookup: (table, condition) => `CROSS JOIN ${table} x WHERE ${condition}`,
  isListed: (column) => `${column} IN (SELECT CAST(j.value->>0 AS BIGINT) FROM json_each(?) j)`,
  byDay: { series: asItIs, day: asItIs },
  list: (value, order) => `group_concat(${value}, ',' ORDER BY ${order})`,
  position: "j.key",
  least: "min",
  greatest: "max",
  month: (time) => `CAST(strftime('%s', ${time} / 1000, 'unixepoch', 'start of month') AS INTEGER) * 1000`,
  // The lock is taken at once: one that reads first and writes then would fail under a second process.
  begin: "BEGIN IMMEDIATE",
  beginRead: "BEGIN"
}

const numbered = (text: string): string => {
  let n = 0
  return text.replaceAll("?", () => `$${++n}`)
}

/** One that is paused in the middle does not keep the others waiting for long: its transaction ends without it. */
const limits = [
  "SET LOCAL statement_timeout = '15s'",
  "SET LOCAL lock_timeout = '10s'",
  "SET LOCAL idle_in_transaction_session_timeout = '10s'",
  // To compile a statement takes longer than any of ours runs.
  "SET LOCAL jit = off"
].join("; ")

const postgres: Dialect = {
  name: "postgres",
  text: numbered,
  serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
  uuidType: "UUID",
  bytesType: "BYTEA",
  nameType: "TEXT COLLATE \"C\"",
  withoutRowid: "",
  // Of expressions: without statistics the two look alike, and one of them is a hundred times as slow.
  subjectsByDay: "((series + 0), kind, (day + 0)) INCLUDE (subject, series, day)",
  uuid: (text) => `CAST(${text} AS UUID)`,
  bytes: (text) => `decode(${text}, 'hex')`,
  uuidHex: (uuid) => `replace(CAST(${uuid} AS TEXT), '-', '')`,
  bytesHex: (bytes) => `encode(${bytes}, 'hex')`,
  each: "jsonb_array_elements(CAST(? AS JSONB)) WITH ORDINALITY AS j (value, number)",
  eachOther: "jsonb_array_elements(CAST(? AS JSONB)) AS o (value)",
  lookup: (table, condition) =>
    `CROSS JOIN LATERAL (SELECT * FROM ${table} x WHERE ${condition} OFFSET 0) x WHERE true`,
  isListed: (column) =>
    `${column} = ANY(ARRAY(SELECT CAST(j.value->>0 AS BIGINT) FROM jsonb_array_elements(CAST(? AS JSONB)) AS j (value)))`,
  byDay: { series: expression, day: expression },
  list: (value, order) => `string_agg(CAST(${value} AS TEXT), ',' ORDER BY ${order})`,
  position: "(j.number - 1)",
  least: "least",
  greatest: "greatest",
  month: (time) =>
    `CAST(extract(epoch FROM date_trunc('month', to_timestamp(${time} / 1000) AT TIME ZONE 'UTC')) AS BIGINT) * 1000`,
  begin: `BEGIN; ${limits}`,
  beginRead: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${limits}`
}

/**
 * @since 0.1.0
 * @category getters
 */
export const of = (sql: SqlClient.SqlClient): Dialect =>
  sql.onDialectOrElse({ pg: () => postgres, orElse: () => sqlite })

/**
 * The statements of a file, for either dialect, made once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const statements = <K extends string>(
  make: (dialect: Dialect) => Readonly<Record<K, string>>
): (dialect: Dialect) => Readonly<Record<K, string>> => {
  const made = new Map<Dialect, Readonly<Record<K, string>>>()
  return (dialect) => {
    const known = made.get(dialect)
    if (known !== undefined) return known
    const texts = Record.map(make(dialect), dialect.text)
    made.set(dialect, texts)
    return texts
  }
}
