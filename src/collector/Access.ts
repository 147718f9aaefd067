/**
 * Who may do what.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import type * as Keys from "./Keys.js"
import * as Problem from "./Problem.js"

/**
 * The key in the header; empty when there is none, or more than one.
 *
 * @since 0.1.0
 * @category getters
 */
export const keyOf = (source: Http.IncomingMessage): string => {
  const key = source.headers["x-api-key"]
  return typeof key === "string" ? key : ""
}

type Roles = readonly [Keys.Role, ...ReadonlyArray<Keys.Role>]

const anyRole: Roles = ["ingest", "read", "admin"]

const admit = (
  principal: Keys.Principal | null,
  roles: Roles,
  origin?: string | undefined
): Effect.Effect<Keys.Principal, Problem.Problem> => {
  if (principal === null) return Effect.fail(Problem.unauthorized)
  const { origins, role } = principal
  if (!roles.includes(role)) return Effect.fail(Problem.forbidden(roles[0]))
  return origin === undefined || origins.length === 0 || origins.includes(origin)
    ? Effect.succeed(principal)
    : Effect.fail(Problem.foreignPage)
}

/**
 * @since 0.1.0
 * @category combinators
 */
export const authorize = (
  keys: Keys.Service,
  key: string,
  roles: Roles
): Effect.Effect<Keys.Principal, Problem.Problem | SqlError> =>
  Effect.flatMap(keys.authenticate(key), (principal) => admit(principal, roles))

/**
 * @since 0.1.0
 * @category combinators
 */
export const authenticate = (
  keys: Keys.Service,
  key: string
): Effect.Effect<Keys.Principal, Problem.Problem | SqlError> => authorize(keys, key, anyRole)

/**
 * For events: by a key that may send them, from a page that the key is for. A request that is not a page's says no origin.
 *
 * @since 0.1.0
 * @category combinators
 */
export const ingestFrom = (
  keys: Keys.Service,
  source: Http.IncomingMessage,
  key: string
): Effect.Effect<Keys.Principal, Problem.Problem | SqlError> =>
  Effect.flatMap(keys.authenticate(key), (principal) => admit(principal, ["ingest"], source.headers.origin))

/**
 * The same by the key in the header. The body of a request that is refused is read by nobody.
 *
 * @since 0.1.0
 * @category combinators
 */
export const sender = (
  keys: Keys.Service,
  source: Http.IncomingMessage
): Effect.Effect<Keys.Principal, Problem.Problem | SqlError> =>
  Effect.tapError(ingestFrom(keys, source, keyOf(source)), () => Effect.sync(() => source.resume()))

const forwarding = /^(forwarded|via|x-real-ip|x-forwarded-.*)$/

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/**
 * @since 0.1.0
 * @category predicates
 */
export const isLoopback = (host: string): boolean =>
  host === "::1" || host === "localhost" || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * Does the request come from this machine itself? Not when the server is bound wider, nor through a proxy, nor when a web
 * page's host name was pointed at us.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isLocal = (source: Http.IncomingMessage, boundTo: string): boolean =>
  isLoopback(boundTo) && !Object.keys(source.headers).some((name) => forwarding.test(name)) &&
  loopbackHost.test(source.headers.host ?? "")
