/**
 * Changes of the ledger, gathered during a transaction and written by one upsert.
 *
 * @internal
 */
import type * as Ledger from "../../domain/Ledger.js"
import { insertMany, type Session, type Value } from "./Session.js"

/** @internal */
export interface Tally {
  readonly destination: number
  readonly changes: Map<string, number>
}

/**
 * Destination 0 is the capture side.
 *
 * @internal
 */
export const make = (destination: number): Tally => ({ destination, changes: new Map() })

const bump = (self: Tally, key: string, amount: number): void => {
  if (amount !== 0) self.changes.set(key, (self.changes.get(key) ?? 0) + amount)
}

/** @internal */
export const add = (
  self: Tally,
  term: Exclude<Ledger.DeliveryTerm, "pending" | "retrying"> | Ledger.CaptureTerm,
  amount: number
): void => bump(self, term + "/0", amount)

/**
 * What waits is counted for each consent apart, so that a change of consent or level finds at once whether it concerns anything.
 *
 * @internal
 */
export const addWaiting = (self: Tally, attempts: number | null, consent: number, amount: number): void =>
  bump(self, (attempts !== null && attempts > 0 ? "retrying/" : "pending/") + consent, amount)

/**
 * By how much the number of waiting entries has changed.
 *
 * @internal
 */
export const waitingChange = (self: Tally): number => {
  let change = 0
  for (const [key, amount] of self.changes) if (/^(pending|retrying)\//.test(key)) change += amount
  return change
}

/** @internal */
export const writeAll = (tallies: ReadonlyArray<Tally>, session: Session): void => {
  const params: Array<Value> = []
  for (const self of tallies) {
    for (const [key, amount] of self.changes) {
      if (amount === 0) continue
      const slash = key.lastIndexOf("/")
      params.push(self.destination, key.slice(0, slash), Number(key.slice(slash + 1)), amount)
    }
  }
  if (params.length > 0) upsert(session, params)
}

/** @internal */
export const write = (self: Tally, session: Session): void => writeAll([self], session)

const texts: Array<string> = []
const head = "INSERT INTO ledger (destination, term, consent, count) VALUES"
const tail = "ON CONFLICT DO UPDATE SET count = count + excluded.count"

const upsert = (session: Session, params: ReadonlyArray<Value>): void => {
  const rows = params.length / 4
  if (rows > 8) return insertMany(session, head, 4, params, tail)
  texts[rows] ??= head + " " + Array.from({ length: rows }, () => "(?,?,?,?)").join(",") + " " + tail
  session.run(texts[rows], params)
}

/**
 * Consents with something waiting at a destination.
 *
 * @internal
 */
export const waitingConsents = (session: Session, destination: number): ReadonlySet<number> =>
  new Set(
    session.all<{ consent: number }>(
      "SELECT consent FROM ledger WHERE destination = ? AND term IN ('pending', 'retrying') AND count > 0",
      [destination]
    ).map((row) => row.consent)
  )

/** @internal */
export const waiting = (session: Session, destination: number): number =>
  session.one<{ n: number | null }>(
    "SELECT sum(count) AS n FROM ledger WHERE destination = ? AND term IN ('pending', 'retrying')",
    [destination]
  )?.n ?? 0
