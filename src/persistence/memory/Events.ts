/**
 * The event store in memory.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Ledger from "../../domain/Ledger.js"
import * as Level from "../../domain/Level.js"
import * as Rollup from "../../domain/Rollup.js"
import * as RollupWindow from "../../domain/RollupWindow.js"
import { type RedactedEvent, unsafeRedacted } from "../../domain/TelemetryEvent.js"
import type { AppendGroup, AppendResult, EventFilter, ExpireRequest, Service, StoredEvent } from "../EventStore.js"
import { dayMillis } from "../Wait.js"
import * as Backend from "./Backend.js"
import * as Rollups from "./Rollups.js"

/** @internal */
export const append = (self: Backend.Backend, group: AppendGroup): AppendResult => {
  const first = self.lastSeq + 1
  for (const event of group.events) {
    self.events.set(++self.lastSeq, event)
    self.bytes += Backend.eventBytes(event)
  }
  for (const term of Object.keys(group.counts) as Array<keyof AppendGroup["counts"]>) {
    Backend.add(self.capture, term, group.counts[term] ?? 0)
  }
  Backend.add(self.capture, "recorded", group.events.length)
  Rollups.add(self.rollups, group.rollups ?? [])
  for (const window of group.windows ?? []) {
    const key = RollupWindow.keyOf(window)
    const open = self.windows.get(key) ?? { window, sum: Rollup.unsafeMake() }
    self.windows.set(key, open)
    Rollup.unsafeAdd(open.sum, window)
  }
  let overflowed = 0
  let fullest = 0
  for (const id of group.destinations) {
    const rows = Backend.destination(self, id)
    group.events.forEach((event, i) => enter(rows, first + i, event, group.keptBack))
    overflowed += makeRoom(rows, group.queueLimit)
    fullest = Math.max(fullest, waiting(rows))
  }
  return { recorded: group.events.length, overflowed, waiting: fullest }
}

const enter = (
  rows: Backend.DestinationRows,
  seq: number,
  event: RedactedEvent,
  keptBack: AppendGroup["keptBack"]
): void => {
  const kind = event.context.remote && keptBack?.has(event.type) !== true ? "waiting" : "withheld"
  const entry: Backend.Entry = { seq, kind, attempts: 0, due: null, error: null, batch: null }
  rows.entries.set(seq, entry)
  Backend.add(rows.ledger, "recorded", 1)
  Backend.add(rows.ledger, Backend.stateOf(entry), 1)
}

const waiting = (rows: Backend.DestinationRows): number =>
  (rows.ledger.get("pending") ?? 0) + (rows.ledger.get("retrying") ?? 0)

const makeRoom = (rows: Backend.DestinationRows, limit: number): number => {
  let excess = waiting(rows) - limit
  if (excess <= 0) return 0
  const removed = excess
  for (const entry of rows.entries.values()) {
    if (excess === 0) break
    if (entry.kind !== "waiting" || Backend.isLeased(entry)) continue
    Backend.remove(rows, entry, "dropped:overflow")
    excess--
  }
  return removed
}

const matches = (event: RedactedEvent, filter: EventFilter): boolean =>
  (filter.from === undefined || event.time >= filter.from) &&
  (filter.to === undefined || event.time < filter.to) &&
  (filter.type === undefined || event.type === filter.type)

const removeEvent = (self: Backend.Backend, seq: number, term: Ledger.DeliveryTerm): void => {
  const event = self.events.get(seq)
  if (event === undefined) return
  for (const rows of self.destinations.values()) {
    const entry = rows.entries.get(seq)
    if (entry !== undefined) Backend.remove(rows, entry, term)
  }
  self.events.delete(seq)
  self.bytes -= Backend.eventBytes(event)
}

