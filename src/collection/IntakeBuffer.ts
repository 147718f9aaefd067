/**
 * What the intake holds in memory: events in the order they came, and the counts no commit has carried yet. Plain mutable
 * state without effects, because every event passes through it.
 *
 * A group that is being committed stays at the head until the store has answered. Offers are counted where they are made, so
 * that the ledger can show an event that went missing between here and the store.
 *
 * @since 0.1.0
 */
import type * as Ledger from "../domain/Ledger.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import type { AppendGroup } from "../persistence/EventStore.js"

/**
 * @since 0.1.0
 * @category models
 */
export type EndTerm = Exclude<Ledger.CaptureTerm, "offered" | "recorded">

/**
 * @since 0.1.0
 * @category models
 */
export type Group = Pick<AppendGroup, "events" | "counts">

/**
 * @since 0.1.0
 * @category models
 */
export interface IntakeBuffer {
  /** Takes an event, or counts what the overflow policy lets go of. */
  readonly offer: (event: RedactedEvent) => void
  /** Counts an event that was offered and ends here. */
  readonly count: (term: EndTerm) => void
  /** Lets go of the events that `keep` refuses; those being committed stay. */
  readonly drop: (keep: (event: RedactedEvent) => boolean, term: EndTerm) => void
  /** The next group of at most `max` events with the counts so far; null when there is neither. It must be ended. */
  readonly begin: (max: number) => Group | null
  /** Ends the group: it is committed, and forgotten here. */
  readonly commit: () => void
  /** Ends the group: it is not committed, and keeps its place. */
  readonly rollback: () => void
  /** Events held. */
  readonly size: () => number
  /** Characters of their data, which are bytes but for what is not Latin. Walks through what is held. */
  readonly bytes: () => number
  /** How many events were ever taken: the position of the newest. */
  readonly tail: () => number
  /** The position up to which every event has been committed or let go of. */
  readonly settled: () => number
  /** Counts that no commit has carried; events still held are not among them. */
  readonly uncommitted: () => Ledger.Delta<Ledger.CaptureTerm>
}

/** Slots that may be empty at the head before the array is cut. */
const slack = 1024

/**
 * While a group is being committed, `drop-oldest` refuses the newest: what is on its way to the store cannot be let go of.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: {
  readonly capacity: number
  readonly overflow: "drop-newest" | "drop-oldest"
}): IntakeBuffer => {
  let slots: Array<RedactedEvent | null> = []
  let head = 0
  /** The position before that of `slots[0]`. */
  let base = 0
  let size = 0
  let offered = 0
  let offeredCommitted = 0
  const counts: Partial<Record<EndTerm, number>> = {}
  let inFlight: { readonly slots: number; readonly group: Group; readonly offered: number } | null = null

  const add = (term: EndTerm, n: number): void => {
    counts[term] = (counts[term] ?? 0) + n
  }

  const skipHoles = (): void => {
    while (head < slots.length && slots[head] === null) head++
    if (head > slack && head * 2 > slots.length) {
      slots = slots.slice(head)
      base += head
      head = 0
    }
  }

  const pendingCounts = (): Partial<Record<EndTerm, number>> => {
    const out: Partial<Record<EndTerm, number>> = {}
    for (const term of Object.keys(counts) as Array<EndTerm>) if (counts[term]) out[term] = counts[term]
    return out
  }

  return {
    offer: (event) => {
      offered++
      if (size >= options.capacity) {
        add("dropped:overflow", 1)
        if (options.overflow === "drop-newest" || inFlight !== null) return
        slots[head] = null
        size--
        skipHoles()
      }
      slots.push(event)
      size++
    },
    count: (term) => {
      offered++
      add(term, 1)
    },
    drop: (keep, term) => {
      for (let i = head + (inFlight?.slots ?? 0); i < slots.length; i++) {
        const event = slots[i]!
        if (event === null || keep(event)) continue
        slots[i] = null
        size--
        add(term, 1)
      }
      if (inFlight === null) skipHoles()
    },
    begin: (max) => {
      const events: Array<RedactedEvent> = []
      let at = head
      for (; at < slots.length && events.length < max; at++) {
        const event = slots[at]!
        if (event !== null) events.push(event)
      }
      const settledOffers = offered - offeredCommitted - (size - events.length)
      if (events.length === 0 && settledOffers === 0) return null
      const group: Group = { events, counts: { ...pendingCounts(), offered: settledOffers } }
      inFlight = { slots: at - head, group, offered: settledOffers }
      return group
    },
    commit: () => {
      if (inFlight === null) return
      for (let i = 0; i < inFlight.slots; i++) slots[head + i] = null
      size -= inFlight.group.events.length
      offeredCommitted += inFlight.offered
      for (const [term, n] of Object.entries(inFlight.group.counts) as Array<[EndTerm | "offered", number]>) {
        if (term !== "offered") add(term, -n)
      }
      inFlight = null
      skipHoles()
    },
    rollback: () => {
      inFlight = null
      skipHoles()
    },
    size: () => size,
    bytes: () => slots.reduce((sum, event) => sum + (event?.data.length ?? 0), 0),
    tail: () => base + slots.length,
    settled: () => base + head,
    uncommitted: () => ({ ...pendingCounts(), offered: offered - offeredCommitted - size })
  }
}
