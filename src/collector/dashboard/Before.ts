/**
 * The period before, as much of it as has passed of the one that is shown: what is not over is not compared with a whole.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { Scope, Service, Volume } from "../Insights.js"
import * as Period from "../Period.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Before {
  readonly whole: Scope
  /** The same time of it that has passed of the period shown, to the hour; of a long one, to the day. */
  readonly soFar: Scope
}

/** From so many days on the hours of the last one weigh little, and uniques by the hour are dear. */
const longDays = 60

/**
 * @since 0.1.0
 * @category constructors
 */
export const of = (scope: Scope, now: number): Before => {
  const span = scope.to - scope.from
  const interval = span >= longDays * Period.dayMillis ? "day" : "hour"
  const whole = { ...scope, from: scope.from - span, to: scope.from }
  return { whole, soFar: { ...whole, to: Math.min(whole.to, Period.endOf(interval, now) - span), interval } }
}

/**
 * Of the volume of the whole, that of so far: periods that ended by then, and hours or days of the one that had not.
 *
 * @since 0.1.0
 * @category combinators
 */
export const volumeSoFar = (
  insights: Service,
  { soFar, whole }: Before,
  volume: ReadonlyArray<Volume>
): Effect.Effect<ReadonlyArray<Volume>, SqlError> => {
  if (soFar.to >= whole.to) return Effect.succeed(volume)
  const start = Period.startOf(whole.interval, soFar.to)
  const over = volume.filter(({ bucket }) => bucket < start)
  return start === soFar.to
    ? Effect.succeed(over)
    : Effect.map(insights.volume({ ...soFar, from: start }), (rest) => [...over, ...rest])
}
