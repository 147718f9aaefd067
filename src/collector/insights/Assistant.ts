/**
 * Conversations, suggestions and web vitals of a range.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Histogram from "../../domain/Histogram.js"
import type { Conversations, Scope, Suggestions, Vital } from "../Insights.js"
import * as RollupSeries from "../RollupSeries.js"
import type { Session } from "../Transaction.js"
import * as Range from "./Range.js"
import * as Totals from "./Totals.js"

const mean = (total: Totals.Total | undefined): number | null =>
  total === undefined || total.sum === null || total.count === 0 ? null : total.sum / total.count

/**
 * @since 0.1.0
 * @category combinators
 */
export const conversations = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope
): Effect.fn.Return<Conversations, SqlError> {
  const range = Range.of(scope)
  const of = (facet: string) => Totals.values(session, range, { app: scope.app, type: "conversation", facet })
  const phases = yield* of(RollupSeries.dimension)
  const [done] = yield* of("completed")
  const [messages] = yield* of("messageCount")
  const [length] = yield* of("averageMessageLength")
  const started = phases.find(({ value }) => value === "started")?.count ?? 0
  const completed = done?.count ?? 0
  return {
    started,
    completed,
    completionRate: started === 0 ? null : completed / started,
    meanMessages: mean(messages),
    meanMessageLength: mean(length)
  }
})

interface Outcomes {
  shown: number
  accepted: number
  dismissed: number
  time: number
  timed: number
}

/** Two words of ours and of a client's, in this order. */
const split = (value: string): readonly [first: string, rest: string] => {
  const at = value.indexOf(" ")
  return [value.slice(0, at), value.slice(at + 1)]
}

/**
 * @since 0.1.0
 * @category combinators
 */
export const suggestions = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope
): Effect.fn.Return<ReadonlyArray<Suggestions>, SqlError> {
  const range = Range.of(scope)
  const totals = yield* Totals.values(session, range, { app: scope.app, type: "suggestion", facet: "outcome" })
  const timed = yield* Totals.histograms(session, range, totals.map(({ series }) => series))
  const types = new Map<string, Outcomes>()
  for (const { count, series, sum, value } of totals) {
    const [outcome, type] = split(value)
    const one = types.get(type) ?? { shown: 0, accepted: 0, dismissed: 0, time: 0, timed: 0 }
    if (outcome === "shown" || outcome === "accepted" || outcome === "dismissed") one[outcome] += count
    one.time += sum ?? 0
    one.timed += timed.get(series)?.total ?? 0
    types.set(type, one)
  }
  return Array.from(types, ([suggestionType, { accepted, dismissed, shown, time, timed }]) => ({
    suggestionType,
    shown,
    accepted,
    dismissed,
    acceptanceRate: shown === 0 ? null : accepted / shown,
    meanTimeToInteract: timed === 0 ? null : time / timed
  }))
})

/**
 * @since 0.1.0
 * @category combinators
 */
export const vitals = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope
): Effect.fn.Return<ReadonlyArray<Vital>, SqlError> {
  const range = Range.of(scope)
  const of = (facet: string) => Totals.values(session, range, { app: scope.app, type: "web_vital", facet })
  const metrics = yield* of(RollupSeries.dimension)
  const histograms = yield* Totals.histograms(session, range, metrics.map(({ series }) => series))
  const ratings = new Map((yield* of("rating")).map(({ count, value }) => [value, count]))
  return metrics.map(({ count, series, value: metric }) => {
    const histogram = histograms.get(series)
    const rated = (rating: string) => ratings.get(`${rating} ${metric}`) ?? 0
    return {
      metric,
      count,
      p75: histogram === undefined ? null : Histogram.quantile(histogram, 0.75),
      good: rated("good"),
      needsImprovement: rated("needs-improvement"),
      poor: rated("poor")
    }
  })
})
