/**
 * The log of requests, and what is known of one event.
 *
 * @internal
 */
import type { DeliveryState } from "../../domain/Ledger.js"
import { type Life, maxRequests, type RequestRecord, type Settlement } from "../SubmissionQueue.js"
import * as Interned from "./Interned.js"
import * as Rows from "./Rows.js"
import type { Session } from "./Session.js"

/** One statement a request: the slot of a request long ago is written over. Follows the count of requests. @internal */
export const add = (session: Session, destination: number, settlement: Settlement): void => {
  const { batch, now, place = null, state, stats } = settlement
  if ((stats.requests ?? 0) === 0) return
  session.run(
    `INSERT OR REPLACE INTO request
       (destination, slot, number, at, place, key, events, first, last, bytes, accepted, rejected, error)
       SELECT id, requests % ${maxRequests}, requests, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM destination WHERE id = ?`,
    [
      now,
      place,
      batch.key,
      batch.events.length,
      batch.events[0]?.seq ?? 0,
      batch.events[batch.events.length - 1]?.seq ?? 0,
      stats.bytes ?? 0,
      stats.submitted ?? 0,
      stats.rejected ?? 0,
      state.lastError,
      destination
    ]
  )
}

const columns = "at, place, key, events, first, last, bytes, accepted, rejected, error"

/** @internal */
export const list = (session: Session, name: string, limit: number): ReadonlyArray<RequestRecord> =>
  session.all<RequestRecord>(
    `SELECT ${columns} FROM request WHERE destination = ? ORDER BY number DESC LIMIT ?`,
    [Interned.findDestination(session, name) ?? -1, limit]
  )

interface EntryRow {
  readonly state: DeliveryState
  readonly attempts: number | null
  readonly due: number | null
  readonly error: string | null
}

const entryRows = `
  SELECT CASE WHEN q.batch IN (SELECT id FROM batch WHERE owner IS NOT NULL) THEN 'leased'
      WHEN q.attempts > 0 THEN 'retrying' ELSE 'pending' END AS state, q.attempts, NULL AS due, q.error
    FROM queue q WHERE q.destination = ? AND q.seq = ?
  UNION ALL SELECT 'retrying', attempts, due, error FROM deferred WHERE destination = ? AND seq = ?
  UNION ALL SELECT CASE state WHEN 1 THEN 'dead' ELSE 'withheld' END, attempts, NULL, error
    FROM parked WHERE destination = ? AND state IN (1, 2) AND seq = ?`

/** An id is looked for among all events: asked for by a person, one at a time. @internal */
export const life = (session: Session, name: string, id: number | string): Life | null => {
  const where = typeof id === "number" ? "e.seq = ?" : "e.id = ?"
  const [row] = session.tuples<Rows.EventRow>(
    `SELECT ${Rows.columns} FROM event e WHERE ${where}`,
    [typeof id === "number" ? id : Rows.toBytes(id)]
  )
  if (row === undefined) return null
  const destination = Interned.findDestination(session, name) ?? -1
  const [seq] = row
  const entry = session.one<EntryRow>(entryRows, [destination, seq, destination, seq, destination, seq])
  return {
    seq,
    event: Rows.toEvent(session, row),
    state: entry?.state ?? null,
    attempts: entry?.attempts ?? 0,
    nextAttemptAt: entry?.due ?? null,
    lastError: entry?.error ?? null,
    requests: session.all<RequestRecord>(
      `SELECT ${columns} FROM request WHERE destination = ? AND ? BETWEEN first AND last ORDER BY number DESC`,
      [destination, seq]
    )
  }
}