const expire = (self: Backend.Backend, request: ExpireRequest): number => {
  const isLeased = (seq: number): boolean => {
    for (const rows of self.destinations.values()) {
      const entry = rows.entries.get(seq)
      if (entry !== undefined && Backend.isLeased(entry)) return true
    }
    return false
  }
  const { before, maxBytes } = request
  let removed = 0
  if (before !== null) {
    const old = [...self.events].filter(([seq, event]) => event.time < before && !isLeased(seq))
    old.sort(([a, x], [b, y]) => Math.floor(x.time / dayMillis) - Math.floor(y.time / dayMillis) || a - b)
    for (const [seq] of old.slice(0, request.limit)) {
      removeEvent(self, seq, "dropped:expired")
      removed++
    }
  }
  if (maxBytes !== null) {
    for (const seq of self.events.keys()) {
      if (removed >= request.limit || self.bytes <= maxBytes) break
      if (isLeased(seq)) continue
      removeEvent(self, seq, "dropped:expired")
      removed++
    }
  }
  return removed
}

const clear = (self: Backend.Backend) => {
  const events = self.events.size
  let queue = 0
  for (const rows of self.destinations.values()) {
    for (const entry of rows.entries.values()) {
      if (entry.kind !== "withheld") queue++
      Backend.remove(rows, entry, "dropped:cleared")
    }
  }
  for (const rows of self.destinations.values()) rows.requests.length = 0
  self.events.clear()
  Rollups.clear(self.rollups)
  self.windows.clear()
  self.bytes = 0
  return { events, queue }
}

const relevel = (self: Backend.Backend, level: Level.Level, lower: (event: RedactedEvent) => RedactedEvent | null) => {
  let changed = 0
  let dropped = 0
  const seen = new Set<number>()
  for (const rows of self.destinations.values()) {
    for (const entry of rows.entries.values()) {
      if (entry.kind !== "waiting" || Backend.isLeased(entry) || seen.has(entry.seq)) continue
      const event = self.events.get(entry.seq)
      if (event === undefined || Level.includes(level, event.context.level)) continue
      seen.add(entry.seq)
      const lowered = lower(event)
      if (lowered === null) {
        for (const other of self.destinations.values()) dropped += dropWaiting(other, entry.seq)
      } else {
        const context = { ...lowered.context, level: Level.min(lowered.context.level, level) }
        const stored = unsafeRedacted({ ...lowered, context })
        self.bytes += Backend.eventBytes(stored) - Backend.eventBytes(event)
        self.events.set(entry.seq, stored)
        for (const other of self.destinations.values()) {
          const batch = other.entries.get(entry.seq)?.batch
          if (batch) batch.key = null
        }
        changed++
      }
    }
  }
  return { changed, dropped }
}

const dropWaiting = (rows: Backend.DestinationRows, seq: number): number => {
  const entry = rows.entries.get(seq)
  if (entry === undefined || entry.kind !== "waiting" || Backend.isLeased(entry)) return 0
  Backend.remove(rows, entry, "dropped:level")
  return 1
}

/** @internal */
export const make = (self: Backend.Backend): Service => ({
  warm: Effect.void,
  exists: Effect.sync(() => self.lastSeq > 0 || self.capture.size > 0),
  append: (group) => Effect.sync(() => append(self, group)),
  read: (request) =>
    Effect.sync(() => {
      const out: Array<StoredEvent> = []
      for (const [seq, event] of self.events) {
        if (out.length >= request.limit) break
        if (seq > request.after && matches(event, request)) out.push({ seq, event })
      }
      return out
    }),
  size: Effect.sync(() => {
    const oldest = self.events.values().next()
    return { events: self.events.size, bytes: 0, oldest: oldest.done === true ? null : oldest.value.time }
  }),
  ledger: Effect.sync((): Ledger.Snapshot => ({
    capture: Object.fromEntries(self.capture),
    destinations: Object.fromEntries([...self.destinations].map(([id, rows]) => [id, Object.fromEntries(rows.ledger)]))
  })),
  damaged: Effect.succeed({ setAside: 0, kept: [] }),
  clear: Effect.sync(() => clear(self)),
  expire: (request) => Effect.sync(() => ({ removed: expire(self, request) })),
  relevel: (level, lower) => Effect.sync(() => relevel(self, level, lower))
})
