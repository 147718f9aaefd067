/**
 * The submission queue in memory.
 *
 * @internal
 */
import * as Effect from "effect/Effect"

import { bucketOf } from "../Latency.js"
import type {
  ClaimedBatch,
  ClaimRequest,
  Owner,
  QueueCounts,
  QueueItem,
  Service,
  Settlement,
  StatsDelta,
  Verdict
} from "../SubmissionQueue.js"
import { utf8Length } from "../Utf8.js"
import * as Backend from "./Backend.js"
import * as Requests from "./Requests.js"

const isOver = (owner: Owner, until: number, request: Pick<ClaimRequest, "owner" | "now" | "isGone">): boolean =>
  until <= request.now || (owner.id !== request.owner.id && owner.pid !== null && request.isGone(owner.pid))

const claim = (self: Backend.Backend, request: ClaimRequest): ClaimedBatch | null => {
  const rows = Backend.destination(self, request.destination)
  Backend.followClock(rows, request.now)
  for (const batch of rows.batches.values()) {
    if (batch.owner !== null && isOver(batch.owner, batch.until, request)) Backend.release(rows, batch)
  }
  for (const entry of rows.deferred) {
    if (entry.due !== null && entry.due <= request.now) Backend.change(rows, entry, (e) => e.due = null)
  }
  const taken: Array<Backend.Entry> = []
  let head: Backend.Batch | null = null
  let bytes = 0
  let fits = true
  for (const entry of rows.entries.values()) {
    if (entry.kind !== "waiting" || entry.due !== null || Backend.isLeased(entry)) continue
    if (taken.length === 0) head = entry.batch
    else if (head === null && entry.batch !== null) break
    if (entry.batch !== head) continue
    bytes += utf8Length(self.events.get(entry.seq)!.data)
    fits = taken.length < request.limit && (taken.length === 0 || bytes <= request.maxBytes)
    if (!fits) break
    taken.push(entry)
  }
  if (taken.length === 0) return null
  const batch: Backend.Batch = {
    id: ++self.lastBatch,
    key: head !== null && fits ? head.key ?? request.newKey : request.newKey,
    faults: head === null ? 0 : head.faults,
    members: new Map(taken.map((entry) => [entry.seq, entry])),
    owner: request.owner,
    until: request.leaseUntil
  }
  if (head !== null) {
    for (const entry of head.members.values()) entry.batch = null
    rows.batches.delete(head.id)
  }
  for (const entry of taken) Backend.change(rows, entry, (e) => e.batch = batch)
  rows.batches.set(batch.id, batch)
  return {
    id: batch.id,
    destination: rows.id,
    key: batch.key ?? request.newKey,
    faults: batch.faults,
    events: taken.map((entry) => ({
      seq: entry.seq,
      attempts: entry.attempts,
      event: self.events.get(entry.seq)!
    }))
  }
}

const owned = (rows: Backend.DestinationRows, id: number, owner: Owner): Backend.Batch | null => {
  const batch = rows.batches.get(id)
  return batch !== undefined && batch.owner !== null && batch.owner.id === owner.id ? batch : null
}

const apply = (rows: Backend.DestinationRows, entry: Backend.Entry, verdict: Verdict): void => {
  switch (verdict._tag) {
    case "Delivered": {
      entry.batch = null
      Backend.add(rows.ledger, "leased", -1)
      Backend.add(rows.ledger, "delivered", 1)
      rows.entries.delete(entry.seq)
      return
    }
    case "Release":
      return Backend.change(rows, entry, (e) => e.batch = null)
    case "Retry":
      return Backend.change(rows, entry, (e) => {
        e.batch = null
        e.attempts++
        e.due = verdict.dueAt
        e.error = verdict.error
      })
    case "Bury":
      return Backend.change(rows, entry, (e) => {
        e.batch = null
        e.kind = "dead"
        e.error = verdict.error
      })
    case "Withhold":
      return Backend.change(rows, entry, (e) => {
        e.batch = null
        e.kind = "withheld"
      })
  }
}

