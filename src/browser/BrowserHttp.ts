/**
 * HTTP over the browser's `fetch`: without cookies, without a referrer, and no redirect is followed.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  Http,
  HttpFailure,
  type HttpRequest,
  type HttpResponse,
  type Service,
  withTimeout
} from "../submission/Http.js"
import { Page } from "./Page.js"

/**
 * What every request of ours has in common.
 *
 * @since 0.1.0
 * @category constants
 */
export const discreet = {
  credentials: "omit",
  redirect: "error",
  referrerPolicy: "no-referrer",
  cache: "no-store"
} as const

const read = async (response: Response, maxBytes: number): Promise<HttpResponse> => {
  const decoder = new TextDecoder()
  const reader = (response.body ?? new Blob().stream()).getReader()
  let size = 0
  let text = ""
  while (size <= maxBytes) {
    const { done, value } = await reader.read()
    if (done) break
    const room = maxBytes - size
    size += value.length
    text += decoder.decode(value.length > room ? value.subarray(0, room) : value, { stream: true })
  }
  const truncated = size > maxBytes
  if (truncated) await reader.cancel()
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    text: text + decoder.decode(),
    truncated
  }
}

// Names that a page may not set, or that would make the request one more that has to be asked for first.
const unsent = new Set(["user-agent"])

const headersOf = (request: HttpRequest): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).filter(([name]) => !unsent.has(name)))

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ fetch, isOnline }: Pick<Page["Type"], "fetch" | "isOnline">): Service => {
  const post = (request: HttpRequest): Effect.Effect<HttpResponse, HttpFailure> =>
    Effect.tryPromise({
      try: async (signal) => {
        const body = request.body === null ? {} : { body: new Uint8Array(request.body) }
        const sent = fetch(request.url, {
          method: request.method,
          headers: headersOf(request),
          ...body,
          ...discreet,
          signal
        })
        request.onSent()
        return read(await sent, request.maxBytes)
      },
      // A browser does not say why.
      catch: () =>
        new HttpFailure({
          reason: "reset",
          sent: true,
          message: `cannot reach ${new URL(request.url).origin}: no connection`
        })
    })

  /** A request that cannot succeed would only leave a line in the console of the page. */
  const send = (request: HttpRequest): Effect.Effect<HttpResponse, HttpFailure> =>
    Effect.suspend(() =>
      isOnline()
        ? post(request)
        : Effect.fail(new HttpFailure({ reason: "offline", sent: false, message: "the browser is offline" }))
    )

  return { request: (request) => withTimeout(request, send) }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Http> = Layer.effect(Http, Effect.map(Page, make))
