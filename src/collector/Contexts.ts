/**
 * What the events of a session share, kept once and referred to by number.
 *
 * @since 0.1.0
 */
import type * as SqlConnection from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import * as Level from "../domain/Level.js"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import * as Limits from "./Limits.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface EventContext {
  readonly id: number
  /** The subject that is the session. */
  readonly session: number
  /** The subject that is the installation; 0: none. */
  readonly installation: number
  /** Events captured up to this time were asked to be erased; 0: never asked. */
  readonly erasedAt: number
}

interface Entry extends EventContext {
  readonly event: WireEvent
}

/**
 * By session; a session has rarely more than one context.
 *
 * @since 0.1.0
 * @category models
 */
export type Index = Map<string, Array<Entry>>

/** SQLite's way; Postgres will have a text of its own. */
const statements = {
  addSubjects: `INSERT INTO subjects (uuid)
    SELECT unhex(value, '-') FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
  subjects: `SELECT j.key AS position, s.id AS id
    FROM json_each(?) j JOIN subjects s ON s.uuid = unhex(j.value, '-')`,
  add: `INSERT INTO contexts (session, installation, app, version, level)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
  find: `SELECT j.key AS position, c.id AS id FROM json_each(?) j JOIN contexts c
    ON c.session = j.value->>0 AND c.installation = j.value->>1 AND c.app = j.value->>2
      AND c.version = j.value->>3 AND c.level = j.value->>4`,
  erased: `SELECT lower(hex(hash)) AS hash, app, at FROM erased_subjects
    WHERE hash IN (SELECT unhex(value) FROM json_each(?))`
}

/**
 * What is remembered of an erased session or installation: enough to know it again, not enough to name it.
 *
 * @since 0.1.0
 * @category conversions
 */
export const subjectHash = (uuid: string): string =>
  Crypto.createHash("sha256").update(uuid.toLowerCase()).digest("hex")

const same = (a: WireEvent, b: WireEvent): boolean =>
  a.installationId === b.installationId && a.level === b.level && a.app.name === b.app.name &&
  a.app.version === b.app.version

/**
 * @since 0.1.0
 * @category getters
 */
export const lookup = (index: Index, event: WireEvent): EventContext | undefined => {
  const entries = index.get(event.sessionId)
  if (entries === undefined) return undefined
  for (const entry of entries) if (same(entry.event, event)) return entry
  return undefined
}

const put = (index: Index, entry: Entry): void => {
  const entries = index.get(entry.event.sessionId)
  if (entries === undefined) index.set(entry.event.sessionId, [entry])
  else entries.push(entry)
}

/**
 * Adds to `known` what was found by a transaction, once that has been committed: never before.
 *
 * @since 0.1.0
 * @category combinators
 */
export const remember = (known: Index, found: Index): void => {
  if (found.size === 0) return
  if (known.size + found.size > Limits.contextCacheSize) known.clear()
  for (const entries of found.values()) {
    for (const entry of entries) if (lookup(known, entry.event) === undefined) put(known, entry)
  }
}

const unknownOf = (known: Index, events: ReadonlyArray<WireEvent>): ReadonlyArray<WireEvent> => {
  const seen: Index = new Map()
  const unknown: Array<WireEvent> = []
  for (const event of events) {
    if (lookup(known, event) !== undefined || lookup(seen, event) !== undefined) continue
    put(seen, { id: 0, session: 0, installation: 0, erasedAt: 0, event })
    unknown.push(event)
  }
  return unknown
}

/**
 * Finds or makes the contexts of those events that `known` does not hold, in a handful of statements whatever their number.
 *
 * @since 0.1.0
 * @category combinators
 */
export const resolve = (
  connection: SqlConnection.Connection,
  known: Index,
  events: ReadonlyArray<WireEvent>
): Effect.Effect<Index, SqlError> => {
  const unknown = unknownOf(known, events)
  return unknown.length === 0 ? Effect.succeed(new Map()) : find(connection, unknown)
}

const find = Effect.fnUntraced(function*(connection: SqlConnection.Connection, events: ReadonlyArray<WireEvent>) {
  const uuids = [
    ...new Set(
      events.flatMap((event) =>
        event.installationId === undefined ? [event.sessionId] : [event.sessionId, event.installationId]
      )
    )
  ]
  const uuidsJson = JSON.stringify(uuids)
  yield* connection.executeRaw(statements.addSubjects, [uuidsJson])
  const subjects = new Map<string, number>()
  for (const row of yield* connection.execute(statements.subjects, [uuidsJson], undefined)) {
    subjects.set(uuids[row.position]!, row.id)
  }
  const subject = (uuid: string | undefined): number => uuid === undefined ? 0 : subjects.get(uuid) ?? 0
  const contextsJson = JSON.stringify(events.map((event) => [
    subject(event.sessionId),
    subject(event.installationId),
    event.app.name,
    event.app.version,
    Level.rank(event.level)
  ]))
  yield* connection.executeRaw(statements.add, [contextsJson])
  const erased = yield* connection.execute(statements.erased, [JSON.stringify(uuids.map(subjectHash))], undefined)
  const erasedAt = (event: WireEvent): number => {
    if (erased.length === 0) return 0
    const hashes = [subjectHash(event.sessionId), subjectHash(event.installationId ?? event.sessionId)]
    return erased.reduce(
      (at, row) =>
        hashes.includes(row.hash) && (row.app === "" || row.app === event.app.name) ? Math.max(at, row.at) : at,
      0
    )
  }
  const found: Index = new Map()
  for (const row of yield* connection.execute(statements.find, [contextsJson], undefined)) {
    const event = events[row.position]!
    put(found, {
      id: row.id,
      session: subject(event.sessionId),
      installation: subject(event.installationId),
      erasedAt: erasedAt(event),
      // Of the event only what a context is made of is kept alive.
      event: { ...event, eventData: {}, id: "" }
    })
  }
  return found
})
