/**
 * The reference model of store and queue: what they must do, written as simply as can be, with every entry there ever was kept
 * and every figure counted anew. It imports nothing but types, so that no implementation can be wrong together with it.
 *
 * @since 0.1.0
 */
import type * as Ledger from "../domain/Ledger.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface ModelOwner {
  readonly id: string
  readonly pid: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ModelBatch {
  readonly destination: string
  key: string | null
  readonly faults: number
  owner: ModelOwner | null
  until: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ModelEntry {
  readonly destination: string
  readonly seq: number
  /** Where it is, or the term it ended as. */
  place: "waiting" | "dead" | "withheld" | "delivered" | `dropped:${Ledger.DropReason}`
  attempts: number
  due: number | null
  batch: ModelBatch | null
}

/** @internal */
export interface ModelDestination {
  clock: number
  submitter: { owner: ModelOwner; until: number } | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface QueueModel {
  readonly events: Map<number, RedactedEvent>
  readonly entries: Array<ModelEntry>
  readonly destinations: Map<string, ModelDestination>
  readonly capture: Record<string, number>
  lastSeq: number
}

const dayMillis = 86_400_000
const ranks = { basic: 0, enhanced: 1, full: 2 } as const

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): QueueModel => ({
  events: new Map(),
  entries: [],
  destinations: new Map(),
  capture: {},
  lastSeq: 0
})

/** @internal */
export const destination = (self: QueueModel, id: string): ModelDestination => {
  let found = self.destinations.get(id)
  if (found === undefined) self.destinations.set(id, found = { clock: 0, submitter: null })
  return found
}

const isLeased = (entry: ModelEntry): boolean => entry.batch !== null && entry.batch.owner !== null

/** @internal */
export const isFree = (entry: ModelEntry): boolean => entry.place === "waiting" && !isLeased(entry)

/** @internal */
export const at = (self: QueueModel, id: string): ReadonlyArray<ModelEntry> =>
  self.entries.filter((entry) => entry.destination === id)

/** @internal */
export const membersOf = (self: QueueModel, batch: ModelBatch): ReadonlyArray<ModelEntry> =>
  self.entries.filter((entry) => entry.batch === batch)

const end = (entry: ModelEntry, place: ModelEntry["place"]): void => {
  if (entry.batch !== null) entry.batch.key = null
  entry.batch = null
  entry.due = null
  entry.place = place
}

/**
 * @since 0.1.0
 * @category operations
 */
export const append = (
  self: QueueModel,
  events: ReadonlyArray<RedactedEvent>,
  destinations: ReadonlyArray<string>,
  counts: Readonly<Record<string, number>>,
  queueLimit: number
): { recorded: number; overflowed: number; waiting: number } => {
  const first = self.lastSeq + 1
  for (const event of events) self.events.set(++self.lastSeq, event)
  for (const [term, count] of Object.entries({ ...counts, recorded: events.length })) {
    self.capture[term] = (self.capture[term] ?? 0) + count
  }
  let overflowed = 0
  let waiting = 0
  for (const id of destinations) {
    destination(self, id)
    events.forEach((event, i) =>
      self.entries.push({
        destination: id,
        seq: first + i,
        place: event.context.remote ? "waiting" : "withheld",
        attempts: 0,
        due: null,
        batch: null
      })
    )
    const free = at(self, id).filter(isFree)
    const surplus = free.slice(0, Math.max(0, free.length - queueLimit))
    for (const entry of surplus) end(entry, "dropped:overflow")
    overflowed += surplus.length
    waiting = Math.max(waiting, free.length - surplus.length)
  }
  return { recorded: events.length, overflowed, waiting }
}

/**
 * @since 0.1.0
 * @category operations
 */
export const withhold = (self: QueueModel, id: string, sendable: ReadonlySet<string>): number => {
  const moved = at(self, id).filter((e) => isFree(e) && !sendable.has(self.events.get(e.seq)!.context.epoch))
  for (const entry of moved) end(entry, "withheld")
  return moved.length
}

/**
 * @since 0.1.0
 * @category operations
 */
export const relevel = (
  self: QueueModel,
  level: keyof typeof ranks,
  lower: (event: RedactedEvent) => RedactedEvent | null
): { changed: number; dropped: number } => {
  const result = { changed: 0, dropped: 0 }
  for (const seq of new Set(self.entries.filter(isFree).map((entry) => entry.seq))) {
    const event = self.events.get(seq)!
    if (ranks[event.context.level] <= ranks[level]) continue
    const lowered = lower(event)
    const entries = self.entries.filter((entry) => entry.seq === seq)
    if (lowered === null) {
      for (const entry of entries.filter(isFree)) {
        end(entry, "dropped:level")
        result.dropped++
      }
    } else {
      const lowest = ranks[lowered.context.level] < ranks[level] ? lowered.context.level : level
      self.events.set(seq, { ...lowered, context: { ...lowered.context, level: lowest } })
      for (const entry of entries) if (entry.batch !== null) entry.batch.key = null
      result.changed++
    }
  }
  return result
}

/**
 * @since 0.1.0
 * @category operations
 */
export const expire = (
  self: QueueModel,
  request: { readonly before: number | null; readonly maxBytes: 0 | null; readonly limit: number }
): number => {
  const leased = new Set(self.entries.filter(isLeased).map((entry) => entry.seq))
  const day = (time: number) => Math.floor(time / dayMillis)
  const { before } = request
  const old = before === null
    ? []
    : [...self.events].filter(([seq, event]) => event.time < before && !leased.has(seq))
      .sort(([a, x], [b, y]) => day(x.time) - day(y.time) || a - b).map(([seq]) => seq).slice(0, request.limit)
  const rest = [...self.events.keys()].filter((seq) => !leased.has(seq) && !old.includes(seq))
  const much = request.maxBytes === null ? [] : rest.slice(0, request.limit - old.length)
  for (const seq of [...old, ...much]) {
    self.events.delete(seq)
    for (const entry of self.entries) {
      if (entry.seq === seq && ["waiting", "dead", "withheld"].includes(entry.place)) end(entry, "dropped:expired")
    }
  }
  return old.length + much.length
}

const dead = (self: QueueModel, id: string, ids: ReadonlyArray<number> | undefined) =>
  at(self, id).filter((entry) => entry.place === "dead" && (ids === undefined || ids.includes(entry.seq)))

/**
 * @since 0.1.0
 * @category operations
 */
export const requeue = (self: QueueModel, id: string, ids?: ReadonlyArray<number>): number => {
  const entries = dead(self, id, ids)
  for (const entry of entries) {
    entry.place = "waiting"
    entry.attempts = 0
  }
  return entries.length
}

/**
 * @since 0.1.0
 * @category operations
 */
export const purge = (self: QueueModel, id: string, ids?: ReadonlyArray<number>): number => {
  const entries = dead(self, id, ids)
  for (const entry of entries) end(entry, "dropped:purged")
  return entries.length
}

/**
 * @since 0.1.0
 * @category operations
 */
export const clearQueue = (self: QueueModel, id: string): number => {
  const entries = at(self, id).filter((entry) => entry.place === "dead" || isFree(entry))
  for (const entry of entries) end(entry, "dropped:cleared")
  return entries.length
}

/**
 * @since 0.1.0
 * @category operations
 */
export const clear = (self: QueueModel): { events: number; queue: number } => {
  const events = self.events.size
  let queue = 0
  for (const entry of self.entries) {
    if (entry.place === "waiting" || entry.place === "dead") queue++
    if (["waiting", "dead", "withheld"].includes(entry.place)) end(entry, "dropped:cleared")
  }
  self.events.clear()
  return { events, queue }
}

/**
 * The state of an entry as the ledger counts it.
 *
 * @since 0.1.0
 * @category getters
 */
export const termOf = (entry: ModelEntry): Ledger.DeliveryTerm =>
  entry.place !== "waiting" ? entry.place : isLeased(entry) ? "leased" : entry.attempts > 0 ? "retrying" : "pending"

/**
 * Counted anew from every entry there ever was.
 *
 * @since 0.1.0
 * @category getters
 */
export const ledger = (self: QueueModel): Ledger.Snapshot => {
  const destinations: Record<string, Record<string, number>> = {}
  for (const entry of self.entries) {
    const terms = destinations[entry.destination] ??= {}
    terms["recorded"] = (terms["recorded"] ?? 0) + 1
    terms[termOf(entry)] = (terms[termOf(entry)] ?? 0) + 1
  }
  return { capture: self.capture, destinations }
}

/**
 * Entries of a queue in their order, as a list of it must show them.
 *
 * @since 0.1.0
 * @category getters
 */
export const list = (self: QueueModel, id: string, place: "waiting" | "dead"): ReadonlyArray<ModelEntry> =>
  at(self, id).filter((entry) => entry.place === place)
