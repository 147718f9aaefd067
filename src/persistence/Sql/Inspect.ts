/**
 * Questions to the queue. None of them changes anything, nor enters a destination that is not there yet.
 *
 * @internal
 */
import * as Destination from "../../domain/Destination.js"
import { noStats, type QueueCounts, type QueueItem, type Stats } from "../SubmissionQueue.js"
import * as Interned from "./Interned.js"
import { toUuid } from "./Rows.js"
import type { Session } from "./Session.js"

/** @internal */
export const state = (session: Session, name: string): Destination.DestinationState =>
  session.one<Destination.DestinationState>(
    `SELECT failures, next_attempt_at AS nextAttemptAt, retry_after AS retryAfter, paused, fingerprint,
       last_error AS lastError, last_attempt_at AS lastAttemptAt, last_success_at AS lastSuccessAt
       FROM destination WHERE name = ?`,
    [name]
  ) ?? Destination.initial

/** @internal */
export const stats = (session: Session, name: string): Stats => {
  const row = session.one<Omit<Stats, "latency">>(
    `SELECT requests, failed_requests AS failedRequests, network_errors AS networkErrors, submitted, rejected,
       failed, retries, bytes, latency_sum_ms AS latencySumMs, latency_count AS latencyCount
       FROM destination WHERE name = ?`,
    [name]
  )
  if (row === undefined) return noStats
  const latency = session.all<{ bucket: number; count: number }>(
    `SELECT bucket, count FROM latency WHERE destination = (SELECT id FROM destination WHERE name = ?)
       ORDER BY bucket`,
    [name]
  )
  return { ...row, latency: latency.map(({ bucket, count }) => [bucket, count] as const) }
}

/** @internal */
export const counts = (session: Session, name: string): QueueCounts => {
  const destination = (Interned.findDestination(session, name)) ?? -1
  const found = { pending: 0, retrying: 0, leased: 0, dead: 0 }
  const rows = session.all<{ term: keyof typeof found; n: number }>(
    `SELECT term, sum(count) AS n FROM ledger
       WHERE destination = ? AND term IN ('pending', 'retrying', 'leased', 'dead') GROUP BY term`,
    [destination]
  )
  for (const { n, term } of rows) found[term] = n
  const oldest = session.one<{ time: number }>(
    `SELECT time FROM event WHERE seq = (SELECT min(seq) FROM (
         SELECT min(seq) AS seq FROM queue WHERE destination = ?
         UNION ALL SELECT min(seq) FROM deferred WHERE destination = ?))`,
    [destination, destination]
  )
  const total = found.pending + found.retrying + found.leased + found.dead
  return { ...found, total, oldestQueuedAt: oldest?.time ?? null }
}

/** @internal */
export const nextDueRows = `SELECT min(at) AS at FROM (
  SELECT ? AS at WHERE EXISTS (
    SELECT 1 FROM queue q WHERE q.destination = ?
    AND (q.batch IS NULL OR q.batch NOT IN (SELECT id FROM batch WHERE owner IS NOT NULL)))
  UNION ALL SELECT max(min(until), ?) FROM batch WHERE destination = ? AND owner IS NOT NULL
  UNION ALL SELECT max(min(due), ?) FROM deferred WHERE destination = ?)`

/** @internal */
export const nextDue = (
  session: Session,
  name: string,
  now: number,
  isGone: (pid: number) => boolean = () => false
): number | null => {
  const destination = (Interned.findDestination(session, name)) ?? -1
  const row = session.one<{ at: number | null }>(nextDueRows, [
    now,
    destination,
    now,
    destination,
    now,
    destination
  ])
  const at = row?.at ?? null
  if (at === null || at <= now) return at
  const holders = session.all<{ pid: number }>(
    "SELECT DISTINCT pid FROM batch WHERE destination = ? AND owner IS NOT NULL AND pid IS NOT NULL",
    [destination]
  )
  return holders.some(({ pid }) => isGone(pid)) ? now : at
}

interface ItemRow {
  readonly seq: number
  readonly id: string
  readonly type: number
  readonly time: number
  readonly attempts: number | null
  readonly due: number | null
  readonly error: string | null
  readonly leased: number
}

const item = "lower(hex(e.id)) AS id, e.type, e.time"

/** @internal */
export const listRows = {
  queue: `SELECT q.seq, ${item}, q.attempts, NULL AS due, q.error,
    coalesce(q.batch IN (SELECT id FROM batch WHERE owner IS NOT NULL), 0) AS leased
    FROM queue q CROSS JOIN event e ON e.seq = q.seq WHERE q.destination = ? AND q.seq > ? ORDER BY q.seq LIMIT ?`,
  deferred: `SELECT d.seq, ${item}, d.attempts, d.due, d.error, 0 AS leased
    FROM deferred d CROSS JOIN event e ON e.seq = d.seq WHERE d.destination = ? AND d.seq > ? ORDER BY d.seq LIMIT ?`,
  dead: `SELECT p.seq, ${item}, p.attempts, NULL AS due, p.error, 0 AS leased FROM parked p
    CROSS JOIN event e ON e.seq = p.seq WHERE p.destination = ? AND p.state = 1 AND p.seq > ? ORDER BY p.seq LIMIT ?`
} as const

/** @internal */
export const list = (
  session: Session,
  name: string,
  which: "waiting" | "dead",
  after: number,
  limit: number
): ReadonlyArray<QueueItem> => {
  const destination = (Interned.findDestination(session, name)) ?? -1
  const params = [destination, after, limit]
  const rows = which === "dead" ? session.all<ItemRow>(listRows.dead, params) : [
    ...session.all<ItemRow>(listRows.queue, params),
    ...session.all<ItemRow>(listRows.deferred, params)
  ].sort((a, b) => a.seq - b.seq).slice(0, limit)
  const out: Array<QueueItem> = []
  for (const row of rows) {
    const attempts = row.attempts ?? 0
    out.push({
      id: row.seq,
      eventId: toUuid(row.id),
      eventType: Interned.typeName(session, row.type),
      state: which === "dead" ? "dead" : row.leased !== 0 ? "leased" : attempts > 0 ? "retrying" : "pending",
      queuedAt: row.time,
      attempts,
      nextAttemptAt: row.due,
      lastError: row.error
    })
  }
  return out
}
