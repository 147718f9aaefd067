/**
 * Conservation of events: everything offered is accounted for, whatever happens to it.
 *
 *     offered  = recorded + filtered(reason) + dropped(reason, before commit)
 *     recorded = delivered + pending + retrying + leased + dead + withheld + dropped(reason)     for each destination
 *
 * Every term is a stored counter, changed in the same transaction as the rows it counts. No term is ever derived from the
 * others: a derived ledger always balances and proves nothing.
 *
 * @since 0.1.0
 */

/**
 * The part of the capture side that is not an event on disk.
 *
 * @since 0.1.0
 * @category models
 */
export type FilterReason = "level" | "sampling"

/**
 * - `overflow`: the intake buffer, or the queue, was full
 * - `invalid`: the data does not fit the declaration
 * - `oversize`: larger than an event may be once encoded
 * - `store`: the store could not take it before the process ended
 * - `consent`: consent went away before it was committed
 * - `closed`: tracked after the end
 * - `expired`: older than the retention
 * - `cleared`: erased by the person
 * - `level`: no longer allowed after the level was lowered
 * - `purged`: a dead letter thrown away
 *
 * @since 0.1.0
 * @category models
 */
export type DropReason =
  | "overflow"
  | "invalid"
  | "oversize"
  | "store"
  | "consent"
  | "closed"
  | "expired"
  | "cleared"
  | "level"
  | "purged"

/**
 * @since 0.1.0
 * @category models
 */
export type DeliveryState = "pending" | "retrying" | "leased" | "dead" | "withheld"

/**
 * @since 0.1.0
 * @category models
 */
export type CaptureTerm = "offered" | "recorded" | `filtered:${FilterReason}` | `dropped:${DropReason}`

/**
 * @since 0.1.0
 * @category models
 */
export type DeliveryTerm = "recorded" | "delivered" | DeliveryState | `dropped:${DropReason}`

/**
 * Counts to be added, by term.
 *
 * @since 0.1.0
 * @category models
 */
export type Delta<Term extends string> = { readonly [K in Term]?: number | undefined }

/**
 * @since 0.1.0
 * @category models
 */
export interface Snapshot {
  readonly capture: Readonly<Partial<Record<CaptureTerm, number>>>
  readonly destinations: Readonly<Record<string, Readonly<Partial<Record<DeliveryTerm, number>>>>>
}

/**
 * @since 0.1.0
 * @category constants
 */
export const empty: Snapshot = { capture: {}, destinations: {} }

const sum = (terms: Readonly<Partial<Record<string, number>>>, except: string): number => {
  let total = 0
  for (const [term, count] of Object.entries(terms)) if (term !== except) total += count ?? 0
  return total
}

/**
 * How far each side is from balance: 0 everywhere in a sound ledger.
 *
 * @since 0.1.0
 * @category predicates
 */
export const imbalance = (self: Snapshot): Readonly<Record<string, number>> => {
  const out: Record<string, number> = { capture: (self.capture.offered ?? 0) - sum(self.capture, "offered") }
  for (const [id, terms] of Object.entries(self.destinations)) out[id] = (terms.recorded ?? 0) - sum(terms, "recorded")
  return out
}

/**
 * @since 0.1.0
 * @category predicates
 */
export const isBalanced = (self: Snapshot): boolean => Object.values(imbalance(self)).every((n) => n === 0)

/**
 * The `dropped` figures of `status`: every reason, over the capture side and one destination.
 *
 * @since 0.1.0
 * @category getters
 */
export const dropped = (self: Snapshot, destination: string): Readonly<Record<string, number>> => {
  const out: Record<string, number> = {}
  for (const terms of [self.capture, self.destinations[destination] ?? {}]) {
    for (const [term, count] of Object.entries(terms)) {
      if (term.startsWith("dropped:") && count) {
        const reason = term.slice("dropped:".length)
        out[reason] = (out[reason] ?? 0) + count
      }
    }
  }
  return out
}

/**
 * A snapshot with counts added that no commit has carried yet.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withUncommitted = (self: Snapshot, counts: Delta<CaptureTerm>): Snapshot => {
  const capture: Partial<Record<CaptureTerm, number>> = { ...self.capture }
  for (const [term, count] of entries(counts)) capture[term] = (capture[term] ?? 0) + count
  return { ...self, capture }
}

/**
 * The terms of a delta that are not zero.
 *
 * @since 0.1.0
 * @category getters
 */
export const entries = <Term extends string>(self: Delta<Term>): ReadonlyArray<readonly [Term, number]> => {
  const out: Array<readonly [Term, number]> = []
  for (const term in self) {
    const count = self[term]
    if (count) out.push([term, count])
  }
  return out
}

/**
 * The capture side and the given destinations.
 *
 * @since 0.1.0
 * @category combinators
 */
export const only = (self: Snapshot, destinations: ReadonlyArray<string>): Snapshot => ({
  ...self,
  destinations: Object.fromEntries(Object.entries(self.destinations).filter(([id]) => destinations.includes(id)))
})
