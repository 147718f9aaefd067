/**
 * Who holds what: leases and the right to submit.
 *
 * @internal
 */
import type { DestinationState } from "../../domain/Destination.js"
import type { ClaimedBatch, Owner } from "../SubmissionQueue.js"
import * as Batches from "./Batches.js"
import * as Interned from "./Interned.js"
import type { Session } from "./Session.js"
import * as Settle from "./Settle.js"
import * as Tally from "./Tally.js"

/** @internal */
export const renew = (session: Session, batch: ClaimedBatch, owner: Owner, until: number): boolean =>
  session.run("UPDATE batch SET until = ? WHERE id = ? AND owner = ?", [until, batch.id, owner.id]) > 0

/** @internal */
export const releaseAll = (session: Session, owner: Owner): void => {
  const batches = session.all<{ id: number }>("SELECT id FROM batch WHERE owner = ?", [owner.id])
  for (const { id } of batches) {
    const batch = Batches.find(session, id)
    if (batch === undefined) continue
    const tally = Tally.make(batch.destination)
    Batches.release(session, batch, tally)
    Tally.write(tally, session)
  }
  session.run(
    "UPDATE destination SET submitter = NULL, submitter_pid = NULL, submitter_until = NULL WHERE submitter = ?",
    [owner.id]
  )
}

/** @internal */
export const acquire = (
  session: Session,
  name: string,
  request: {
    readonly owner: Owner
    readonly now: number
    readonly until: number
    readonly isGone: (pid: number) => boolean
  }
): boolean => {
  const { now, owner, until } = request
  const destination = Interned.destinationId(session, name)
  Batches.followClock(session, destination, now)
  const held = session.one<{ owner: string | null; pid: number | null; until: number | null }>(
    `SELECT submitter AS owner, submitter_pid AS pid, submitter_until AS until
       FROM destination WHERE id = ?`,
    [destination]
  )
  const free = held === undefined || held.owner === null || held.owner === owner.id || Batches.isOver(held, request)
  if (!free) return false
  session.run(
    `UPDATE destination SET submitter = ?, submitter_pid = ?, submitter_until = ?, clock = max(clock, ?)
       WHERE id = ?`,
    [owner.id, owner.pid, until, now, destination]
  )
  return true
}

/** @internal */
export const setState = (session: Session, name: string, state: DestinationState): void => {
  Settle.setState(session, Interned.destinationId(session, name), state)
}
