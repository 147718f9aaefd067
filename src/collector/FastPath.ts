/**
 * The way of events past the router. Nearly all requests are `POST /v1/events`: to find their route, to keep a scope and a
 * context for each, and to be ready for every kind of answer costs as much as to receive and to parse a batch. Node calls us here,
 * so the effect is run here, as the platform's server runs that of every other request.
 *
 * @since 0.1.0
 */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Http from "node:http"
import * as Around from "./Around.js"
import type * as Counters from "./Counters.js"
import { EventIntake } from "./EventIntake.js"
import type * as Keys from "./Keys.js"
import type { Past } from "./Listener.js"
import * as Respond from "./Respond.js"

const isOurs = ({ method, url }: Http.IncomingMessage): boolean => url === "/v1/events" && method === "POST"

const write = (target: Http.ServerResponse, { body, headers, status }: HttpServerResponse.HttpServerResponse): void => {
  if (target.writableEnded) return
  target.writeHead(status, headers)
  target.end(body._tag === "Uint8Array" ? body.body : undefined)
}

/**
 * Takes events, and leaves every other request to the listener that it is given.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Past,
  never,
  EventIntake | Counters.Counters | Keys.Keys
> = Effect.gen(function*() {
  const { receive } = yield* EventIntake
  const around = yield* Around.make
  const runFork = Runtime.runFork(yield* Effect.runtime())
  const respond = (source: Http.IncomingMessage, target: Http.ServerResponse) =>
    receive(source).pipe(
      Effect.catchAllDefect(Respond.fault),
      Effect.flatMap((response) => around(source, response)),
      Effect.map((response) => write(target, response))
    )
  return (others) => (source, target) => {
    if (!isOurs(source)) return others(source, target)
    const fiber = runFork(respond(source, target))
    target.on("close", () => {
      if (!target.writableEnded) fiber.unsafeInterruptAsFork(fiber.id())
    })
  }
})
