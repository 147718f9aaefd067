/**
 * What a person does to a queue: dead letters back or away, and everything away.
 *
 * @internal
 */
import * as Entries from "./Entries.js"
import * as Interned from "./Interned.js"
import type { Progress } from "./Relevel.js"
import { insertMany, type Session } from "./Session.js"
import * as Tally from "./Tally.js"

const chosen = (session: Session, destination: number, ids: ReadonlyArray<number> | undefined) => {
  const seqs = Entries.deadLetters(session, destination)
  if (ids === undefined) return seqs
  const wanted = new Set(ids)
  return seqs.filter((seq) => wanted.has(seq))
}

/** Takes dead letters out, and does with them what `then` says; gives how many there were. */
const takeDead = (
  session: Session,
  name: string,
  ids: ReadonlyArray<number> | undefined,
  then: (destination: number, seqs: ReadonlyArray<number>, tally: Tally.Tally) => void
): number => {
  const destination = Interned.findDestination(session, name)
  if (destination === null) return 0
  const seqs = chosen(session, destination, ids)
  const tally = Tally.make(destination)
  Tally.add(tally, "dead", -seqs.length)
  Entries.removeParked(session, destination, Entries.dead, seqs)
  then(destination, seqs, tally)
  Tally.write(tally, session)
  return seqs.length
}

/** @internal */
export const requeue = (session: Session, name: string, ids: ReadonlyArray<number> | undefined): number =>
  takeDead(session, name, ids, (destination, seqs, tally) => {
    for (const seq of seqs) {
      const row = session.one<{ context: number }>("SELECT context FROM event WHERE seq = ?", [seq])
      const { consent } = Interned.contextOf(session, row?.context ?? -1)
      Tally.addWaiting(tally, 0, consent, 1)
    }
    const entries = seqs.flatMap((seq) => [destination, seq])
    insertMany(session, "INSERT INTO queue (destination, seq) VALUES", 2, entries)
  })

/** @internal */
export const purge = (session: Session, name: string, ids: ReadonlyArray<number> | undefined): number =>
  takeDead(session, name, ids, (_, seqs, tally) => Tally.add(tally, "dropped:purged", seqs.length))

/** Entries removed in one transaction. */
const portion = 5_000

/** @internal */
export const clear = (session: Session, name: string, from: number): Progress => {
  const destination = Interned.findDestination(session, name)
  if (destination === null) return { changed: 0, dropped: 0, next: null }
  const tally = Tally.make(destination)
  const rows = Entries.between(session, destination, from, Number.MAX_SAFE_INTEGER, portion)
  Entries.remove(session, destination, rows, "dropped:cleared", tally)
  const more = rows.length === portion
  let changed = rows.length
  if (!more) {
    const seqs = Entries.deadLetters(session, destination)
    Entries.removeParked(session, destination, Entries.dead, seqs)
    Tally.add(tally, "dead", -seqs.length)
    Tally.add(tally, "dropped:cleared", seqs.length)
    changed += seqs.length
  }
  Tally.write(tally, session)
  return { changed, dropped: 0, next: more ? rows[rows.length - 1]!.seq + 1 : null }
}
