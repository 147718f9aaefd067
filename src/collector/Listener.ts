/**
 * The HTTP server itself: slow and greedy clients are cut off, and it stops in time whatever connections are open.
 *
 * @since 0.1.0
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type * as HttpApp from "@effect/platform/HttpApp"
import type { HttpMiddleware } from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Http from "node:http"
import type { Duplex } from "node:stream"
import * as Limits from "./Limits.js"
import * as Problem from "./Problem.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Address {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
}

/**
 * What Node calls with a request.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestListener = (source: Http.IncomingMessage, target: Http.ServerResponse) => void

/**
 * May take requests before they come to the application, and leaves it the others.
 *
 * @since 0.1.0
 * @category models
 */
export type Past = (others: RequestListener) => RequestListener

/** What the parser gives up on, by its code; anything else is no HTTP. */
const problems: ReadonlyMap<string, Problem.Problem> = new Map([
  ["HPE_HEADER_OVERFLOW", Problem.headersTooLarge],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", Problem.tooLarge("The extensions of a chunk are too long")],
  ["ERR_HTTP_REQUEST_TIMEOUT", Problem.timedOut]
])

const noHttp = Problem.malformed("The request is not HTTP/1.1, or not in one way only")

const bytesOf = (problem: Problem.Problem): string => {
  const body = Problem.toJson(problem)
  return [
    `HTTP/1.1 ${problem.status} ${Http.STATUS_CODES[problem.status]}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "",
    body
  ].join("\r\n")
}

/**
 * What is no request, or never becomes a whole one, is refused like any other, and its connection closed. Where an answer has
 * begun, another in the middle of it would be taken for a part of it.
 */
const refuseNoise = (server: Http.Server): void => {
  const answering = new WeakMap<Duplex, Http.ServerResponse>()
  server.prependListener("request", (request: Http.IncomingMessage, response: Http.ServerResponse) => {
    answering.set(request.socket, response)
  })
  server.on("clientError", (error: Error & { readonly code?: string }, socket: Duplex) => {
    const response = answering.get(socket)
    const hasBegun = response !== undefined && response.headersSent && !response.writableFinished
    if (!socket.writable || hasBegun || error.code === "ECONNRESET") {
      socket.destroy()
      return
    }
    // Without a listener, a client that hangs up meanwhile would be an uncaught error.
    socket.on("error", () => {})
    socket.end(bytesOf(problems.get(error.code ?? "") ?? noHttp), () => socket.destroy())
  })
}

/** Who only stops to talk still waits for its answer; left to itself, Node hangs up, unless the answer is there already. */
const answerHalfOpen = (server: Http.Server): void => {
  Object.assign(server, { httpAllowHalfOpen: true })
}

const makeServer = (): Http.Server => {
  const server = Http.createServer({
    maxHeaderSize: Limits.maxHeaderBytes,
    headersTimeout: Limits.headersTimeoutMillis,
    requestTimeout: Limits.requestTimeoutMillis,
    connectionsCheckingInterval: Limits.connectionsCheckMillis,
    keepAliveTimeout: Limits.keepAliveTimeoutMillis,
    insecureHTTPParser: false
  })
  server.maxConnections = Limits.maxConnections
  refuseNoise(server)
  answerHalfOpen(server)
  return server
}

/** Connections without a request are closed at once and again as requests end; when time is up, all are. */
const closing = (server: Http.Server): Effect.Effect<void> =>
  Effect.sync(() => server.closeIdleConnections()).pipe(
    Effect.zipRight(Effect.sleep(Duration.millis(25))),
    Effect.forever,
    Effect.timeoutOption(Duration.millis(Limits.drainMillis)),
    Effect.zipRight(Effect.sync(() => server.closeAllConnections()))
  )

const passOn: Past = (others) => others

/**
 * As the platform's own server does it, but for two things: `past` may take requests before they come to the application, and no
 * other protocol is spoken. While somebody listens for upgrades, Node takes the socket away from a request that offers one, its
 * body with it; clients that would rather speak HTTP/2 offer one with every request.
 */
const serveOn = (server: Http.Server, past: Past) => (app: HttpApp.Default<unknown>, middleware?: HttpMiddleware) =>
  Effect.flatMap(
    middleware === undefined ? NodeHttpServer.makeHandler(app) : NodeHttpServer.makeHandler(app, middleware),
    (handler) =>
      Effect.asVoid(Effect.acquireRelease(
        Effect.sync(() => {
          const listener = past(handler)
          server.on("request", listener)
          return listener
        }),
        (listener) => Effect.sync(() => server.off("request", listener))
      ))
  )

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  address: Address,
  past: Past = passOn
): Layer.Layer<HttpServer.HttpServer, ServeError> =>
  Layer.scoped(
    HttpServer.HttpServer,
    Effect.gen(function*() {
      const server = makeServer()
      let deadline: Fiber.RuntimeFiber<void> | undefined
      // Finalizers run last to first: the deadline is set, the server closes, the deadline is lifted.
      yield* Effect.addFinalizer(() => deadline === undefined ? Effect.void : Fiber.interruptFork(deadline))
      const service = yield* NodeHttpServer.make(() => server, { ...address })
      yield* Effect.addFinalizer(() =>
        Effect.map(Effect.forkDaemon(Effect.interruptible(closing(server))), (fiber) => {
          deadline = fiber
        })
      )
      return HttpServer.make({ address: service.address, serve: serveOn(server, past) })
    })
  )
