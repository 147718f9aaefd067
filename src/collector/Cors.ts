/**
 * Web pages of other origins: which may send here, and read the answer. Only what sends events is open to them, only to
 * origins that a key names, and never with cookies.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import * as Keys from "./Keys.js"
import * as Problem from "./Problem.js"
import * as Respond from "./Respond.js"

const paths = ["/v1/events", "/v1/events/ping", "/v1/events/info", "/v1/events/erasure", "/v1/logs"] as const

const open: ReadonlySet<string> = new Set(paths)

/** How long a browser may remember what it was allowed. */
const maxAgeSeconds = 600

const ofOrigin = (origin: string) => ({
  "access-control-allow-origin": origin,
  "access-control-expose-headers": "Retry-After",
  // The pages of the collector itself are shut; this one answer is for another site.
  "cross-origin-resource-policy": "cross-origin"
})

const varies = { vary: "Origin" }

/**
 * The headers that let a page read the answer to its request; none where it may not.
 *
 * @since 0.1.0
 * @category combinators
 */
export const headersFor = (
  keys: Keys.Service,
  { headers: { origin }, url = "" }: Http.IncomingMessage
): Effect.Effect<Readonly<Record<string, string>>> => {
  if (origin === undefined || !open.has(url.split("?")[0]!)) return Effect.succeed({})
  return Effect.map(
    Effect.orElseSucceed(keys.allowsOrigin(origin), () => false),
    (allowed) => allowed ? { ...varies, ...ofOrigin(origin) } : varies
  )
}

const preflight = Effect.gen(function*() {
  const keys = yield* Keys.Keys
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const { origin } = headers
  const allowed = origin !== undefined && (yield* keys.allowsOrigin(origin))
  if (!allowed) return yield* Problem.foreignPage
  return HttpServerResponse.empty({
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "content-type, content-encoding, idempotency-key, x-api-key",
      "access-control-max-age": String(maxAgeSeconds)
    }
  })
})

/**
 * What a browser asks before it sends.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.Router.use((router) =>
  Effect.flatMap(Keys.Keys, (keys) =>
    Effect.forEach(
      paths,
      (path) => router.options(path, Respond.answer(Effect.provideService(preflight, Keys.Keys, keys))),
      { discard: true }
    ))
)
