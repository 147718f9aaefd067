/**
 * Removing events: what retention no longer keeps, and everything.
 *
 * @internal
 */
import type { ExpireRequest } from "../EventStore.js"
import { dayMillis } from "../Wait.js"
import * as Entries from "./Entries.js"
import * as Interned from "./Interned.js"
import * as Rollups from "./Rollups.js"
import * as Runs from "./Runs.js"
import type { Session } from "./Session.js"
import * as Tally from "./Tally.js"
import * as Windows from "./Windows.js"

interface Removable {
  readonly seq: number
  readonly time: number
  readonly context: number
}

/** Places that are in flight somewhere: they stay until they are settled. */
const leasedPlaces = (session: Session): ReadonlySet<number> => {
  const batches = session.all<{ id: number; destination: number; first: number; last: number }>(
    "SELECT id, destination, first, last FROM batch WHERE owner IS NOT NULL",
    []
  )
  const places = new Set<number>()
  for (const batch of batches) {
    const rows = session.all<{ seq: number }>(
      "SELECT seq FROM queue WHERE destination = ? AND seq BETWEEN ? AND ? AND batch = ?",
      [batch.destination, batch.first, batch.last, batch.id]
    )
    for (const row of rows) places.add(row.seq)
  }
  return places
}

/** @internal */
export const oldOfRun = `SELECT seq, time, context FROM event
  WHERE seq BETWEEN ? AND ? AND time < ? ORDER BY seq LIMIT ?`

const tooOld = (
  session: Session,
  before: number,
  limit: number,
  leased: ReadonlySet<number>
): ReadonlyArray<Removable> => {
  const out: Array<Removable> = []
  for (const run of session.all<Runs.Run>(Runs.untilDay, [Math.floor((before - 1) / dayMillis)])) {
    if (out.length >= limit) break
    const most = limit - out.length + leased.size
    for (const row of session.all<Removable>(oldOfRun, [run.first, run.last, before, most])) {
      if (out.length < limit && !leased.has(row.seq)) out.push(row)
    }
  }
  return out
}

const stored =
  `SELECT coalesce((SELECT count FROM ledger WHERE destination = 0 AND term = 'recorded'), 0) - removed AS n
  FROM meta`

/**
 * How many events are stored.
 *
 * @internal
 */
export const size = (session: Session): number => session.one<{ n: number }>(stored, [])?.n ?? 0

const pragma = (session: Session, name: "page_count" | "freelist_count" | "page_size") =>
  session.one<Record<string, number>>("PRAGMA " + name, [])?.[name] ?? 0

const tooMuch = (session: Session, maxBytes: number, limit: number, leased: ReadonlySet<number>) => {
  const pages = (pragma(session, "page_count")) - (pragma(session, "freelist_count"))
  const used = pages * (pragma(session, "page_size"))
  const events = size(session)
  if (used <= maxBytes || events === 0) return []
  const count = Math.min(limit, Math.ceil((used - maxBytes) / (used / events)))
  const rows = session.all<Removable>("SELECT seq, time, context FROM event WHERE seq > 0 ORDER BY seq LIMIT ?", [
    count + leased.size
  ])
  return rows.filter((one) => !leased.has(one.seq)).slice(0, count)
}

const removeEntries = (
  session: Session,
  destination: number,
  places: ReadonlyArray<readonly [from: number, to: number]>
): Tally.Tally => {
  const tally = Tally.make(destination)
  for (const [from, to] of places) {
    const waiting = Entries.between(session, destination, from, to, Number.MAX_SAFE_INTEGER)
    if (waiting.length > 0) Entries.remove(session, destination, waiting, "dropped:expired", tally)
    for (const [state, term] of [[Entries.dead, "dead"], [Entries.withheld, "withheld"]] as const) {
      const removed = session.run(
        "DELETE FROM parked WHERE destination = ? AND state = ? AND seq BETWEEN ? AND ?",
        [destination, state, from, to]
      )
      Tally.add(tally, term, -removed)
      Tally.add(tally, "dropped:expired", removed)
    }
  }
  return tally
}

const removeEvents = (session: Session, rows: ReadonlyArray<Removable>): void => {
  const seqs = rows.map((row) => row.seq).sort((a, b) => a - b)
  const places = Entries.spans(seqs)
  const tallies = Entries.destinations(session).map(({ id }) => removeEntries(session, id, places))
  session.run("UPDATE meta SET removed = removed + ?, last_seq = max(last_seq, ?)", [rows.length, session.meta.top])
  for (const [from, to] of places) session.run("DELETE FROM event WHERE seq BETWEEN ? AND ?", [from, to])
  Runs.prune(session, seqs)
  Tally.writeAll(tallies, session)
}

/** Pages given back to the disk with each portion. */
const vacuumPages = 64

/** @internal */
export const expire = (session: Session, request: ExpireRequest): number => {
  const leased = leasedPlaces(session)
  const old = request.before === null ? [] : tooOld(session, request.before, request.limit, leased)
  if (old.length > 0) removeEvents(session, old)
  const room = request.limit - old.length
  const much = request.maxBytes === null || room <= 0 ? [] : tooMuch(session, request.maxBytes, room, leased)
  if (much.length > 0) removeEvents(session, much)
  if (old.length + much.length > 0) {
    const free = Math.min(vacuumPages, pragma(session, "freelist_count"))
    // the driver takes one step of a statement, and a step is one page
    for (let i = 0; i < free; i++) session.run("PRAGMA incremental_vacuum(1)", [])
  }
  return old.length + much.length
}

/** @internal */
export const clear = (
  session: Session
): { readonly events: number; readonly queue: number } => {
  const events = size(session)
  let queue = 0
  const held = session.all<{ destination: number; term: string; n: number }>(
    `SELECT destination, term, sum(count) AS n FROM ledger
       WHERE destination > 0 AND term IN ('pending', 'retrying', 'leased', 'dead', 'withheld')
       GROUP BY destination, term`,
    []
  )
  const tallies = new Map<number, Tally.Tally>()
  for (const { destination, n, term } of held) {
    const tally = tallies.get(destination) ?? Tally.make(destination)
    tallies.set(destination, tally)
    if (term !== "withheld") queue += n
    Tally.add(tally, "dropped:cleared", n)
  }
  session.run(
    `UPDATE ledger SET count = 0
       WHERE destination > 0 AND term IN ('pending', 'retrying', 'leased', 'dead', 'withheld')`,
    []
  )
  session.run("DELETE FROM ledger WHERE consent > 0", [])
  Tally.writeAll([...tallies.values()], session)
  session.run(
    "UPDATE meta SET generation = generation + 1, removed = removed + ?, last_seq = max(last_seq, ?)",
    [events, session.meta.top]
  )
  // the last errors of destinations may quote what an event held
  session.run("UPDATE destination SET last_error = NULL", [])
  for (
    const table of [
      "queue",
      "deferred",
      "parked",
      "batch",
      "event",
      "run",
      "context",
      "event_type",
      "consent",
      "request"
    ]
  ) {
    session.run("DELETE FROM " + table, [])
  }
  Rollups.clear(session)
  Windows.clear(session)
  Interned.forget(session.interned)
  return { events, queue }
}
