/**
 * The `Http` port without a network: requests go to a function, and what it replies arrives as a connection would bring it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { HttpFailure, type HttpRequest, type HttpResponse, type Service, withTimeout } from "../submission/Http.js"
import type { CollectorRequest } from "./FakeCollector.js"
import type { Reply } from "./Fault.js"

const inflate = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.promise(() =>
    new Response(new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
  )

const bodyOf = (request: HttpRequest): Effect.Effect<string> => {
  if (request.body === null) return Effect.succeed("")
  return request.headers["content-encoding"] === "gzip"
    ? inflate(request.body)
    : Effect.succeed(new TextDecoder().decode(request.body))
}

const broken = (request: HttpRequest): HttpFailure =>
  new HttpFailure({
    reason: "reset",
    sent: true,
    message: `cannot reach ${new URL(request.url).origin}: the connection broke`
  })

const deliver = (reply: Reply, request: HttpRequest): Effect.Effect<HttpResponse, HttpFailure> => {
  switch (reply._tag) {
    case "Silence":
    case "Trickle":
      // `Effect.never` would hold the process alive.
      return Effect.async(() => {})
    case "Close":
    case "Half":
      return Effect.fail(broken(request))
    case "Answer": {
      const bytes = new TextEncoder().encode(reply.body)
      const truncated = bytes.length > request.maxBytes
      return Effect.succeed({
        status: reply.status,
        header: (name) => reply.headers[name] ?? null,
        text: truncated ? new TextDecoder().decode(bytes.subarray(0, request.maxBytes)) : reply.body,
        truncated
      })
    }
  }
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (handle: (request: CollectorRequest) => Effect.Effect<Reply>): Service => {
  const send = (request: HttpRequest): Effect.Effect<HttpResponse, HttpFailure> =>
    Effect.suspend(() => {
      request.onSent()
      const { method, headers } = request
      const path = new URL(request.url).pathname
      return Effect.flatMap(bodyOf(request), (body) => handle({ method, path, headers, body }))
    }).pipe(Effect.flatMap((reply) => deliver(reply, request)))
  return { request: (request) => withTimeout(request, send) }
}

/**
 * A network that is away: every request fails for this reason, and none has left.
 *
 * @since 0.1.0
 * @category constructors
 */
export const failing = (reason: HttpFailure["reason"]): Service => ({
  request: (request) =>
    Effect.fail(
      new HttpFailure({ reason, sent: false, message: `cannot reach ${new URL(request.url).origin}: ${reason}` })
    )
})
