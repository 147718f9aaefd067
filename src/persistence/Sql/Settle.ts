/**
 * What became of a batch, with the state of its destination and the figures, in one transaction.
 *
 * @internal
 */
import type { DestinationState } from "../../domain/Destination.js"
import { bucketOf } from "../Latency.js"
import type { Settlement, StatsDelta, Verdict } from "../SubmissionQueue.js"
import * as Batches from "./Batches.js"
import * as Entries from "./Entries.js"
import * as Interned from "./Interned.js"
import * as Requests from "./Requests.js"
import { insertMany, ranges, type Session, type Value } from "./Session.js"
import * as Tally from "./Tally.js"

const release: Verdict = { _tag: "Release" }

/**
 * @internal
 */
export const stateColumns: ReadonlyArray<readonly [column: string, field: keyof DestinationState]> = [
  ["failures", "failures"],
  ["next_attempt_at", "nextAttemptAt"],
  ["retry_after", "retryAfter"],
  ["paused", "paused"],
  ["fingerprint", "fingerprint"],
  ["last_error", "lastError"],
  ["last_attempt_at", "lastAttemptAt"],
  ["last_success_at", "lastSuccessAt"]
]

const statColumns: ReadonlyArray<readonly [column: string, field: Exclude<keyof StatsDelta, "latencyMs">]> = [
  ["requests", "requests"],
  ["failed_requests", "failedRequests"],
  ["network_errors", "networkErrors"],
  ["submitted", "submitted"],
  ["rejected", "rejected"],
  ["failed", "failed"],
  ["retries", "retries"],
  ["bytes", "bytes"]
]

const updateState = stateColumns.map(([column]) => column + " = ?").join(", ")

const updateStats = statColumns.map(([column]) => `${column} = ${column} + ?`).join(", ")

/** @internal */
export const setState = (session: Session, destination: number, state: DestinationState) =>
  session.run(`UPDATE destination SET ${updateState} WHERE id = ?`, [
    ...stateColumns.map(([, field]) => state[field]),
    destination
  ])

const record = (session: Session, destination: number, settlement: Settlement) => {
  const { now, state, stats } = settlement
  const latency = stats.latencyMs
  session.run(
    `UPDATE destination SET ${updateState}, ${updateStats}, clock = max(clock, ?),
       latency_sum_ms = latency_sum_ms + ?, latency_count = latency_count + ? WHERE id = ?`,
    [
      ...stateColumns.map(([, field]) => state[field]),
      ...statColumns.map(([, field]) => stats[field] ?? 0),
      now,
      latency ?? 0,
      latency === undefined ? 0 : 1,
      destination
    ]
  )
  if (latency === undefined) return
  session.run(
    "INSERT INTO latency (destination, bucket, count) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
    [destination, bucketOf(latency)]
  )
}

/** Everything delivered, the common case: one statement for the whole batch. */
const deliverAll = (session: Session, batch: Batches.BatchRow, tally: Tally.Tally) => {
  const settled = session.run(
    "DELETE FROM queue WHERE destination = ? AND seq BETWEEN ? AND ? AND batch = ?",
    [batch.destination, batch.first, batch.last, batch.id]
  )
  Tally.add(tally, "leased", -settled)
  Tally.add(tally, "delivered", settled)
  return settled
}

const isDelivered = (verdict: Verdict): boolean => verdict._tag === "Delivered"

const each = (session: Session, settlement: Settlement, batch: Batches.BatchRow, tally: Tally.Tally) => {
  const { destination, id } = batch
  const members = Batches.members(session, batch)
  const seqs = members.map((member) => member.seq)
  const deferred: Array<Value> = []
  const parked: Array<Value> = []
  const leaving = new Set<number>()
  for (const { attempts, context, seq } of members) {
    const verdict = settlement.verdicts.get(seq) ?? release
    const { consent } = Interned.contextOf(session, context)
    if (verdict._tag !== "Release") leaving.add(seq)
    switch (verdict._tag) {
      case "Delivered":
        Tally.add(tally, "delivered", 1)
        break
      case "Release":
        Tally.addWaiting(tally, attempts, consent, 1)
        break
      case "Retry":
        Tally.addWaiting(tally, 1, consent, 1)
        deferred.push(destination, seq, verdict.dueAt, (attempts ?? 0) + 1, verdict.error)
        break
      case "Bury":
        Tally.add(tally, "dead", 1)
        parked.push(destination, Entries.dead, seq, attempts ?? 0, verdict.error)
        break
      case "Withhold":
        Tally.add(tally, "withheld", 1)
        parked.push(destination, Entries.withheld, seq, attempts ?? 0, null)
        break
    }
  }
  Tally.add(tally, "leased", -members.length)
  for (const [from, to] of ranges(seqs, (seq) => leaving.has(seq))) {
    session.run("DELETE FROM queue WHERE destination = ? AND seq BETWEEN ? AND ? AND batch = ?", [
      destination,
      from,
      to,
      id
    ])
  }
  insertMany(session, "INSERT INTO deferred (destination, seq, due, attempts, error) VALUES", 5, deferred)
  insertMany(session, "INSERT INTO parked (destination, state, seq, attempts, error) VALUES", 5, parked)
  group(session, settlement, batch, seqs.filter((seq) => !leaving.has(seq)))
  return members.length
}

/** Released entries become batches of their own, or free. */
const group = (
  session: Session,
  settlement: Settlement,
  batch: Batches.BatchRow,
  released: ReadonlyArray<number>
): void => {
  const move = (from: number, to: number, id: number | null) =>
    session.run("UPDATE queue SET batch = ? WHERE destination = ? AND seq BETWEEN ? AND ? AND batch = ?", [
      id,
      batch.destination,
      from,
      to,
      batch.id
    ])
  const free = new Set(released)
  for (const { faults, key, seqs } of settlement.groups) {
    const members = [...new Set(seqs)].filter((seq) => free.has(seq)).sort((a, b) => a - b)
    if (members.length === 0) continue
    const same = members.length === seqs.length && (key !== settlement.batch.key || batch.key === key)
    const id = Batches.insert(session, {
      destination: batch.destination,
      key: same ? key : null,
      faults,
      first: members[0]!,
      last: members[members.length - 1]!,
      size: members.length,
      owner: null,
      pid: null,
      until: null
    })
    const mine = new Set(members)
    for (const [from, to] of ranges(released, (seq) => mine.has(seq))) move(from, to, id)
    for (const seq of members) free.delete(seq)
  }
  for (const [from, to] of ranges(released, (seq) => free.has(seq))) move(from, to, null)
}

/** @internal */
export const settle = (session: Session, settlement: Settlement): { settled: number } => {
  const destination = Interned.destinationId(session, settlement.batch.destination)
  Batches.followClock(session, destination, settlement.now)
  record(session, destination, settlement)
  Requests.add(session, destination, settlement)
  const batch = Batches.find(session, settlement.batch.id)
  if (batch === undefined || batch.destination !== destination || batch.owner !== settlement.owner.id) {
    return { settled: 0 }
  }
  const tally = Tally.make(destination)
  let all = settlement.verdicts.size === batch.size
  for (const verdict of settlement.verdicts.values()) all &&= isDelivered(verdict)
  const settled = all
    ? deliverAll(session, batch, tally)
    : each(session, settlement, batch, tally)
  Batches.remove(session, batch.id)
  Tally.write(tally, session)
  return { settled }
}