const settle = (self: Backend.Backend, settlement: Settlement): number => {
  const rows = Backend.destination(self, settlement.batch.destination)
  Backend.followClock(rows, settlement.now)
  Backend.setClock(rows, settlement.now)
  rows.state = settlement.state
  addStats(rows, settlement.stats)
  Requests.add(rows, settlement)
  const batch = owned(rows, settlement.batch.id, settlement.owner)
  if (batch === null) return 0
  const members = [...batch.members.values()]
  const free = new Map<number, Backend.Entry>()
  for (const entry of members) {
    const verdict = settlement.verdicts.get(entry.seq) ?? { _tag: "Release" }
    apply(rows, entry, verdict)
    if (verdict._tag === "Release") free.set(entry.seq, entry)
  }
  rows.batches.delete(batch.id)
  for (const group of settlement.groups) {
    const kept: Backend.Batch = {
      id: ++self.lastBatch,
      key: null,
      faults: group.faults,
      members: new Map(),
      owner: null,
      until: 0
    }
    for (const seq of group.seqs) {
      const entry = free.get(seq)
      if (entry === undefined) continue
      free.delete(seq)
      entry.batch = kept
      kept.members.set(seq, entry)
    }
    if (kept.members.size === 0) continue
    const same = kept.members.size === group.seqs.length
    kept.key = same && (group.key !== settlement.batch.key || batch.key === group.key) ? group.key : null
    rows.batches.set(kept.id, kept)
  }
  return members.length
}

const addStats = (rows: Backend.DestinationRows, delta: StatsDelta): void => {
  const old = rows.stats
  const latency = delta.latencyMs
  rows.stats = {
    requests: old.requests + (delta.requests ?? 0),
    failedRequests: old.failedRequests + (delta.failedRequests ?? 0),
    networkErrors: old.networkErrors + (delta.networkErrors ?? 0),
    submitted: old.submitted + (delta.submitted ?? 0),
    rejected: old.rejected + (delta.rejected ?? 0),
    failed: old.failed + (delta.failed ?? 0),
    retries: old.retries + (delta.retries ?? 0),
    bytes: old.bytes + (delta.bytes ?? 0),
    latencySumMs: old.latencySumMs + (latency ?? 0),
    latencyCount: old.latencyCount + (latency === undefined ? 0 : 1)
  }
  if (latency !== undefined) Backend.add(rows.latency, bucketOf(latency), 1)
}

const withhold = (self: Backend.Backend, id: string, sendable: ReadonlySet<string>): number => {
  const rows = Backend.destination(self, id)
  let moved = 0
  for (const entry of rows.entries.values()) {
    if (entry.kind !== "waiting" || Backend.isLeased(entry)) continue
    if (sendable.has(self.events.get(entry.seq)!.context.epoch)) continue
    Backend.detach(rows, entry)
    Backend.change(rows, entry, (e) => {
      e.kind = "withheld"
      e.batch = null
      e.due = null
    })
    moved++
  }
  return moved
}

const counts = (self: Backend.Backend, id: string): QueueCounts => {
  const rows = Backend.destination(self, id)
  const of = (term: "pending" | "retrying" | "leased" | "dead") => rows.ledger.get(term) ?? 0
  let oldestQueuedAt: number | null = null
  for (const entry of rows.entries.values()) {
    if (entry.kind !== "waiting") continue
    oldestQueuedAt = self.events.get(entry.seq)!.time
    break
  }
  const [pending, retrying, leased, dead] = [of("pending"), of("retrying"), of("leased"), of("dead")]
  return { pending, retrying, leased, dead, total: pending + retrying + leased + dead, oldestQueuedAt }
}

const nextDue = (
  self: Backend.Backend,
  id: string,
  now: number,
  isGone: (pid: number) => boolean
): number | null => {
  let next: number | null = null
  for (const entry of Backend.destination(self, id).entries.values()) {
    if (entry.kind !== "waiting") continue
    const owner = entry.batch?.owner ?? null
    if (owner !== null && owner.pid !== null && isGone(owner.pid)) return now
    const due = entry.batch !== null && owner !== null ? entry.batch.until : entry.due ?? now
    if (due <= now) return now
    if (next === null || due < next) next = due
  }
  return next
}

