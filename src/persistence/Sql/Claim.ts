/**
 * The next batch, under a lease. The transaction is immediate, so that no two processes see the same head.
 *
 * @internal
 */
import type { ClaimedBatch, ClaimRequest } from "../SubmissionQueue.js"
import { utf8Length } from "../Utf8.js"
import * as Batches from "./Batches.js"
import { Damaged } from "./Damaged.js"
import * as Entries from "./Entries.js"
import * as Interned from "./Interned.js"
import { columns, type EventRow, toEvent } from "./Rows.js"
import { insertMany, type Session } from "./Session.js"
import * as Tally from "./Tally.js"

/** An event with the attempts and the batch of its entry. */
type HeadRow = readonly [...EventRow, attempts: number | null, batch: number | null]

const seqOf = (row: HeadRow): number => row[0]

/** @internal */
export const headRows = `SELECT ${columns}, q.attempts, q.batch FROM queue q CROSS JOIN event e ON e.seq = q.seq
  WHERE q.destination = ? AND ${Entries.unleased} ORDER BY q.seq LIMIT ?`

/** @internal */
export const batchRows = `SELECT ${columns}, q.attempts, q.batch FROM queue q CROSS JOIN event e ON e.seq = q.seq
  WHERE q.destination = ? AND q.seq BETWEEN ? AND ? AND q.batch = ? ORDER BY q.seq LIMIT ?`

/** Leases that are over come back, each batch as it was. */
const takeBack = (session: Session, destination: number, request: ClaimRequest, tally: Tally.Tally) => {
  for (const batch of Batches.leased(session, destination)) {
    if (Batches.isOver(batch, request)) Batches.release(session, batch, tally)
  }
}

/** @internal */
export const dueRows = "SELECT seq, attempts, error FROM deferred WHERE destination = ? AND due <= ?"

/** What has come due takes its place in the queue again. */
const promote = (session: Session, destination: number, now: number) => {
  const rows = session.all<{ seq: number; attempts: number; error: string | null }>(dueRows, [
    destination,
    now
  ])
  if (rows.length === 0) return
  session.run("DELETE FROM deferred WHERE destination = ? AND due <= ?", [destination, now])
  insertMany(
    session,
    "INSERT INTO queue (destination, seq, attempts, error) VALUES",
    4,
    rows.flatMap((row) => [destination, row.seq, row.attempts, row.error])
  )
}

/** As many as fit: at least one, all of the head's batch or none of another. */
const fitting = (rows: ReadonlyArray<HeadRow>, request: ClaimRequest): number => {
  const batch = rows[0]?.[9]
  // a text has at most three bytes a character: most batches need no count
  let most = 0
  for (const row of rows) most += row[7].length * 3
  const counted = most > request.maxBytes
  let bytes = 0
  let n = 0
  while (n < rows.length && n < Math.max(1, request.limit)) {
    const row = rows[n]!
    if (counted) bytes += utf8Length(row[7])
    if (row[9] !== batch || (n > 0 && bytes > request.maxBytes)) break
    n++
  }
  return n
}

interface Taken {
  readonly rows: ReadonlyArray<HeadRow>
  readonly key: string
  readonly faults: number
  readonly from: Batches.BatchRow | null
  readonly whole: boolean
}

const choose = (session: Session, destination: number, request: ClaimRequest): Taken | null => {
  const rows = session.tuples<HeadRow>(headRows, [destination, Math.max(1, request.limit)])
  const head = rows[0]
  if (head === undefined) return null
  const from = head[9] === null ? null : Batches.find(session, head[9]) ?? null
  if (from === null && head[9] !== null) {
    throw new Damaged({ message: "an entry of the queue is in a batch that does not exist" })
  }
  if (from === null) {
    return { rows: rows.slice(0, fitting(rows, request)), key: request.newKey, faults: 0, from, whole: true }
  }
  const kept = session.tuples<HeadRow>(batchRows, [
    destination,
    from.first,
    from.last,
    from.id,
    Math.max(1, request.limit) + 1
  ])
  const n = fitting(kept, request)
  const whole = n === kept.length
  return {
    rows: kept.slice(0, n),
    key: whole ? from.key ?? request.newKey : request.newKey,
    faults: from.faults,
    from,
    whole
  }
}

const mark = (session: Session, destination: number, taken: Taken, id: number) => {
  const first = seqOf(taken.rows[0]!)
  const last = seqOf(taken.rows[taken.rows.length - 1]!)
  if (taken.from === null) {
    // everything free between the first and the last is in the batch: the walk stopped at the first kept batch
    return session.run(
      "UPDATE queue SET batch = ? WHERE destination = ? AND seq BETWEEN ? AND ? AND batch IS NULL",
      [id, destination, first, last]
    )
  }
  const was = taken.from
  const update = "UPDATE queue SET batch = ? WHERE destination = ? AND seq BETWEEN ? AND ? AND batch = ?"
  session.run(update, [id, destination, first, last, was.id])
  if (!taken.whole) session.run(update, [null, destination, was.first, was.last, was.id])
  return Batches.remove(session, was.id)
}

/** @internal */
export const claim = (session: Session, request: ClaimRequest): ClaimedBatch | null => {
  const destination = Interned.findDestination(session, request.destination)
  if (destination === null) return null
  const tally = Tally.make(destination)
  Batches.followClock(session, destination, request.now)
  takeBack(session, destination, request, tally)
  promote(session, destination, request.now)
  const taken = choose(session, destination, request)
  if (taken === null) {
    Tally.write(tally, session)
    return null
  }
  const { faults, key, rows } = taken
  const id = Batches.insert(session, {
    destination,
    key,
    faults,
    first: seqOf(rows[0]!),
    last: seqOf(rows[rows.length - 1]!),
    size: rows.length,
    owner: request.owner.id,
    pid: request.owner.pid,
    until: request.leaseUntil
  })
  mark(session, destination, taken, id)
  for (const row of rows) {
    Tally.addWaiting(tally, row[8], Interned.contextOf(session, row[3]).consent, -1)
  }
  Tally.add(tally, "leased", rows.length)
  Tally.write(tally, session)
  return {
    id,
    destination: request.destination,
    key,
    faults,
    events: rows.map((row) => ({ seq: row[0], attempts: row[8] ?? 0, event: toEvent(session, row) }))
  }
}
