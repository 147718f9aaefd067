/**
 * HTTP over any client of `@effect/platform`: for browsers, and for programs that bring their own. On Node the client in
 * `node/NodeHttp` costs a third.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Http, HttpFailure, type HttpRequest, type HttpResponse, type Service, withTimeout } from "./Http.js"

const failed = (request: HttpRequest) => (error: HttpClientError.HttpClientError): HttpFailure => {
  const invalid = error._tag === "RequestError" && error.reason !== "Transport"
  return new HttpFailure({
    reason: invalid ? "invalid" : "reset",
    sent: !invalid,
    message: `cannot reach ${new URL(request.url).origin}: ` + (invalid ? "the request is not valid" : "no connection")
  })
}

const toRequest = (request: HttpRequest): HttpClientRequest.HttpClientRequest => {
  const { "content-type": contentType, ...headers } = request.headers
  const bare = HttpClientRequest.make(request.method)(request.url, { headers })
  return request.body === null ? bare : HttpClientRequest.bodyUint8Array(bare, request.body, contentType)
}

const read = (
  response: HttpClientResponse.HttpClientResponse,
  maxBytes: number
): Effect.Effect<HttpResponse, HttpClientError.HttpClientError> => {
  const decoder = new TextDecoder()
  let size = 0
  let text = ""
  return response.stream.pipe(
    Stream.takeUntil((chunk) => {
      const room = maxBytes - size
      size += chunk.length
      text += decoder.decode(chunk.length > room ? chunk.subarray(0, room) : chunk, { stream: true })
      return size > maxBytes
    }),
    Stream.runDrain,
    // An answer without a body is an empty one here.
    Effect.catchIf((error) => error._tag === "ResponseError" && error.reason === "EmptyBody", () => Effect.void),
    Effect.map(() => ({
      // A browser shows a redirect it did not follow as status 0.
      status: response.status === 0 ? 302 : response.status,
      header: (name: string) => response.headers[name] ?? null,
      text: text + decoder.decode(),
      truncated: size > maxBytes
    }))
  )
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (client: HttpClient.HttpClient): Service => {
  const quiet = HttpClient.withTracerPropagation(client, false)
  const send = (request: HttpRequest): Effect.Effect<HttpResponse, HttpFailure> =>
    Effect.suspend(() => {
      request.onSent()
      return quiet.execute(toRequest(request))
    }).pipe(
      Effect.flatMap((response) => read(response, request.maxBytes)),
      Effect.mapError(failed(request)),
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual", credentials: "omit" }),
      Effect.withTracerEnabled(false)
    )
  return { request: (request) => withTimeout(request, send) }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Http, never, HttpClient.HttpClient> = Layer.effect(
  Http,
  Effect.map(HttpClient.HttpClient, make)
)
