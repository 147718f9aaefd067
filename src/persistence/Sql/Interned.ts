/**
 * What events share is stored once and referred to by number. Each process remembers the numbers; the memory is dropped when
 * the file is opened anew, when a transaction is rolled back, and when another process removed interned rows.
 *
 * @internal
 */
import * as Level from "../../domain/Level.js"
import type { EventContext } from "../../domain/TelemetryEvent.js"
import { Damaged } from "./Damaged.js"
import type { Session } from "./Session.js"

/** @internal */
export interface KnownContext {
  readonly id: number
  readonly consent: number
  readonly context: EventContext
}

interface Consent {
  readonly id: number
  readonly epoch: string
  readonly level: number
  readonly remote: number
}

/** @internal */
export interface Interned {
  generation: number
  byObject: WeakMap<EventContext, KnownContext>
  readonly byValue: Map<string, KnownContext>
  readonly byId: Map<number, KnownContext>
  readonly consents: Map<string, Consent>
  readonly typeIds: Map<string, number>
  readonly typeNames: Map<number, string>
  readonly destinations: Map<string, number>
  /** Of the rollups, by type and dimension. */
  readonly series: Map<string, number>
}

/** @internal */
export const make = (): Interned => ({
  generation: 0,
  byObject: new WeakMap(),
  byValue: new Map(),
  byId: new Map(),
  consents: new Map(),
  typeIds: new Map(),
  typeNames: new Map(),
  destinations: new Map(),
  series: new Map()
})

/** @internal */
export const forget = (self: Interned): void => {
  self.generation = 0
  self.byObject = new WeakMap()
  self.byValue.clear()
  self.byId.clear()
  self.consents.clear()
  self.typeIds.clear()
  self.typeNames.clear()
  self.destinations.clear()
  self.series.clear()
}

const maxRemembered = 10_000

const remember = (self: Interned, known: KnownContext): KnownContext => {
  if (self.byId.size >= maxRemembered) {
    self.byObject = new WeakMap()
    self.byValue.clear()
    self.byId.clear()
  }
  self.byObject.set(known.context, known)
  self.byValue.set(valueKey(known.context), known)
  self.byId.set(known.id, known)
  return known
}

const valueKey = (c: EventContext): string =>
  JSON.stringify([c.epoch, c.level, c.remote, c.sessionId, c.installationId, c.app.name, c.app.version])

const consentKey = (epoch: string, level: number, remote: number): string => epoch + "/" + level + "/" + remote

const consentOf = (session: Session, context: EventContext): number => {
  const { consents } = session.interned
  if (consents.size === 0) loadConsents(session)
  const [level, remote] = [Level.rank(context.level), context.remote ? 1 : 0]
  const key = consentKey(context.epoch, level, remote)
  const known = consents.get(key)
  if (known !== undefined) return known.id
  const row = session.one<{ id: number }>(
    "INSERT INTO consent (epoch, level, remote) VALUES (?, ?, ?) RETURNING id",
    [context.epoch, level, remote]
  )
  consents.set(key, { id: row!.id, epoch: context.epoch, level, remote })
  return row!.id
}

const loadConsents = (session: Session): ReadonlyArray<Consent> => {
  const rows = session.all<Consent>("SELECT id, epoch, level, remote FROM consent", [])
  for (const row of rows) session.interned.consents.set(consentKey(row.epoch, row.level, row.remote), row)
  return rows
}

/**
 * Every consent there are events of, or have been.
 *
 * @internal
 */
export const consents = loadConsents

/**
 * The number of a context, which is entered on first sight. A new session is always new: nothing is looked up.
 *
 * @internal
 */
export const contextId = (session: Session, context: EventContext): KnownContext => {
  const self = session.interned
  const known = self.byObject.get(context)
  if (known !== undefined) return known
  const equal = self.byValue.get(valueKey(context))
  if (equal !== undefined) {
    self.byObject.set(context, equal)
    return equal
  }
  const consent = consentOf(session, context)
  const row = session.one<{ id: number }>(
    `INSERT INTO context (consent, session, installation, app_name, app_version)
     VALUES (?, ?, ?, ?, ?) RETURNING id`,
    [consent, context.sessionId, context.installationId, context.app.name, context.app.version]
  )
  return remember(self, { id: row!.id, consent, context })
}

interface ContextRow {
  readonly consent: number
  readonly session: string
  readonly installation: string | null
  readonly app_name: string
  readonly app_version: string
  readonly epoch: string
  readonly level: number
  readonly remote: number
}

/** @internal */
export const contextOf = (session: Session, id: number): KnownContext => {
  const known = session.interned.byId.get(id)
  if (known !== undefined) return known
  const row = session.one<ContextRow>(
    `SELECT x.consent, x.session, x.installation, x.app_name, x.app_version, c.epoch, c.level, c.remote
     FROM context x JOIN consent c ON c.id = x.consent WHERE x.id = ?`,
    [id]
  )
  if (row === undefined) throw new Damaged({ message: "an event refers to a context that does not exist" })
  return remember(session.interned, {
    id,
    consent: row.consent,
    context: {
      sessionId: row.session,
      installationId: row.installation,
      app: { name: row.app_name, version: row.app_version },
      epoch: row.epoch,
      level: Level.fromRank(row.level),
      remote: row.remote !== 0
    }
  })
}

const loadTypes = (session: Session): void => {
  for (const { id, name } of session.all<{ id: number; name: string }>("SELECT id, name FROM event_type", [])) {
    rememberType(session.interned, id, name)
  }
}

const rememberType = (self: Interned, id: number, name: string): void => {
  self.typeIds.set(name, id)
  self.typeNames.set(id, name)
}

/** @internal */
export const typeId = (session: Session, name: string): number => {
  const { typeIds } = session.interned
  const known = typeIds.get(name)
  if (known !== undefined) return known
  loadTypes(session)
  const loaded = typeIds.get(name)
  if (loaded !== undefined) return loaded
  const row = session.one<{ id: number }>("INSERT INTO event_type (name) VALUES (?) RETURNING id", [name])
  rememberType(session.interned, row!.id, name)
  return row!.id
}

/** @internal */
export const typeName = (session: Session, id: number): string => {
  const { typeNames } = session.interned
  if (!typeNames.has(id)) loadTypes(session)
  const name = typeNames.get(id)
  if (name === undefined) throw new Damaged({ message: "an event is of a type that does not exist" })
  return name
}

/**
 * The number of a destination; null when it has never been used.
 *
 * @internal
 */
export const findDestination = (session: Session, name: string): number | null => {
  const known = session.interned.destinations.get(name)
  if (known !== undefined) return known
  const row = session.one<{ id: number }>("SELECT id FROM destination WHERE name = ?", [name])
  if (row === undefined) return null
  session.interned.destinations.set(name, row.id)
  return row.id
}

/** @internal */
export const destinationId = (session: Session, name: string): number => {
  const found = findDestination(session, name)
  if (found !== null) return found
  const row = session.one<{ id: number }>("INSERT INTO destination (name) VALUES (?) RETURNING id", [name])
  session.interned.destinations.set(name, row!.id)
  return row!.id
}
