/**
 * Statements inside one read or one transaction. They are plain calls, not effects: the driver is synchronous, a transaction
 * may not suspend, and an effect around each statement would cost more than the statement.
 *
 * What fails is thrown, and becomes a `StoreError` where the transaction ends.
 *
 * @internal
 */
import { Damaged } from "./Damaged.js"
import * as Interned from "./Interned.js"

/**
 * A value SQLite takes and gives.
 *
 * @since 0.1.0
 * @category models
 */
export type Value = string | number | null | Uint8Array

/**
 * An open file, as the platform gives it. Statements are prepared once for each text.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connection {
  readonly all: (sql: string, params: ReadonlyArray<Value>) => ReadonlyArray<unknown>
  /** Rows as arrays of their columns: half the cost where there are many. */
  readonly rows: (sql: string, params: ReadonlyArray<Value>) => ReadonlyArray<ReadonlyArray<unknown>>
  /** The number of rows changed. */
  readonly run: (sql: string, params: ReadonlyArray<Value>) => number
}

/**
 * What every transaction reads first.
 *
 * @internal
 */
export interface Meta {
  readonly generation: number
  /** The highest place ever given. */
  readonly top: number
  /** Entries waiting, over all destinations. */
  readonly waiting: number
  /** Day and context of the last run; null when nothing is stored. */
  readonly day: number | null
  readonly context: number | null
  /** Destinations ever used. */
  readonly destinations: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Session {
  readonly all: <Row>(sql: string, params: ReadonlyArray<Value>) => ReadonlyArray<Row>
  readonly one: <Row>(sql: string, params: ReadonlyArray<Value>) => Row | undefined
  readonly tuples: <Row extends ReadonlyArray<Value>>(sql: string, params: ReadonlyArray<Value>) => ReadonlyArray<Row>
  /** The number of rows changed. */
  readonly run: (sql: string, params: ReadonlyArray<Value>) => number
  readonly interned: Interned.Interned
  meta: Meta
}

const metaRow = `SELECT generation, max(last_seq, coalesce((SELECT max(seq) FROM event), 0)) AS top,
  (SELECT coalesce(sum(count), 0) FROM ledger WHERE destination > 0 AND term IN ('pending', 'retrying')) AS waiting,
  r.day, r.context, (SELECT count(*) FROM destination) AS destinations
  FROM meta LEFT JOIN run r ON r.first = (SELECT max(first) FROM run)`

/** @internal */
export const make = (connection: Connection): Session => ({
  all: <Row>(sql: string, params: ReadonlyArray<Value>) => connection.all(sql, params) as ReadonlyArray<Row>,
  one: <Row>(sql: string, params: ReadonlyArray<Value>) => connection.all(sql, params)[0] as Row | undefined,
  tuples: <Row extends ReadonlyArray<Value>>(sql: string, params: ReadonlyArray<Value>) =>
    connection.rows(sql, params) as ReadonlyArray<Row>,
  run: connection.run,
  interned: Interned.make(),
  meta: { generation: 0, top: 0, waiting: 0, day: null, context: null, destinations: 0 }
})

/**
 * The first statement of a transaction: what the others need, and whether what is remembered still holds.
 *
 * @internal
 */
export const start = (self: Session): void => {
  const meta = self.one<Meta>(metaRow, [])
  if (meta === undefined) throw new Damaged({ message: "the store has lost its first row" })
  self.meta = meta
  if (meta.generation !== self.interned.generation) {
    Interned.forget(self.interned)
    self.interned.generation = meta.generation
  }
}

const chunkSizes = [100, 25, 5, 1] as const

const texts = new Map<string, ReadonlyArray<string>>()

/**
 * Inserts many rows by few statements, whose texts are always the same, so that each is prepared once. `sql` ends with
 * `VALUES`; `after` follows the rows.
 *
 * @internal
 */
export const insertMany = (
  session: Session,
  sql: string,
  columns: number,
  params: ReadonlyArray<Value>,
  after = ""
): void => {
  const rows = params.length / columns
  let statements = texts.get(sql + after)
  if (statements === undefined) {
    const row = "(" + Array.from({ length: columns }, () => "?").join(",") + ")"
    statements = chunkSizes.map((size) => sql + " " + Array.from({ length: size }, () => row).join(",") + " " + after)
    texts.set(sql + after, statements)
  }
  let done = 0
  let size = 0
  while (done < rows) {
    while (chunkSizes[size]! > rows - done) size++
    const from = done * columns
    done += chunkSizes[size]!
    session.run(statements[size]!, from === 0 && done === rows ? params : params.slice(from, done * columns))
  }
}

/**
 * Positions in `of` that `wanted` holds, as ranges of the values there: neighbours in the list are one range.
 *
 * @internal
 */
export const ranges = (
  of: ReadonlyArray<number>,
  wanted: (value: number) => boolean
): ReadonlyArray<readonly [from: number, to: number]> => {
  const out: Array<[number, number]> = []
  let open: [number, number] | null = null
  for (const value of of) {
    if (!wanted(value)) open = null
    else if (open === null) {
      open = [value, value]
      out.push(open)
    } else open[1] = value
  }
  return out
}
