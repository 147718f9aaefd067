/**
 * What the memory store holds, and the few moves everything else is made of. Every move changes the ledger with the rows.
 *
 * @internal
 */
import * as Destination from "../../domain/Destination.js"
import type * as Ledger from "../../domain/Ledger.js"
import type * as Rollup from "../../domain/Rollup.js"
import type { Window } from "../../domain/RollupWindow.js"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import { noStats, type Owner, type RequestRecord, type Stats } from "../SubmissionQueue.js"
import { utf8Length } from "../Utf8.js"
import { clockToleranceMillis } from "../Wait.js"
import * as Rollups from "./Rollups.js"

/** @internal */
export interface Batch {
  readonly id: number
  /** Null once the batch is no longer the same events: the next claim gives it a new key. */
  key: string | null
  readonly faults: number
  readonly members: Map<number, Entry>
  owner: Owner | null
  until: number
}

/** @internal */
export interface Entry {
  readonly seq: number
  kind: "waiting" | "dead" | "withheld"
  attempts: number
  due: number | null
  error: string | null
  batch: Batch | null
}

/** @internal */
export interface DestinationRows {
  readonly id: string
  /** In the order of recording: an entry is added once and changes in place. */
  readonly entries: Map<number, Entry>
  readonly deferred: Set<Entry>
  readonly batches: Map<number, Batch>
  readonly ledger: Map<Ledger.DeliveryTerm, number>
  readonly latency: Map<number, number>
  readonly requests: Array<RequestRecord>
  stats: Omit<Stats, "latency">
  state: Destination.DestinationState
  submitter: { readonly owner: Owner; until: number } | null
  clock: number
}

/** @internal */
export interface Backend {
  readonly events: Map<number, RedactedEvent>
  readonly capture: Map<Ledger.CaptureTerm, number>
  readonly destinations: Map<string, DestinationRows>
  readonly rollups: Rollups.Table
  readonly windows: Map<string, { readonly window: Window; readonly sum: Rollup.Sum }>
  lastSeq: number
  lastBatch: number
  bytes: number
}

/** @internal */
export const make = (): Backend => ({
  events: new Map(),
  capture: new Map(),
  destinations: new Map(),
  rollups: Rollups.makeTable(),
  windows: new Map(),
  lastSeq: 0,
  lastBatch: 0,
  bytes: 0
})

/** @internal */
export const destination = (self: Backend, id: string): DestinationRows => {
  const known = self.destinations.get(id)
  if (known !== undefined) return known
  const made: DestinationRows = {
    id,
    entries: new Map(),
    deferred: new Set(),
    batches: new Map(),
    ledger: new Map(),
    latency: new Map(),
    requests: [],
    stats: noStats,
    state: Destination.initial,
    submitter: null,
    clock: 0
  }
  self.destinations.set(id, made)
  return made
}

/** @internal */
export const add = <K>(counts: Map<K, number>, key: K, amount: number): void => {
  if (amount !== 0) counts.set(key, (counts.get(key) ?? 0) + amount)
}

/** @internal */
export const isLeased = (entry: Entry): boolean => entry.batch !== null && entry.batch.owner !== null

/** @internal */
export const stateOf = (entry: Entry): Ledger.DeliveryState =>
  entry.kind !== "waiting"
    ? entry.kind
    : isLeased(entry)
    ? "leased"
    : entry.attempts > 0
    ? "retrying"
    : "pending"

/** Changes an entry and counts it under its new state. */
export const change = (rows: DestinationRows, entry: Entry, f: (entry: Entry) => void): void => {
  add(rows.ledger, stateOf(entry), -1)
  f(entry)
  if (entry.due === null) rows.deferred.delete(entry)
  else rows.deferred.add(entry)
  add(rows.ledger, stateOf(entry), 1)
}

/** Takes an entry out of its batch, which then is no longer the same events. */
export const detach = (rows: DestinationRows, entry: Entry): void => {
  const batch = entry.batch
  if (batch === null) return
  batch.members.delete(entry.seq)
  batch.key = null
  if (batch.members.size === 0) rows.batches.delete(batch.id)
}

/** Removes an entry for good, counted under `term`. */
export const remove = (rows: DestinationRows, entry: Entry, term: Ledger.DeliveryTerm): void => {
  add(rows.ledger, stateOf(entry), -1)
  add(rows.ledger, term, 1)
  detach(rows, entry)
  rows.deferred.delete(entry)
  rows.entries.delete(entry.seq)
}

/** Ends the lease of a batch; its events stay together under its key. */
export const release = (rows: DestinationRows, batch: Batch): void => {
  for (const entry of batch.members.values()) add(rows.ledger, stateOf(entry), -1)
  batch.owner = null
  for (const entry of batch.members.values()) add(rows.ledger, stateOf(entry), 1)
}

/** When the clock was put back, every wait keeps its length by the new clock. */
export const followClock = (rows: DestinationRows, now: number): void => {
  if (now >= rows.clock - clockToleranceMillis) return
  const jump = rows.clock - now
  for (const entry of rows.deferred) if (entry.due !== null) entry.due -= jump
  for (const batch of rows.batches.values()) batch.until -= jump
  if (rows.submitter !== null) rows.submitter.until -= jump
  rows.clock = now
}

/** Remembers the time a destination was told. */
export const setClock = (rows: DestinationRows, now: number): void => {
  rows.clock = Math.max(rows.clock, now)
}

/** @internal */
export const eventBytes = (event: RedactedEvent): number => utf8Length(event.data) + 64
