/**
 * What follows from an outcome: one pure table with a row for each. Times, keys and delays are filled in afterwards
 * (`Settling`), so that the table can be read, and tested, as data.
 *
 * Two rules run through all rows. Back-off belongs to the destination and attempts to the event: while the endpoint is away
 * events keep their place and are charged nothing. And what may have arrived already is sent again only as the same batch
 * under the same key.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Outcome from "../domain/Outcome.js"

/**
 * One event of the batch that was sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sent {
  readonly seq: number
  readonly id: string
  /** Attempts charged so far. */
  readonly attempts: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Context {
  /** Oldest first, at least one. */
  readonly events: ReadonlyArray<Sent>
  /** How often this batch, or the one it was split from, had drawn a 500 before. */
  readonly faults: number
  /** The endpoint is known to be well apart from this batch: a ping, or another batch, has just succeeded. */
  readonly healthy: boolean
  /** Attempts charged to one event before it is buried; 0: the first refusal buries. */
  readonly maxRetries: number
}

/**
 * What becomes of one event. `Retry` carries the number of attempts charged before this one: the place in the schedule.
 *
 * @since 0.1.0
 * @category models
 */
export type Fate =
  | { readonly _tag: "Delivered" }
  | { readonly _tag: "Release" }
  | { readonly _tag: "Retry"; readonly attempt: number; readonly error: string }
  | { readonly _tag: "Bury"; readonly error: string }

/**
 * Released events that are sent together next time.
 *
 * @since 0.1.0
 * @category models
 */
export interface Group {
  /** Under the key the batch had; otherwise under a new one. */
  readonly keepsKey: boolean
  readonly seqs: ReadonlyArray<number>
  readonly faults: number
}

/**
 * What becomes of the destination.
 *
 * - `Healthy`: it took something; everything that held it back is forgotten
 * - `Answered`: it is there and well, and took nothing; likewise, but it is no success
 * - `BackOff`: it is away; nothing is sent before the next attempt, and nothing at all before `retryAfter` has passed
 * - `Pause`: it is set up wrongly; likewise, until endpoint or key change. With `seldom` the next attempt is the longest
 *   delay away
 *
 * @since 0.1.0
 * @category models
 */
export type Standing =
  | { readonly _tag: "Healthy" }
  | { readonly _tag: "Answered"; readonly error: string }
  | { readonly _tag: "BackOff"; readonly error: string; readonly retryAfter: Duration.Duration | null }
  | { readonly _tag: "Pause"; readonly reason: string; readonly seldom?: boolean }

/**
 * @since 0.1.0
 * @category models
 */
export interface Decision {
  /** One for each event of the batch, by `seq`. */
  readonly fates: ReadonlyMap<number, Fate>
  readonly groups: ReadonlyArray<Group>
  readonly destination: Standing
  /** Events among the delivered ones that the endpoint has refused without saying which. */
  readonly lost?: number
}

type Row<Tag extends Outcome.Outcome["_tag"]> = Extract<Outcome.Outcome, { readonly _tag: Tag }>

const delivered: Fate = { _tag: "Delivered" }
const released: Fate = { _tag: "Release" }

const all = (context: Context, fate: Fate): ReadonlyMap<number, Fate> =>
  new Map(context.events.map((event) => [event.seq, fate]))

const seqs = (events: ReadonlyArray<Sent>): ReadonlyArray<number> => events.map((event) => event.seq)

/** Two halves, each a batch of its own; of a single event, that event. */
const halves = (events: ReadonlyArray<Sent>, faults: number): ReadonlyArray<Group> => {
  const middle = Math.ceil(events.length / 2)
  return [events.slice(0, middle), events.slice(middle)]
    .filter((part) => part.length > 0)
    .map((part) => ({ keepsKey: false, seqs: seqs(part), faults }))
}

const charge = (event: Sent, maxRetries: number, error: string): Fate =>
  event.attempts < maxRetries
    ? { _tag: "Retry", attempt: event.attempts, error }
    : { _tag: "Bury", error }

/** The endpoint is away: everything back to its place. With `faults` the batch stays as it is, without it dissolves. */
const away = (context: Context, destination: Standing, faults: number | null): Decision => ({
  fates: all(context, released),
  groups: faults === null ? [] : [{ keepsKey: true, seqs: seqs(context.events), faults }],
  destination
})

/** Which of these answers leave open whether the batch was stored: those a proxy gives in place of the endpoint. */
const leavesOpen = (status: number): boolean => status !== 408 && status !== 429 && status !== 503

const named = (
  outcome: Row<"PartlyAccepted">,
  context: Context
): ReadonlyMap<string, Outcome.Rejection> => {
  const ids = new Set(context.events.map((event) => event.id))
  return new Map(outcome.rejections.filter((rejection) => ids.has(rejection.id)).map((r) => [r.id, r]))
}

