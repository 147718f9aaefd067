/**
 * The little of HTTP that a transport needs. A port of its own, because a general client costs three times the CPU of the
 * platform's bare one, and because what matters here is exactly when a request has left and why it failed.
 *
 * Whoever implements it follows no redirect, adds no trace header and keeps no process alive.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * @since 0.1.0
 * @category models
 */
export interface HttpRequest {
  readonly method: "GET" | "POST"
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  /** Bytes of the answer that are read; the rest is cut off. */
  readonly maxBytes: number
  /** For connecting, sending and reading the answer; then it fails with `timeout`. */
  readonly timeoutMillis: number
  /** Called when the first byte may have left, so that a time-out knows whether the endpoint can have seen anything. */
  readonly onSent: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface HttpResponse {
  readonly status: number
  /** By its name in lower case; null when it is absent. */
  readonly header: (name: string) => string | null
  readonly text: string
  /** The answer was longer than `maxBytes`; `text` is its beginning. */
  readonly truncated: boolean
}

/**
 * - `offline`: there is no way to that network
 * - `dns`: the name cannot be resolved
 * - `refused`: nobody listens there
 * - `reset`: the connection broke
 * - `timeout`: there was no connection, or no whole answer, in time
 * - `garbled`: the answer is not HTTP
 * - `certificate`: no secure connection could be agreed on
 * - `invalid`: the request cannot be put into HTTP
 *
 * @since 0.1.0
 * @category models
 */
export const HttpFailureReason = Schema.Literal(
  "offline",
  "dns",
  "refused",
  "reset",
  "timeout",
  "garbled",
  "certificate",
  "invalid"
)

/**
 * @since 0.1.0
 * @category models
 */
export type HttpFailureReason = typeof HttpFailureReason.Type

/**
 * No answer. The message is for a person and holds nothing of the request but its origin.
 *
 * @since 0.1.0
 * @category errors
 */
export class HttpFailure extends Schema.TaggedError<HttpFailure>("effect-telemetry/submission/HttpFailure")(
  "HttpFailure",
  {
    reason: HttpFailureReason,
    /** May the endpoint have seen some of the request? */
    sent: Schema.Boolean,
    message: Schema.String
  }
) {}

/**
 * What a request fails with whose time is over.
 *
 * @since 0.1.0
 * @category constructors
 */
export const timedOut = (request: HttpRequest, sent: boolean): HttpFailure => {
  const { origin } = new URL(request.url)
  return new HttpFailure({
    reason: "timeout",
    sent,
    message: sent ? `${origin} did not answer in time` : `no connection to ${origin} in time`
  })
}

/**
 * The time limit for a client that has none of its own.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withTimeout = (
  request: HttpRequest,
  run: (request: HttpRequest) => Effect.Effect<HttpResponse, HttpFailure>
): Effect.Effect<HttpResponse, HttpFailure> =>
  Effect.suspend(() => {
    let sent = false
    const onSent = (): void => {
      sent = true
      request.onSent()
    }
    return Effect.timeoutFail(run({ ...request, onSent }), {
      duration: request.timeoutMillis,
      onTimeout: () => timedOut(request, sent)
    })
  })

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Interruption closes the connection. */
  readonly request: (request: HttpRequest) => Effect.Effect<HttpResponse, HttpFailure>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Http extends Context.Tag("effect-telemetry/submission/Http")<Http, Service>() {}
