/**
 * The log of requests in memory, and what is known of one event.
 *
 * @internal
 */
import { type Life, maxRequests, type RequestRecord, type Settlement } from "../SubmissionQueue.js"
import * as Backend from "./Backend.js"

/** @internal */
export const add = (rows: Backend.DestinationRows, settlement: Settlement): void => {
  const { batch, now, place = null, state, stats } = settlement
  if ((stats.requests ?? 0) === 0) return
  rows.requests.push({
    at: now,
    place,
    key: batch.key,
    events: batch.events.length,
    first: batch.events[0]?.seq ?? 0,
    last: batch.events.at(-1)?.seq ?? 0,
    bytes: stats.bytes ?? 0,
    accepted: stats.submitted ?? 0,
    rejected: stats.rejected ?? 0,
    error: state.lastError
  })
  if (rows.requests.length > maxRequests) rows.requests.shift()
}

/** @internal */
export const list = (rows: Backend.DestinationRows, limit: number): ReadonlyArray<RequestRecord> =>
  rows.requests.slice(-limit).reverse()

/** @internal */
export const life = (self: Backend.Backend, name: string, id: number | string): Life | null => {
  const rows = Backend.destination(self, name)
  for (const [seq, event] of self.events) {
    if (typeof id === "number" ? seq !== id : event.id !== id) continue
    const entry = rows.entries.get(seq)
    return {
      seq,
      event,
      state: entry === undefined ? null : Backend.stateOf(entry),
      attempts: entry?.attempts ?? 0,
      nextAttemptAt: entry?.due ?? null,
      lastError: entry?.error ?? null,
      requests: rows.requests.filter(({ first, last }) => first <= seq && seq <= last).reverse()
    }
  }
  return null
}
