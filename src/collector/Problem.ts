/**
 * What a request is refused with: a status, a code for programs and a message for people. Neither ever holds a value the
 * client sent, nor anything about our insides.
 *
 * @since 0.1.0
 */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Data from "effect/Data"
import * as Limits from "./Limits.js"

/**
 * @since 0.1.0
 * @category errors
 */
export class Problem extends Data.TaggedError("Problem")<{
  readonly status: number
  readonly code: string
  readonly message: string
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined
  /** Sent as `Allow`. */
  readonly allow?: string | undefined
}> {}

/** @since 0.1.0 */
export const malformed = (message: string): Problem => new Problem({ status: 400, code: "malformed", message })

/**
 * No key, an unknown key and a revoked key are told apart by nobody.
 *
 * @since 0.1.0
 */
export const unauthorized: Problem = new Problem({
  status: 401,
  code: "unauthorized",
  message: "A valid API key is needed in the header X-API-Key"
})

/** @since 0.1.0 */
export const forbidden = (role: string): Problem =>
  new Problem({ status: 403, code: "forbidden", message: `This needs a key of the role ${role}` })

/** @since 0.1.0 */
export const foreignPage: Problem = new Problem({
  status: 403,
  code: "forbidden",
  message: "This key is not for pages of that origin"
})

/** @since 0.1.0 */
export const notFound: Problem = new Problem({ status: 404, code: "not_found", message: "There is nothing here" })

/** @since 0.1.0 */
export const methodNotAllowed = (allow: string): Problem =>
  new Problem({ status: 405, code: "method_not_allowed", message: `Allowed here: ${allow}`, allow })

/** @since 0.1.0 */
export const tooLarge = (message: string): Problem => new Problem({ status: 413, code: "too_large", message })

/** @since 0.1.0 */
export const unsupported = (message: string): Problem => new Problem({ status: 415, code: "unsupported", message })

/** @since 0.1.0 */
export const rateLimited = (retryAfterSeconds: number): Problem =>
  new Problem({
    status: 429,
    code: "rate_limited",
    message: "Too many events for this key; try again later",
    retryAfterSeconds
  })

/** @since 0.1.0 */
export const internal: Problem = new Problem({ status: 500, code: "internal", message: "Something went wrong here" })

/** @since 0.1.0 */
export const unavailable: Problem = new Problem({
  status: 503,
  code: "unavailable",
  message: "Storage is away; nothing of this request was kept",
  retryAfterSeconds: Limits.unavailableRetrySeconds
})

/**
 * Like {@link unavailable}, though storage is there: the bodies of other requests leave no room for this one.
 *
 * @since 0.1.0
 */
export const busy: Problem = new Problem({
  status: 503,
  code: "unavailable",
  message: "Too much is sent at once; nothing of this request was kept",
  retryAfterSeconds: Limits.unavailableRetrySeconds
})

/** @since 0.1.0 */
export const timedOut: Problem = new Problem({
  status: 408,
  code: "timeout",
  message: "The request did not come to its end in time"
})

/** @since 0.1.0 */
export const headersTooLarge: Problem = new Problem({
  status: 431,
  code: "headers_too_large",
  message: `Request line and headers may be ${Limits.maxHeaderBytes} bytes`
})

/**
 * The code of the refusals with a status: there is one each, so that counts by code stay few. Null: no refusal has it.
 *
 * @since 0.1.0
 * @category getters
 */
export const codeOf = (status: number): string | null => codes.get(status) ?? null

const codes: ReadonlyMap<number, string> = new Map([
  [400, "malformed"],
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "not_found"],
  [405, "method_not_allowed"],
  [408, "timeout"],
  [413, "too_large"],
  [415, "unsupported"],
  [429, "rate_limited"],
  [431, "headers_too_large"],
  [500, "internal"],
  [503, "unavailable"]
])

/**
 * As the body of an answer.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toJson = ({ code, message }: Problem): string => JSON.stringify({ error: { code, message } })

/**
 * @since 0.1.0
 * @category conversions
 */
export const toResponse = (problem: Problem): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(toJson(problem), {
    status: problem.status,
    contentType: "application/json",
    headers: {
      ...(problem.retryAfterSeconds === undefined ? {} : { "retry-after": String(problem.retryAfterSeconds) }),
      ...(problem.allow === undefined ? {} : { allow: problem.allow })
    }
  })
