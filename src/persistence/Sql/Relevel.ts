/**
 * When less may be sent than before: data above the level is lowered, entries without consent are withheld. The ledger says at
 * once whether anything waits that is concerned; only then the queue is walked, a portion a transaction.
 *
 * @internal
 */
import * as Level from "../../domain/Level.js"
import { type RedactedEvent, unsafeRedacted } from "../../domain/TelemetryEvent.js"
import { dayMillis } from "../Wait.js"
import * as Entries from "./Entries.js"
import * as Interned from "./Interned.js"
import { columns, type EventRow, toEvent } from "./Rows.js"
import * as Runs from "./Runs.js"
import type { Session } from "./Session.js"
import * as Tally from "./Tally.js"

/** Entries looked at in one transaction. */
const portion = 2_000

/**
 * What one portion has done; `next` is where the following one starts, null after the last.
 *
 * @internal
 */
export interface Progress {
  readonly changed: number
  readonly dropped: number
  readonly next: number | null
}

const nothing: Progress = { changed: 0, dropped: 0, next: null }

interface Found {
  readonly rows: ReadonlyArray<Entries.Waiting>
  readonly next: number | null
}

const concerned = (
  session: Session,
  destination: number,
  from: number,
  isConcerned: (epoch: string, level: number) => boolean
): Found => {
  const waiting = Tally.waitingConsents(session, destination)
  if (waiting.size === 0) return { rows: [], next: null }
  const ids = new Set<number>()
  for (const consent of Interned.consents(session)) {
    if (waiting.has(consent.id) && isConcerned(consent.epoch, consent.level)) ids.add(consent.id)
  }
  if (ids.size === 0) return { rows: [], next: null }
  const rows = Entries.between(session, destination, from, Number.MAX_SAFE_INTEGER, portion)
  const out: Array<Entries.Waiting> = []
  for (const row of rows) if (ids.has(Interned.contextOf(session, row.context).consent)) out.push(row)
  return { rows: out, next: rows.length < portion ? null : rows[rows.length - 1]!.seq + 1 }
}

/** @internal */
export const withhold = (
  session: Session,
  name: string,
  sendable: ReadonlySet<string>,
  from: number
): Progress => {
  const destination = Interned.findDestination(session, name)
  if (destination === null) return nothing
  const found = concerned(session, destination, from, (epoch) => !sendable.has(epoch))
  if (found.rows.length > 0) {
    const tally = Tally.make(destination)
    Entries.withhold(session, destination, found.rows, tally)
    Tally.write(tally, session)
  }
  return { changed: found.rows.length, dropped: 0, next: found.next }
}

/**
 * Is there anything for {@link withhold} to do?
 *
 * @internal
 */
export const isWithholdNeeded = (
  session: Session,
  name: string,
  sendable: ReadonlySet<string>
): boolean => {
  const destination = Interned.findDestination(session, name)
  if (destination === null) return false
  const waiting = Tally.waitingConsents(session, destination)
  if (waiting.size === 0) return false
  const all = Interned.consents(session)
  return all.some((consent) => waiting.has(consent.id) && !sendable.has(consent.epoch))
}

/**
 * Is there anything for {@link relevel} to do?
 *
 * @internal
 */
export const isRelevelNeeded = (session: Session, level: Level.Level): boolean =>
  session.one(
    `SELECT 1 FROM ledger WHERE term IN ('pending', 'retrying') AND count > 0
     AND consent IN (SELECT id FROM consent WHERE level > ?) LIMIT 1`,
    [Level.rank(level)]
  ) !== undefined

const setData = (session: Session, row: EventRow, lowered: RedactedEvent, level: Level.Level) => {
  const [seq, , , before, time] = row
  const context = { ...lowered.context, level: Level.min(lowered.context.level, level) }
  const stored = unsafeRedacted({ ...lowered, context })
  const known = Interned.contextId(session, stored.context)
  session.run("UPDATE event SET context = ?, data = ?, rate = ?, suppressed = ? WHERE seq = ?", [
    known.id,
    stored.data,
    stored.rate === 1 ? null : stored.rate,
    stored.suppressed === 0 ? null : stored.suppressed,
    seq
  ])
  Runs.split(session, seq, Math.floor(time / dayMillis), known.id, before)
  return known
}

interface Place {
  readonly destination: number
  readonly row: Entries.Waiting
}

/** Where an event waits, and the batches it is in that are now other events than before. */
const placesOf = (session: Session, seq: number, destinations: ReadonlyArray<{ readonly id: number }>) => {
  const places: Array<Place> = []
  for (const { id } of destinations) {
    for (const row of Entries.between(session, id, seq, seq, 1)) places.push({ destination: id, row })
  }
  return places
}

const forgetKeys = (session: Session, seq: number, destinations: ReadonlyArray<{ readonly id: number }>): void => {
  for (const { id } of destinations) {
    session.run("UPDATE batch SET key = NULL WHERE id = (SELECT batch FROM queue WHERE destination = ? AND seq = ?)", [
      id,
      seq
    ])
  }
}

/** @internal */
export const relevel = (
  session: Session,
  level: Level.Level,
  lower: (event: RedactedEvent) => RedactedEvent | null,
  destination: number,
  from: number
): Progress => {
  const found = concerned(session, destination, from, (_, rank) => rank > Level.rank(level))
  if (found.rows.length === 0) return { ...nothing, next: found.next }
  const destinations = Entries.destinations(session)
  const tallies = new Map(destinations.map(({ id }) => [id, Tally.make(id)]))
  let changed = 0
  let dropped = 0
  for (const { seq } of found.rows) {
    const row = session.tuples<EventRow>(`SELECT ${columns} FROM event e WHERE e.seq = ?`, [seq])[0]
    if (row === undefined) continue
    const lowered = lower(toEvent(session, row))
    const places = placesOf(session, seq, destinations)
    if (lowered === null) {
      for (const place of places) {
        Entries.remove(
          session,
          place.destination,
          [place.row],
          "dropped:level",
          tallies.get(place.destination)!
        )
        dropped++
      }
      continue
    }
    const before = (Interned.contextOf(session, row[3])).consent
    const after = (setData(session, row, lowered, level)).consent
    for (const place of places) {
      Tally.addWaiting(tallies.get(place.destination)!, place.row.attempts, before, -1)
      Tally.addWaiting(tallies.get(place.destination)!, place.row.attempts, after, 1)
    }
    forgetKeys(session, seq, destinations)
    changed++
  }
  Tally.writeAll([...tallies.values()], session)
  return { changed, dropped, next: found.next }
}