const partlyAccepted = (outcome: Row<"PartlyAccepted">, context: Context): Decision => {
  const names = named(outcome, context)
  const unnamed = context.events.filter((event) => !names.has(event.id))
  const hidden = Math.min(outcome.rejected - names.size, unnamed.length)
  const fates = new Map<number, Fate>()
  for (const event of context.events) {
    const rejection = names.get(event.id)
    if (rejection === undefined) fates.set(event.seq, hidden > 0 ? released : delivered)
    else if (rejection.retryable) fates.set(event.seq, charge(event, context.maxRetries, rejection.reason))
    else fates.set(event.seq, { _tag: "Bury", error: rejection.reason })
  }
  const destination: Standing = outcome.accepted > 0
    ? { _tag: "Healthy" }
    : { _tag: "Answered", error: Outcome.refused }
  if (hidden <= 0) return { fates, groups: [], destination }
  const [alone] = unnamed
  if (unnamed.length > 1 || alone === undefined) return { fates, groups: halves(unnamed, context.faults), destination }
  fates.set(alone.seq, { _tag: "Bury", error: Outcome.refused })
  return { fates, groups: [], destination }
}

const faulted = (outcome: Row<"Faulted">, context: Context): Decision => {
  const faults = context.faults + 1
  const backOff: Standing = { _tag: "BackOff", error: outcome.message, retryAfter: outcome.retryAfter }
  if (!context.healthy || !isRepeated(context)) return away(context, backOff, faults)
  const destination: Standing = outcome.retryAfter === null ? { _tag: "Answered", error: outcome.message } : backOff
  const [alone] = context.events
  return context.events.length > 1 || alone === undefined
    ? { fates: all(context, released), groups: halves(context.events, faults), destination }
    : { fates: all(context, charge(alone, context.maxRetries, outcome.message)), groups: [], destination }
}

const contentRefused = (outcome: Row<"ContentRefused">, context: Context): Decision => {
  const destination: Standing = { _tag: "Answered", error: outcome.message }
  return context.events.length > 1
    ? { fates: all(context, released), groups: halves(context.events, context.faults), destination }
    : { fates: all(context, { _tag: "Bury", error: outcome.message }), groups: [], destination }
}

const settled = (outcome: Row<"Settled">, context: Context): Decision => ({
  fates: all(context, delivered),
  groups: [],
  destination: outcome.accepted > 0 ? { _tag: "Healthy" } : { _tag: "Answered", error: outcome.message },
  lost: Math.min(outcome.rejected, context.events.length)
})

const severity: Readonly<Record<Standing["_tag"], number>> = { Healthy: 0, Answered: 1, BackOff: 2, Pause: 3 }

const longer = (a: Duration.Duration | null, b: Duration.Duration | null): Duration.Duration | null =>
  a === null ? b : b === null ? a : Duration.max(a, b)

/** The worse of two; of two that ask to be left alone, for the longer time. */
const worse = (a: Standing, b: Standing): Standing => {
  if (a._tag === "BackOff" && b._tag === "BackOff") return { ...a, retryAfter: longer(a.retryAfter, b.retryAfter) }
  return severity[b._tag] > severity[a._tag] ? b : a
}

/** Each part by itself. A part keeps no key: the batch it had one with is no longer whole. */
const divided = (outcome: Row<"Divided">, context: Context): Decision => {
  const fates = new Map(all(context, released))
  let groups: ReadonlyArray<Group> = []
  let destination: Standing = { _tag: "Healthy" }
  let lost = 0
  for (const part of outcome.parts) {
    const ids = new Set(part.ids)
    const events = context.events.filter((event) => ids.has(event.id))
    if (events.length === 0) continue
    const decision = decide(part.outcome, { ...context, events })
    for (const [seq, fate] of decision.fates) fates.set(seq, fate)
    groups = [...groups, ...decision.groups.map((group) => ({ ...group, keepsKey: false }))]
    destination = worse(destination, decision.destination)
    lost += decision.lost ?? 0
  }
  return { fates, groups, destination, lost }
}

/** A batch that has drawn a 500 stays together, so that the count of them is not lost. */
const counted = ({ faults }: Context): number | null => faults > 0 ? faults : null

/**
 * The row of an outcome.
 *
 * @since 0.1.0
 * @category decisions
 */
export const decide: (outcome: Outcome.Outcome, context: Context) => Decision = (outcome, context) =>
  Outcome.$match(outcome, {
    Accepted: (): Decision => ({ fates: all(context, delivered), groups: [], destination: { _tag: "Healthy" } }),
    PartlyAccepted: (row) => partlyAccepted(row, context),
    Settled: (row) => settled(row, context),
    Divided: (row) => divided(row, context),
    Unreachable: ({ ambiguous, message }) =>
      away(
        context,
        { _tag: "BackOff", error: message, retryAfter: null },
        ambiguous ? context.faults : counted(context)
      ),
    Unavailable: ({ message, retryAfter, status }) =>
      away(
        context,
        { _tag: "BackOff", error: message, retryAfter },
        leavesOpen(status) ? context.faults : counted(context)
      ),
    Faulted: (row) => faulted(row, context),
    ContentRefused: (row) => contentRefused(row, context),
    Misconfigured: ({ message, seldom }) =>
      away(
        context,
        seldom === true ? { _tag: "Pause", reason: message, seldom } : { _tag: "Pause", reason: message },
        counted(context)
      )
  })

/**
 * Has this batch, or an event of it, drawn a 500 (or been refused for now) before? Then another 500 may be its own doing,
 * and it is worth asking whether the endpoint is well.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isRepeated = (context: Pick<Context, "faults" | "events">): boolean =>
  context.faults > 0 || context.events.some((event) => event.attempts > 0)
