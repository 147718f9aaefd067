/**
 * The web application: routes, pages, and what surrounds them all. A request always gets an answer, and the same headers.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import { Api } from "./Api.js"
import * as Around from "./Around.js"
import * as Cors from "./Cors.js"
import * as Dashboard from "./dashboard/Dashboard.js"
import * as Handlers from "./Handlers.js"
import * as OtlpHandlers from "./OtlpHandlers.js"
import * as Pages from "./Pages.js"
import * as Problem from "./Problem.js"
import * as Respond from "./Respond.js"

const methodsByPath = (): ReadonlyMap<string, string> => {
  const methods = new Map<string, string>([
    ...Pages.make().map(([path]) => [path, "GET"] as const),
    ...Dashboard.routes
  ])
  for (const group of Object.values(Api.groups)) {
    for (const endpoint of Object.values(group.endpoints)) methods.set(endpoint.path, endpoint.method)
  }
  return methods
}

/** As the router reads it: letters of any case, slashes once and none at the end. */
const pathOf = (url: string): string =>
  url.split("?")[0]!.toLowerCase().replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "")

/** What a failure of the router is called; null: it is a fault of ours. */
const problemOf = (
  cause: Cause.Cause<unknown>,
  request: HttpServerRequest.HttpServerRequest,
  methods: ReadonlyMap<string, string>
): Problem.Problem | null => {
  const error = Cause.squash(cause)
  if (Predicate.isTagged(error, "RouteNotFound")) {
    const allow = methods.get(pathOf(request.url))
    return allow === undefined ? Problem.notFound : Problem.methodNotAllowed(allow)
  }
  if (Predicate.isTagged(error, "HttpApiDecodeError")) {
    return Problem.malformed("A parameter is missing or not valid; see /docs")
  }
  return null
}

const surrounded = HttpApiBuilder.middleware(Effect.gen(function*() {
  const around = yield* Around.make
  const methods = methodsByPath()
  return (app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      app.pipe(
        Effect.catchAllCause((cause) => {
          if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
          const problem = problemOf(cause, request, methods)
          return problem === null ? Respond.fault(cause) : Effect.succeed(Problem.toResponse(problem))
        }),
        Effect.flatMap((response) => around(Respond.sourceOf({ request }), response))
      ))
}))

const pages = HttpApiBuilder.Router.use((router) =>
  Effect.forEach(Pages.make(), ([path, page]) => router.get(path, Effect.sync(page)), { discard: true })
)

const api = HttpApiBuilder.api(Api).pipe(
  Layer.provide([Handlers.events, Handlers.rollups, Handlers.health, OtlpHandlers.otlp])
)

/**
 * Answers requests for as long as the scope is open. Nothing of it shows up in the traces of its host.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.serve().pipe(
  Layer.provide([api, pages, Dashboard.layer, Cors.layer, surrounded]),
  HttpMiddleware.withTracerDisabledWhen(() => true),
  Layer.provide(Layer.setTracerEnabled(false))
)
