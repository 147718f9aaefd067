/**
 * The HTTP server itself: slow and greedy clients are cut off, and it stops in time whatever connections are open.
 *
 * @since 0.1.0
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Http from "node:http"
import * as Limits from "./Limits.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Address {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
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

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (address: Address): Layer.Layer<HttpServer.HttpServer, ServeError> =>
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
      return service
    })
  )
