/**
 * The reference model, continued: claims, their settlement, and the right to submit.
 *
 * @since 0.1.0
 */
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import type { Verdict } from "../persistence/SubmissionQueue.js"
import {
  at,
  destination,
  isFree,
  membersOf,
  type ModelBatch,
  type ModelDestination,
  type ModelEntry,
  type ModelOwner,
  type QueueModel
} from "./QueueModel.js"

const clockTolerance = 60_000

const followClock = (self: QueueModel, id: string, now: number): ModelDestination => {
  const rows = destination(self, id)
  if (now < rows.clock - clockTolerance) {
    const jump = rows.clock - now
    const batches = new Set<ModelBatch>()
    for (const entry of at(self, id)) {
      if (entry.due !== null) entry.due -= jump
      if (entry.batch !== null) batches.add(entry.batch)
    }
    for (const batch of batches) batch.until -= jump
    if (rows.submitter !== null) rows.submitter.until -= jump
    rows.clock = now
  }
  return rows
}

/**
 * What a claim must give: the batch itself is the model's, to be settled with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelClaim {
  readonly batch: ModelBatch
  readonly key: string
  readonly entries: ReadonlyArray<ModelEntry>
  readonly attempts: ReadonlyArray<number>
}

/**
 * @since 0.1.0
 * @category operations
 */
export const claim = (
  self: QueueModel,
  request: {
    readonly destination: string
    readonly owner: ModelOwner
    readonly now: number
    readonly leaseUntil: number
    readonly limit: number
    readonly maxBytes: number
    readonly newKey: string
    readonly isGone: (pid: number) => boolean
    readonly bytes: (event: RedactedEvent) => number
  }
): ModelClaim | null => {
  if (!self.destinations.has(request.destination)) return null
  followClock(self, request.destination, request.now)
  const entries = at(self, request.destination).filter((entry) => entry.place === "waiting")
  for (const { batch } of entries) {
    if (batch === null || batch.owner === null) continue
    const gone = batch.owner.id !== request.owner.id && request.isGone(batch.owner.pid)
    if (batch.until <= request.now || gone) batch.owner = null
  }
  for (const entry of entries) if (entry.due !== null && entry.due <= request.now) entry.due = null
  const ready = entries.filter((entry) => isFree(entry) && entry.due === null)
  const head = ready[0]
  if (head === undefined) return null
  const kept = head.batch
  const stop = ready.findIndex((entry) => entry.batch !== null)
  const candidates = kept === null ? ready.slice(0, stop === -1 ? undefined : stop) : membersOf(self, kept)
  const taken: Array<ModelEntry> = []
  let bytes = 0
  for (const entry of candidates) {
    bytes += request.bytes(self.events.get(entry.seq)!)
    if (taken.length >= Math.max(1, request.limit) || (taken.length > 0 && bytes > request.maxBytes)) break
    taken.push(entry)
  }
  const whole = kept !== null && taken.length === candidates.length
  const key = whole ? kept.key ?? request.newKey : request.newKey
  const batch: ModelBatch = {
    destination: request.destination,
    key,
    faults: kept?.faults ?? 0,
    owner: request.owner,
    until: request.leaseUntil
  }
  if (kept !== null) { for (const entry of candidates) entry.batch = null }
  for (const entry of taken) entry.batch = batch
  return { batch, key, entries: taken, attempts: taken.map((entry) => entry.attempts) }
}

/**
 * @since 0.1.0
 * @category operations
 */
export const settle = (
  self: QueueModel,
  claimed: ModelClaim,
  owner: ModelOwner,
  now: number,
  verdicts: ReadonlyMap<number, Verdict>,
  groups: ReadonlyArray<{ readonly key: string; readonly seqs: ReadonlyArray<number>; readonly faults: number }>
): number => {
  const rows = followClock(self, claimed.batch.destination, now)
  rows.clock = Math.max(rows.clock, now)
  const { batch } = claimed
  const members = membersOf(self, batch)
  if (batch.owner === null || batch.owner.id !== owner.id || members.length === 0) return 0
  for (const entry of members) {
    const verdict = verdicts.get(entry.seq)
    entry.batch = null
    switch (verdict?._tag) {
      case "Delivered":
        entry.place = "delivered"
        break
      case "Retry":
        entry.attempts++
        entry.due = verdict.dueAt
        break
      case "Bury":
        entry.place = "dead"
        break
      case "Withhold":
        entry.place = "withheld"
        break
    }
  }
  const free = new Set(members.filter((entry) => entry.place === "waiting" && entry.due === null))
  for (const group of groups) {
    const kept: ModelBatch = { destination: batch.destination, key: null, faults: group.faults, owner: null, until: 0 }
    const mine = [...free].filter((entry) => group.seqs.includes(entry.seq))
    for (const entry of mine) {
      entry.batch = kept
      free.delete(entry)
    }
    const changed = group.key === claimed.key && batch.key === null
    if (mine.length === group.seqs.length && !changed) kept.key = group.key
  }
  return members.length
}

/**
 * @since 0.1.0
 * @category operations
 */
export const renew = (self: QueueModel, claimed: ModelClaim, owner: ModelOwner, until: number): boolean => {
  const held = claimed.batch.owner?.id === owner.id && membersOf(self, claimed.batch).length > 0
  if (held) claimed.batch.until = until
  return held
}

/**
 * @since 0.1.0
 * @category operations
 */
export const releaseAll = (self: QueueModel, owner: ModelOwner): void => {
  for (const { batch } of self.entries) if (batch?.owner?.id === owner.id) batch.owner = null
  for (const rows of self.destinations.values()) if (rows.submitter?.owner.id === owner.id) rows.submitter = null
}

/**
 * @since 0.1.0
 * @category operations
 */
export const acquire = (
  self: QueueModel,
  id: string,
  owner: ModelOwner,
  now: number,
  until: number,
  isGone: (pid: number) => boolean
): boolean => {
  const rows = followClock(self, id, now)
  const held = rows.submitter
  if (held !== null && held.owner.id !== owner.id && held.until > now && !isGone(held.owner.pid)) return false
  rows.submitter = { owner, until }
  rows.clock = Math.max(rows.clock, now)
  return true
}
