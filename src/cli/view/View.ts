/**
 * The panel, listening on this machine only.
 *
 * @since 0.1.0
 */
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Flags, Host } from "../Host.js"
import * as Access from "./Access.js"
import * as App from "./App.js"

const portOf = (address: HttpServer.Address): number => address._tag === "TcpAddress" ? address.port : 0

const listen = (flags: Flags) =>
  Effect.gen(function*() {
    const server = yield* HttpServer.HttpServer
    const secrets = yield* Access.makeSecrets
    const port = portOf(server.address)
    yield* HttpServer.serveEffect(App.make({ flags, secrets, port }))
    return `http://127.0.0.1:${port}/${secrets.token}/`
  })

/**
 * Answers until the scope closes; gives the address to open. It prints nothing and leaves nothing on disk. Port 0 picks a free
 * one.
 *
 * @since 0.1.0
 * @category constructors
 */
export const serve = (flags: Flags, port: number): Effect.Effect<string, ServeError, Host | Scope.Scope> =>
  Effect.gen(function*() {
    const listener = yield* Effect.promise(() => import("../../collector/Listener.js"))
    const context = yield* Layer.build(listener.layer({ host: "127.0.0.1", port }))
    return yield* Effect.provide(listen(flags), context)
  }).pipe(HttpMiddleware.withTracerDisabledWhenEffect(() => true), Effect.withTracerEnabled(false))
