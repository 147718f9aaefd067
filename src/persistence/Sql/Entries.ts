/**
 * Waiting entries of a queue: finding, removing and moving them, with their counts and the batches they were in.
 *
 * @internal
 */
import type * as Ledger from "../../domain/Ledger.js"
import * as Interned from "./Interned.js"
import { insertMany, type Session } from "./Session.js"
import * as Tally from "./Tally.js"

/** States of `parked`. */
export const dead = 1
/** @internal */
export const withheld = 2

/**
 * Entries of a batch under a lease do not wait.
 *
 * @internal
 */
export const unleased = "(q.batch IS NULL OR q.batch NOT IN (SELECT id FROM batch WHERE owner IS NOT NULL))"

/** @internal */
export interface Waiting {
  readonly seq: number
  readonly context: number
  readonly attempts: number | null
  readonly batch: number | null
  readonly error: string | null
  /** 1 for a row of `deferred`. */
  readonly deferred: number
}

/** Rows of both tables, oldest first. Each part walks its primary key; they are merged here. */
const merge = (a: ReadonlyArray<Waiting>, b: ReadonlyArray<Waiting>, limit: number): ReadonlyArray<Waiting> =>
  b.length === 0 ? a : [...a, ...b].sort((x, y) => x.seq - y.seq).slice(0, limit)

/** @internal */
export const queueRows =
  `SELECT q.seq, e.context, q.attempts, q.batch, q.error, 0 AS deferred FROM queue q CROSS JOIN event e ON e.seq = q.seq
   WHERE q.destination = ? AND q.seq BETWEEN ? AND ? AND ${unleased} ORDER BY q.seq LIMIT ?`

/** @internal */
export const deferredRows = `SELECT d.seq, e.context, d.attempts, NULL AS batch, d.error, 1 AS deferred FROM deferred d
   CROSS JOIN event e ON e.seq = d.seq WHERE d.destination = ? AND d.seq BETWEEN ? AND ? ORDER BY d.seq LIMIT ?`

/**
 * What waits between two places, oldest first.
 *
 * @internal
 */
export const between = (
  session: Session,
  destination: number,
  from: number,
  to: number,
  limit: number
): ReadonlyArray<Waiting> => {
  const params = [destination, from, to, limit]
  return merge(session.all<Waiting>(queueRows, params), session.all<Waiting>(deferredRows, params), limit)
}

/**
 * Runs of consecutive numbers.
 *
 * @internal
 */
export const spans = (sorted: ReadonlyArray<number>): ReadonlyArray<readonly [from: number, to: number]> => {
  const out: Array<[number, number]> = []
  let open: [number, number] | undefined
  for (const seq of sorted) {
    if (open !== undefined && open[1] === seq - 1) open[1] = seq
    else out.push(open = [seq, seq])
  }
  return out
}

/** Takes rows out of `queue` and `deferred`; a batch that lost one is no longer the same events. */
const takeOut = (
  session: Session,
  destination: number,
  rows: ReadonlyArray<Waiting>,
  tally: Tally.Tally
): void => {
  const lost = new Map<number, number>()
  for (const row of rows) {
    const { consent } = Interned.contextOf(session, row.context)
    Tally.addWaiting(tally, row.attempts, consent, -1)
    if (row.batch !== null) lost.set(row.batch, (lost.get(row.batch) ?? 0) + 1)
  }
  for (const [from, to] of spans(rows.filter((row) => row.deferred === 0).map((row) => row.seq))) {
    session.run("DELETE FROM queue WHERE destination = ? AND seq BETWEEN ? AND ?", [destination, from, to])
  }
  for (const [from, to] of spans(rows.filter((row) => row.deferred === 1).map((row) => row.seq))) {
    session.run("DELETE FROM deferred WHERE destination = ? AND seq BETWEEN ? AND ?", [destination, from, to])
  }
  for (const [batch, n] of lost) {
    session.run("UPDATE batch SET key = NULL, size = size - ? WHERE id = ?", [n, batch])
    session.run("DELETE FROM batch WHERE id = ? AND size <= 0", [batch])
  }
}

/** @internal */
export const remove = (
  session: Session,
  destination: number,
  rows: ReadonlyArray<Waiting>,
  term: Ledger.DeliveryTerm & `dropped:${string}`,
  tally: Tally.Tally
): void => {
  Tally.add(tally, term, rows.length)
  takeOut(session, destination, rows, tally)
}

/** @internal */
export const withhold = (
  session: Session,
  destination: number,
  rows: ReadonlyArray<Waiting>,
  tally: Tally.Tally
): void => {
  Tally.add(tally, "withheld", rows.length)
  takeOut(session, destination, rows, tally)
  insertMany(
    session,
    "INSERT INTO parked (destination, state, seq, attempts, error) VALUES",
    5,
    rows.flatMap((row) => [destination, withheld, row.seq, row.attempts ?? 0, row.error])
  )
}

/**
 * Makes room: the oldest that wait.
 *
 * @internal
 */
export const removeOldest = (
  session: Session,
  destination: number,
  count: number,
  tally: Tally.Tally
): number => {
  const rows = between(session, destination, 0, Number.MAX_SAFE_INTEGER, count)
  remove(session, destination, rows, "dropped:overflow", tally)
  return rows.length
}

/** @internal */
export const destinations = (session: Session) =>
  session.all<{ id: number; name: string }>("SELECT id, name FROM destination ORDER BY id", [])

/**
 * Dead letters, oldest first.
 *
 * @internal
 */
export const deadLetters = (session: Session, destination: number): ReadonlyArray<number> =>
  session.all<{ seq: number }>("SELECT seq FROM parked WHERE destination = ? AND state = 1 ORDER BY seq", [destination])
    .map((row) => row.seq)

/** @internal */
export const removeParked = (
  session: Session,
  destination: number,
  state: number,
  seqs: ReadonlyArray<number>
): void => {
  for (const [from, to] of spans(seqs)) {
    session.run("DELETE FROM parked WHERE destination = ? AND state = ? AND seq BETWEEN ? AND ?", [
      destination,
      state,
      from,
      to
    ])
  }
}
