/**
 * What the events of a session share, kept once and referred to by number.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import * as Level from "../domain/Level.js"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import * as Dialect from "./Dialect.js"
import * as Limits from "./Limits.js"
import type { Session } from "./Transaction.js"

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
  /** Events captured up to this time were asked to be erased. */
  readonly erasedAt: number
}

/** Before every time that an event can have. */
const neverErased = -1

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

const statements = Dialect.statements((d) => ({
  addSubjects: `INSERT INTO subjects (uuid) SELECT ${d.uuid("j.value->>0")} FROM ${d.each} WHERE true
    ON CONFLICT DO NOTHING`,
  subjects: `SELECT ${d.position} AS position, s.id AS id
    FROM ${d.each} JOIN subjects s ON s.uuid = ${d.uuid("j.value->>0")}`,
  add: `INSERT INTO contexts (session, installation, app, version, level)
    SELECT CAST(j.value->>0 AS BIGINT), CAST(j.value->>1 AS BIGINT), j.value->>2, j.value->>3,
      CAST(j.value->>4 AS BIGINT)
    FROM ${d.each} WHERE true ON CONFLICT DO NOTHING`,
  find: `SELECT ${d.position} AS position, c.id AS id FROM ${d.each} JOIN contexts c
    ON c.session = CAST(j.value->>0 AS BIGINT) AND c.installation = CAST(j.value->>1 AS BIGINT)
      AND c.app = j.value->>2 AND c.version = j.value->>3 AND c.level = CAST(j.value->>4 AS BIGINT)`,
  erased: `SELECT ${d.bytesHex("hash")} AS hash, app, at FROM erased_subjects
    WHERE hash IN (SELECT ${d.bytes("j.value->>0")} FROM ${d.each})`
}))

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
 * What is known from now on, given what was found by a transaction, once that has been committed: never before. Transactions
 * under way keep what they know: nothing is ever taken out of an index.
 *
 * @since 0.1.0
 * @category combinators
 */
export const remember = (known: Index, found: Index): Index => {
  if (found.size === 0) return known
  const kept: Index = known.size + found.size > Limits.contextCacheSize ? new Map() : known
  for (const entries of found.values()) {
    for (const entry of entries) if (lookup(kept, entry.event) === undefined) put(kept, entry)
  }
  return kept
}

/** The first of each context. */
const distinct = (events: ReadonlyArray<WireEvent>): ReadonlyArray<WireEvent> => {
  const seen: Index = new Map()
  return events.filter((event) => {
    if (lookup(seen, event) !== undefined) return false
    put(seen, { id: 0, session: 0, installation: 0, erasedAt: neverErased, event })
    return true
  })
}

/**
 * Finds or makes the contexts of events, in a handful of statements whatever their number.
 *
 * @since 0.1.0
 * @category combinators
 */
export const resolve = (session: Session, events: ReadonlyArray<WireEvent>): Effect.Effect<Index, SqlError> =>
  events.length === 0 ? Effect.succeed(new Map()) : find(session, distinct(events))

const find = Effect.fnUntraced(function*(session: Session, events: ReadonlyArray<WireEvent>) {
  const { add, addSubjects, erased: selectErased, find: select, subjects: selectSubjects } = statements(session.dialect)
  // In order, so that two transactions that add the same ones wait for each other and never both.
  const uuids = [
    ...new Set(
      events.flatMap((event) =>
        event.installationId === undefined ? [event.sessionId] : [event.sessionId, event.installationId]
      )
    )
  ].sort()
  const uuidsJson = JSON.stringify(uuids.map((uuid) => [uuid]))
  yield* session.run(addSubjects, [uuidsJson])
  const subjects = new Map<string, number>()
  for (const row of yield* session.rows(selectSubjects, [uuidsJson])) {
    subjects.set(uuids[row.position]!, row.id)
  }
  const subject = (uuid: string | undefined): number => uuid === undefined ? 0 : subjects.get(uuid) ?? 0
  const keyed = events.map((event) => ({
    event,
    key: [
      subject(event.sessionId),
      subject(event.installationId),
      event.app.name,
      event.app.version,
      Level.rank(event.level)
    ]
  })).sort((a, b) => JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1)
  const contextsJson = JSON.stringify(keyed.map(({ key }) => key))
  yield* session.run(add, [contextsJson])
  const erased = yield* session.rows(selectErased, [
    JSON.stringify(uuids.map((uuid) => [subjectHash(uuid)]))
  ])
  const erasedAt = (event: WireEvent): number => {
    if (erased.length === 0) return neverErased
    const hashes = [subjectHash(event.sessionId), subjectHash(event.installationId ?? event.sessionId)]
    return erased.reduce(
      (at, row) =>
        hashes.includes(row.hash) && (row.app === "" || row.app === event.app.name) ? Math.max(at, row.at) : at,
      neverErased
    )
  }
  const found: Index = new Map()
  for (const row of yield* session.rows(select, [contextsJson])) {
    const { event } = keyed[row.position]!
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

/**
 * How often there was an erasure: a context that was read before one is not to be written to after it.
 *
 * @since 0.1.0
 * @category getters
 */
export const generation = (session: Session): Effect.Effect<number, SqlError> =>
  Effect.map(session.rows("SELECT count(*) AS n FROM erasures"), ([row]) => Number(row.n))
