/**
 * The queue's state as one short text: what waits is mostly neighbours in the same state, and a run of them takes one line
 * whatever its length. Events, rollups and the log of requests are kept apart from it.
 *
 * @since 0.1.0
 */
import type * as Ledger from "../../domain/Ledger.js"
import * as Backend from "../../persistence/memory/Backend.js"
import type { Owner, RequestRecord } from "../../persistence/SubmissionQueue.js"

type Run = [
  first: number,
  count: number,
  kind: Backend.Entry["kind"],
  attempts: number,
  due: number | null,
  error: string | null,
  batch: number | null
]

type SavedBatch = [id: number, key: string | null, faults: number, owner: Owner | null, until: number]

interface SavedDestination extends Pick<Backend.DestinationRows, "id" | "stats" | "state" | "submitter" | "clock"> {
  readonly runs: ReadonlyArray<Run>
  readonly batches: ReadonlyArray<SavedBatch>
  readonly ledger: ReadonlyArray<readonly [Ledger.DeliveryTerm, number]>
  readonly latency: ReadonlyArray<readonly [number, number]>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Saved {
  readonly lastSeq: number
  readonly lastBatch: number
  readonly lastSeries: number
  readonly bytes: number
  readonly capture: ReadonlyArray<readonly [Ledger.CaptureTerm, number]>
  readonly destinations: ReadonlyArray<SavedDestination>
}

const continues = (run: Run, entry: Backend.Entry): boolean =>
  entry.seq === run[0] + run[1] && entry.kind === run[2] && entry.attempts === run[3] && entry.due === run[4] &&
  entry.error === run[5] && (entry.batch?.id ?? null) === run[6]

const runsOf = (entries: Iterable<Backend.Entry>): ReadonlyArray<Run> => {
  const runs: Array<Run> = []
  for (const entry of entries) {
    const last = runs.at(-1)
    if (last !== undefined && continues(last, entry)) last[1]++
    else runs.push([entry.seq, 1, entry.kind, entry.attempts, entry.due, entry.error, entry.batch?.id ?? null])
  }
  return runs
}

const saveDestination = (rows: Backend.DestinationRows): SavedDestination => ({
  id: rows.id,
  stats: rows.stats,
  state: rows.state,
  submitter: rows.submitter,
  clock: rows.clock,
  runs: runsOf(rows.entries.values()),
  batches: [...rows.batches.values()].map(({ faults, id, key, owner, until }) => [id, key, faults, owner, until]),
  ledger: [...rows.ledger],
  latency: [...rows.latency]
})

/**
 * @since 0.1.0
 * @category encoding
 */
export const save = (self: Backend.Backend): Saved => ({
  lastSeq: self.lastSeq,
  lastBatch: self.lastBatch,
  lastSeries: self.rollups.lastSeries,
  bytes: self.bytes,
  capture: [...self.capture],
  destinations: [...self.destinations.values()].map(saveDestination)
})

const loadDestination = (
  self: Backend.Backend,
  saved: SavedDestination,
  requests: ReadonlyArray<RequestRecord>
): void => {
  const rows = Backend.destination(self, saved.id)
  rows.stats = saved.stats
  rows.state = saved.state
  rows.submitter = saved.submitter === null ? null : { ...saved.submitter }
  rows.clock = saved.clock
  for (const [id, key, faults, owner, until] of saved.batches) {
    rows.batches.set(id, { id, key, faults, owner, until, members: new Map() })
  }
  for (const [first, count, kind, attempts, due, error, id] of saved.runs) {
    const batch = id === null ? null : rows.batches.get(id) ?? null
    for (let seq = first; seq < first + count; seq++) {
      const entry: Backend.Entry = { seq, kind, attempts, due, error, batch }
      rows.entries.set(seq, entry)
      if (due !== null) rows.deferred.add(entry)
      batch?.members.set(seq, entry)
    }
  }
  for (const [term, count] of saved.ledger) rows.ledger.set(term, count)
  for (const [bucket, count] of saved.latency) rows.latency.set(bucket, count)
  rows.requests.push(...requests)
}

/**
 * Puts what was saved in the place of what `self` holds, but for events, rollups and windows.
 *
 * @since 0.1.0
 * @category decoding
 */
export const load = (
  self: Backend.Backend,
  saved: Saved,
  requests: ReadonlyMap<string, ReadonlyArray<RequestRecord>>
): void => {
  self.lastSeq = saved.lastSeq
  self.lastBatch = saved.lastBatch
  self.rollups.lastSeries = saved.lastSeries
  self.bytes = saved.bytes
  self.capture.clear()
  for (const [term, count] of saved.capture) self.capture.set(term, count)
  self.destinations.clear()
  for (const one of saved.destinations) loadDestination(self, one, requests.get(one.id) ?? [])
}

/**
 * Before anything was kept.
 *
 * @since 0.1.0
 * @category constants
 */
export const nothing: Saved = {
  lastSeq: 0,
  lastBatch: 0,
  lastSeries: 0,
  bytes: 0,
  capture: [],
  destinations: []
}
