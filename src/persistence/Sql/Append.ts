/**
 * One group into the file: the events, their queue entries and their counts.
 *
 * @internal
 */
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import type { AppendGroup, AppendResult } from "../EventStore.js"
import { dayMillis } from "../Wait.js"
import * as Entries from "./Entries.js"
import * as Interned from "./Interned.js"
import * as Rollups from "./Rollups.js"
import { toBytes } from "./Rows.js"
import * as Runs from "./Runs.js"
import { insertMany, type Session, type Value } from "./Session.js"
import * as Tally from "./Tally.js"
import * as Windows from "./Windows.js"

const insertEvents = "INSERT INTO event (seq, id, type, context, time, rate, suppressed, data) VALUES"

interface Written {
  readonly contexts: ReadonlyArray<Interned.KnownContext>
  readonly first: number
}

const writeEvents = (session: Session, events: ReadonlyArray<RedactedEvent>): Written => {
  const first = session.meta.top + 1
  const { byObject, typeIds } = session.interned
  const params: Array<Value> = []
  const runs: Array<Value> = []
  const contexts: Array<Interned.KnownContext> = []
  let { context, day } = session.meta
  let seq = first
  for (const event of events) {
    const known = byObject.get(event.context) ?? Interned.contextId(session, event.context)
    const type = typeIds.get(event.type) ?? Interned.typeId(session, event.type)
    params.push(
      seq,
      toBytes(event.id),
      type,
      known.id,
      event.time,
      event.rate === 1 ? null : event.rate,
      event.suppressed === 0 ? null : event.suppressed,
      event.data
    )
    contexts.push(known)
    const today = Math.floor(event.time / dayMillis)
    if (today !== day || known.id !== context) runs.push(seq, day = today, context = known.id)
    seq++
  }
  insertMany(session, insertEvents, 8, params)
  Runs.begin(session, runs)
  return { contexts, first }
}

const enter = (
  session: Session,
  destination: number,
  { contexts, first }: Written,
  { events, keptBack }: AppendGroup,
  tally: Tally.Tally
): void => {
  const queued: Array<Value> = []
  const withheld: Array<Value> = []
  for (let i = 0; i < contexts.length; i++) {
    if (contexts[i]!.context.remote && keptBack?.has(events[i]!.type) !== true) {
      queued.push(destination, first + i)
      Tally.addWaiting(tally, 0, contexts[i]!.consent, 1)
    } else {
      withheld.push(destination, Entries.withheld, first + i, 0)
      Tally.add(tally, "withheld", 1)
    }
  }
  Tally.add(tally, "recorded", contexts.length)
  if (contexts.length > 5 && queued.length === contexts.length * 2) {
    session.run("INSERT INTO queue (destination, seq) SELECT ?, seq FROM event WHERE seq >= ?", [destination, first])
  } else insertMany(session, "INSERT INTO queue (destination, seq) VALUES", 2, queued)
  insertMany(session, "INSERT INTO parked (destination, state, seq, attempts) VALUES", 4, withheld)
}

/** @internal */
export const append = (session: Session, group: AppendGroup): AppendResult => {
  const { events } = group
  const written = events.length === 0 ? null : writeEvents(session, events)
  const capture = Tally.make(0)
  for (const term of Object.keys(group.counts) as Array<keyof AppendGroup["counts"]>) {
    Tally.add(capture, term, group.counts[term] ?? 0)
  }
  Tally.add(capture, "recorded", events.length)
  const tallies = [capture]
  let overflowed = 0
  let fullest = 0
  for (const name of group.destinations) {
    const only = session.meta.destinations === 1 && Interned.findDestination(session, name) !== null
    const destination = Interned.destinationId(session, name)
    const tally = Tally.make(destination)
    tallies.push(tally)
    const before = only ? session.meta.waiting : Tally.waiting(session, destination)
    if (written !== null) enter(session, destination, written, group, tally)
    let waiting = before + Tally.waitingChange(tally)
    if (waiting > group.queueLimit) {
      const removed = Entries.removeOldest(session, destination, waiting - group.queueLimit, tally)
      overflowed += removed
      waiting -= removed
    }
    fullest = Math.max(fullest, waiting)
  }
  Tally.writeAll(tallies, session)
  if (group.rollups !== undefined) Rollups.add(session, group.rollups)
  if (group.windows !== undefined) Windows.add(session, group.windows)
  return { recorded: events.length, overflowed, waiting: fullest }
}