const list = (
  self: Backend.Backend,
  id: string,
  which: "waiting" | "dead",
  after: number,
  limit: number
): ReadonlyArray<QueueItem> => {
  const out: Array<QueueItem> = []
  for (const entry of Backend.destination(self, id).entries.values()) {
    if (out.length >= limit) break
    if (entry.kind !== which || entry.seq <= after) continue
    const event = self.events.get(entry.seq)!
    out.push({
      id: entry.seq,
      eventId: event.id,
      eventType: event.type,
      state: Backend.stateOf(entry),
      queuedAt: event.time,
      attempts: entry.attempts,
      nextAttemptAt: entry.due,
      lastError: entry.error
    })
  }
  return out
}

const dead = (rows: Backend.DestinationRows, ids: ReadonlyArray<number> | undefined): ReadonlyArray<Backend.Entry> => {
  const wanted = ids === undefined ? null : new Set(ids)
  return [...rows.entries.values()].filter((e) => e.kind === "dead" && (wanted === null || wanted.has(e.seq)))
}

/** @internal */
export const make = (self: Backend.Backend): Service => {
  const at = (id: string) => Backend.destination(self, id)
  return {
    claim: (request) => Effect.sync(() => claim(self, request)),
    settle: (settlement) => Effect.sync(() => ({ settled: settle(self, settlement) })),
    settleThenClaim: (settlement, request) =>
      Effect.sync(() => ({ settled: settle(self, settlement), next: claim(self, request) })),
    renew: (batch, owner, until) =>
      Effect.sync(() => {
        const held = owned(at(batch.destination), batch.id, owner)
        if (held !== null) held.until = until
        return held !== null
      }),
    withhold: (id, sendable) => Effect.sync(() => withhold(self, id, sendable)),
    releaseAll: (owner) =>
      Effect.sync(() => {
        for (const rows of self.destinations.values()) {
          for (const batch of rows.batches.values()) if (batch.owner?.id === owner.id) Backend.release(rows, batch)
          if (rows.submitter?.owner.id === owner.id) rows.submitter = null
        }
      }),
    acquire: (id, owner, now, until, isGone) =>
      Effect.sync(() => {
        const rows = at(id)
        Backend.followClock(rows, now)
        const held = rows.submitter
        if (held !== null && held.owner.id !== owner.id && !isOver(held.owner, held.until, { owner, now, isGone })) {
          return false
        }
        rows.submitter = { owner, until }
        Backend.setClock(rows, now)
        return true
      }),
    state: (id) => Effect.sync(() => at(id).state),
    setState: (id, state) => Effect.sync(() => void (at(id).state = state)),
    stats: (id) => Effect.sync(() => ({ ...at(id).stats, latency: [...at(id).latency].sort((a, b) => a[0] - b[0]) })),
    counts: (id) => Effect.sync(() => counts(self, id)),
    nextDue: (id, now, isGone = () => false) => Effect.sync(() => nextDue(self, id, now, isGone)),
    requests: (id, limit) => Effect.sync(() => Requests.list(at(id), limit)),
    life: (id, event) => Effect.sync(() => Requests.life(self, id, event)),
    list: (id, which, after, limit) => Effect.sync(() => list(self, id, which, after, limit)),
    requeue: (id, ids) =>
      Effect.sync(() => {
        const entries = dead(at(id), ids)
        for (const entry of entries) {
          Backend.change(at(id), entry, (e) => {
            e.kind = "waiting"
            e.attempts = 0
            e.error = null
          })
        }
        return entries.length
      }),
    purge: (id, ids) =>
      Effect.sync(() => {
        const entries = dead(at(id), ids)
        for (const entry of entries) Backend.remove(at(id), entry, "dropped:purged")
        return entries.length
      }),
    clear: (id) =>
      Effect.sync(() => {
        const entries = [...at(id).entries.values()].filter((e) => e.kind !== "withheld" && !Backend.isLeased(e))
        for (const entry of entries) Backend.remove(at(id), entry, "dropped:cleared")
        return entries.length
      })
  }
}
