/**
 * What every handler does with a request and an answer.
 *
 * @since 0.1.0
 */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import * as Problem from "./Problem.js"
import * as Transaction from "./Transaction.js"

/**
 * @since 0.1.0
 * @category conversions
 */
export const json = (value: unknown, status = 200): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(JSON.stringify(value), { status, contentType: "application/json" })

/**
 * What a failure is refused with; storage that fails, 503, and the reason a line of our log.
 *
 * @since 0.1.0
 * @category combinators
 */
export const problemOf = (failure: Problem.Problem | SqlError): Effect.Effect<Problem.Problem> =>
  failure._tag === "Problem"
    ? Effect.succeed(failure)
    : Effect.as(Effect.logWarning("Storage failed", Transaction.reasonOf(failure)), Problem.unavailable)

/**
 * What a fault of ours is answered with; what it was is in our log and nowhere else.
 *
 * @since 0.1.0
 * @category combinators
 */
export const fault = (cause: unknown): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.as(Effect.logError("A request failed", cause), Problem.toResponse(Problem.internal))

/**
 * A refusal becomes its answer.
 *
 * @since 0.1.0
 * @category combinators
 */
export const answer = <R>(
  effect: Effect.Effect<HttpServerResponse.HttpServerResponse, Problem.Problem | SqlError, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R> =>
  Effect.catchAll(effect, (failure) => Effect.map(problemOf(failure), Problem.toResponse))

/**
 * @since 0.1.0
 * @category getters
 */
export const sourceOf = (
  { request }: { readonly request: HttpServerRequest.HttpServerRequest }
): Http.IncomingMessage => NodeHttpServerRequest.toIncomingMessage(request)

/**
 * Refuses a request whose body nobody reads.
 *
 * @since 0.1.0
 * @category combinators
 */
export const refuse = (
  source: Http.IncomingMessage,
  problem: Problem.Problem
): Effect.Effect<never, Problem.Problem> => {
  source.resume()
  return Effect.fail(problem)
}
