/**
 * Times in the parameters of a request.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Problem from "./Problem.js"

/** Furthest from the epoch that a date can be, in milliseconds, and sums with a range still be. */
const furthest = 8e15

/**
 * ISO 8601, or milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category conversions
 */
export const timeOf = (name: string, text: string | undefined): Effect.Effect<number | undefined, Problem.Problem> => {
  if (text === undefined) return Effect.succeed(undefined)
  const time = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isFinite(time) && Math.abs(time) < furthest ? Effect.succeed(time) : Effect.fail(
    Problem.malformed(`${name} must be an ISO 8601 time or milliseconds since the epoch`)
  )
}
