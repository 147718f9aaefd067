/**
 * What became of the events that came in, by the hour of receipt and by application: pure.
 *
 * @since 0.1.0
 */
import { startOf } from "./Period.js"
import type * as Verdict from "./Verdict.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Kind = "accepted" | "duplicates" | `rejected:${Verdict.Code}`

/**
 * @since 0.1.0
 * @category models
 */
export interface Row {
  /** The start of the hour, milliseconds since the epoch. */
  readonly hour: number
  /** Empty: nobody knows. */
  readonly app: string
  readonly kind: string
  readonly count: number
}

/**
 * @since 0.1.0
 * @category models
 */
export type Received = Map<string, Row>

/**
 * @since 0.1.0
 * @category mutations
 */
export const add = (received: Received, { app, count, hour, kind }: Row): void => {
  if (count === 0) return
  const key = `${hour} ${kind} ${app}`
  received.set(key, { hour, app, kind, count: (received.get(key)?.count ?? 0) + count })
}

const tally = <A>(all: ReadonlyArray<A>, nameOf: (one: A) => string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const one of all) {
    const name = nameOf(one)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/**
 * Counts the events of a batch. A refused one is its key's application's, or that of the application it names where that is
 * known: what is refused makes no new names.
 *
 * @since 0.1.0
 * @category mutations
 */
export const addBatch = (received: Received, batch: {
  readonly now: number
  /** What the key is bound to. */
  readonly boundTo: string | null
  readonly known: ReadonlySet<string>
  readonly verdicts: Verdict.Verdicts
  /** The events that were new. */
  readonly fresh: ReadonlyArray<{ readonly app: string }>
}): void => {
  const { boundTo, fresh, known, now, verdicts: { passed, refused } } = batch
  const hour = startOf("hour", now)
  const count = (app: string, kind: Kind, n: number) => add(received, { hour, app, kind, count: n })
  const isNew = tally(fresh, ({ app }) => app)
  const isPassed = tally(passed, ({ event }) => event.app.name)
  for (const [app, n] of isPassed) {
    count(app, "accepted", isNew.get(app) ?? 0)
    count(app, "duplicates", n - (isNew.get(app) ?? 0))
  }
  for (const { app, code } of refused) {
    count(boundTo ?? (known.has(app) || isPassed.has(app) ? app : ""), `rejected:${code}`, 1)
  }
}
