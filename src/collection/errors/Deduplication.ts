/**
 * The first of equal errors is recorded at once. Those that repeat it within the window are counted, and recorded together
 * as one when the window ends. While they go on, one window follows another.
 *
 * @since 0.1.0
 */
import type { ErrorData } from "./Description.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Milliseconds. */
  readonly window: number
  /** Different errors that are followed; when there are more, the oldest is let go and what was counted is recorded. */
  readonly maxGroups: number
}

/**
 * An error to be recorded, and the consent it was met under.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry {
  readonly data: ErrorData
  readonly epoch: string
}

/**
 * Times are milliseconds of a clock that never goes back. Every call gives what is to be recorded now, in this order; over
 * all calls up to and including `drain` the counts add up to what was taken in.
 *
 * @since 0.1.0
 * @category models
 */
export interface Deduplication {
  readonly take: (entry: Entry, now: number) => ReadonlyArray<Entry>
  /** Ends the windows that are over. */
  readonly due: (now: number) => ReadonlyArray<Entry>
  /** Ends all windows. */
  readonly drain: () => ReadonlyArray<Entry>
  /** When the next window ends; null when none is open. */
  readonly next: () => number | null
}

interface Group {
  readonly first: Entry
  readonly until: number
  repeats: number
}

/** Context and breadcrumbs belong to the occurrence that was recorded; nothing of the program is held on to. */
const bare = ({ data: { breadcrumbs: _, context: __, ...data }, epoch }: Entry): Entry => ({ data, epoch })

const repeatsOf = ({ first, repeats }: Group): ReadonlyArray<Entry> =>
  repeats === 0 ? [] : [{ ...first, data: { ...first.data, count: repeats } }]

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ maxGroups, window }: Options): Deduplication => {
  /** In the order in which the windows end. */
  const groups = new Map<string, Group>()

  const oldest = (): Group | undefined => groups.values().next().value

  const open = (first: Entry, now: number): void => {
    groups.set(first.data.fingerprint, { first, until: now + window, repeats: 0 })
  }

  const close = (group: Group): ReadonlyArray<Entry> => {
    groups.delete(group.first.data.fingerprint)
    return repeatsOf(group)
  }

  const due = (now: number): ReadonlyArray<Entry> => {
    const out: Array<Entry> = []
    for (let group = oldest(); group !== undefined && group.until <= now; group = oldest()) {
      const repeated = close(group)
      if (repeated.length > 0) open(group.first, now)
      out.push(...repeated)
    }
    return out
  }

  return {
    due,
    take: (entry, now) => {
      const out = [...due(now)]
      const group = groups.get(entry.data.fingerprint)
      if (group !== undefined && group.first.epoch === entry.epoch) {
        group.repeats += entry.data.count
        return out
      }
      if (group !== undefined) out.push(...close(group))
      const eldest = groups.size >= maxGroups ? oldest() : undefined
      if (eldest !== undefined) out.push(...close(eldest))
      open(bare(entry), now)
      out.push(entry)
      return out
    },
    drain: () => [...groups.values()].flatMap(close),
    next: () => oldest()?.until ?? null
  }
}
