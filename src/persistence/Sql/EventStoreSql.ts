/**
 * The event store on SQLite.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Ledger from "../../domain/Ledger.js"
import { EventStore, type ReadRequest, type StoredEvent } from "../EventStore.js"
import * as Append from "./Append.js"
import { Database } from "./Database.js"
import * as Entries from "./Entries.js"
import * as Relevel from "./Relevel.js"
import * as Retention from "./Retention.js"
import { columns, type EventRow, toEvent } from "./Rows.js"
import type { Session } from "./Session.js"

/** @internal */
export const readRows = `SELECT ${columns} FROM event e WHERE e.seq > ? AND e.time >= ? AND e.time < ?
  AND (? IS NULL OR e.type = (SELECT id FROM event_type WHERE name = ?)) ORDER BY e.seq LIMIT ?`

const read = (session: Session, request: ReadRequest): ReadonlyArray<StoredEvent> => {
  const type = request.type ?? null
  const rows = session.tuples<EventRow>(readRows, [
    request.after,
    request.from ?? Number.MIN_SAFE_INTEGER,
    request.to ?? Number.MAX_SAFE_INTEGER,
    type,
    type,
    request.limit
  ])
  return rows.map((row) => ({ seq: row[0], event: toEvent(session, row) }))
}

const ledger = (session: Session): Ledger.Snapshot => {
  const destinations: Record<string, Record<string, number>> = {}
  const names = new Map<number, string>()
  for (const { id, name } of Entries.destinations(session)) {
    names.set(id, name)
    destinations[name] = {}
  }
  const capture: Record<string, number> = {}
  const rows = session.all<{ destination: number; term: string; n: number }>(
    "SELECT destination, term, sum(count) AS n FROM ledger GROUP BY destination, term",
    []
  )
  for (const row of rows) {
    const name = names.get(row.destination)
    if (row.destination === 0) capture[row.term] = row.n
    else if (name !== undefined) destinations[name]![row.term] = row.n
  }
  return { capture, destinations }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layerSql: Layer.Layer<EventStore, never, Database> = Layer.effect(
  EventStore,
  Effect.map(Database, (database) => ({
    exists: database.exists,
    warm: database.warm,
    append: (group) => database.grow((session) => Append.append(session, group)),
    read: (request) => database.read((session) => read(session, request)),
    size: Effect.gen(function*() {
      const size = yield* database.read((session) => ({
        events: Retention.size(session),
        oldest:
          session.one<{ time: number }>("SELECT time FROM event WHERE seq = (SELECT min(seq) FROM event)", [])?.time ??
            null
      }))
      return { ...size, bytes: yield* database.bytes }
    }),
    ledger: database.read(ledger),
    damaged: Effect.zipWith(database.incidents, database.aside, ({ corrupt }, kept) => ({ setAside: corrupt, kept })),
    clear: Effect.zipLeft(database.write(Retention.clear), database.compact),
    expire: (request) =>
      database.write((session) => Retention.expire(session, request)).pipe(
        // Once, with the last portion.
        Effect.tap((removed) => removed < request.limit ? database.emptyLog : Effect.void),
        Effect.map((removed) => ({ removed }))
      ),
    relevel: (level, lower) =>
      Effect.gen(function*() {
        let changed = 0
        let dropped = 0
        if (!(yield* database.read((session) => Relevel.isRelevelNeeded(session, level)))) return { changed, dropped }
        for (const { id } of yield* database.read(Entries.destinations)) {
          let from: number | null = 0
          while (from !== null) {
            const start: number = from
            const done: Relevel.Progress = yield* database.write((session) =>
              Relevel.relevel(session, level, lower, id, start)
            )
            changed += done.changed
            dropped += done.dropped
            from = done.next
            if (from !== null) yield* Effect.yieldNow()
          }
        }
        if (changed + dropped > 0) yield* database.emptyLog
        return { changed, dropped }
      })
  }))
)
