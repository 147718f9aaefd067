/**
 * Batches: the rows that keep events together under one key, and the leases on them.
 *
 * @internal
 */
import type { ClaimRequest, Owner } from "../SubmissionQueue.js"
import { clockToleranceMillis } from "../Wait.js"
import * as Interned from "./Interned.js"
import type { Session } from "./Session.js"
import * as Tally from "./Tally.js"

/** @internal */
export interface BatchRow {
  readonly id: number
  readonly destination: number
  readonly key: string | null
  readonly faults: number
  readonly first: number
  readonly last: number
  readonly size: number
  readonly owner: string | null
  readonly pid: number | null
  readonly until: number | null
}

const columns = "id, destination, key, faults, first, last, size, owner, pid, until"

/** @internal */
export const find = (session: Session, id: number) =>
  session.one<BatchRow>(`SELECT ${columns} FROM batch WHERE id = ?`, [id])

/** @internal */
export const leased = (session: Session, destination: number) =>
  session.all<BatchRow>(`SELECT ${columns} FROM batch WHERE destination = ? AND owner IS NOT NULL`, [destination])

/** @internal */
export const insert = (session: Session, batch: Omit<BatchRow, "id">): number =>
  session.one<{ id: number }>(
    `INSERT INTO batch (destination, key, faults, first, last, size, owner, pid, until)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    [
      batch.destination,
      batch.key,
      batch.faults,
      batch.first,
      batch.last,
      batch.size,
      batch.owner,
      batch.pid,
      batch.until
    ]
  )!.id

/** @internal */
export const remove = (session: Session, id: number) => session.run("DELETE FROM batch WHERE id = ?", [id])

/** @internal */
export interface Member {
  readonly seq: number
  readonly attempts: number | null
  readonly context: number
}

/** @internal */
export const members = (session: Session, batch: Omit<BatchRow, "key">) =>
  session.all<Member>(
    `SELECT q.seq, q.attempts, e.context FROM queue q CROSS JOIN event e ON e.seq = q.seq
     WHERE q.destination = ? AND q.seq BETWEEN ? AND ? AND q.batch = ? ORDER BY q.seq`,
    [batch.destination, batch.first, batch.last, batch.id]
  )

/** Ends the lease; the events stay together under their key. */
export const release = (session: Session, batch: BatchRow, tally: Tally.Tally): void => {
  for (const member of members(session, batch)) {
    const { consent } = Interned.contextOf(session, member.context)
    Tally.addWaiting(tally, member.attempts, consent, 1)
    Tally.add(tally, "leased", -1)
  }
  session.run("UPDATE batch SET owner = NULL, pid = NULL, until = NULL WHERE id = ?", [batch.id])
}

/** @internal */
export const isOver = (
  held: { readonly owner: string | null; readonly pid: number | null; readonly until: number | null },
  request: Pick<ClaimRequest, "now" | "isGone"> & { readonly owner: Owner }
): boolean =>
  (held.until ?? 0) <= request.now ||
  (held.owner !== request.owner.id && held.pid !== null && request.isGone(held.pid))

/**
 * Tells a destination the time. When the clock was put back, every wait keeps its length by the new clock.
 *
 * @internal
 */
export const followClock = (session: Session, destination: number, now: number): void => {
  const row = session.one<{ clock: number }>("SELECT clock FROM destination WHERE id = ?", [destination])
  const clock = row?.clock ?? 0
  if (now >= clock - clockToleranceMillis) return
  const jump = clock - now
  session.run("UPDATE deferred SET due = due - ? WHERE destination = ?", [jump, destination])
  session.run("UPDATE batch SET until = until - ? WHERE destination = ?", [jump, destination])
  session.run(
    "UPDATE destination SET clock = ?, submitter_until = submitter_until - ? WHERE id = ?",
    [now, jump, destination]
  )
}
