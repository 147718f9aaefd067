/**
 * What surrounds every answer: it is counted, and has the same headers.
 *
 * @since 0.1.0
 */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import * as Cors from "./Cors.js"
import * as Counters from "./Counters.js"
import * as Keys from "./Keys.js"
import * as Problem from "./Problem.js"

const headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY"
}

/** What is no page loads nothing, should a browser take it for one. */
const nothing = { "content-security-policy": "default-src 'none'; frame-ancestors 'none'" }

/**
 * @since 0.1.0
 * @category models
 */
export type Around = (
  source: Http.IncomingMessage,
  response: HttpServerResponse.HttpServerResponse
) => Effect.Effect<HttpServerResponse.HttpServerResponse>

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Around, never, Counters.Counters | Keys.Keys> = Effect.gen(function*() {
  const counters = yield* Counters.Counters
  const keys = yield* Keys.Keys
  return (source, response) => {
    Counters.increment(counters.statuses, response.status)
    const code = Problem.codeOf(response.status)
    if (code !== null) Counters.increment(counters.problems, code)
    return Effect.map(
      Cors.headersFor(keys, source),
      (more) => HttpServerResponse.setHeaders(response, { ...nothing, ...response.headers, ...headers, ...more })
    )
  }
})
