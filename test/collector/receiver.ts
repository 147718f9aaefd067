import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"

export interface Received {
  readonly path: string | undefined
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

/** A receiver on this machine; `answer` says how it answers. */
export const receiver = (answer: (response: Http.ServerResponse, nth: number) => void) =>
  Effect.gen(function*() {
    const got: Array<Received> = []
    const first = yield* Deferred.make<void>()
    const server = Http.createServer((request, response) => {
      let body = ""
      request.on("data", (part) => {
        body += part
      })
      request.on("end", () => {
        got.push({ path: request.url, headers: request.headers, body })
        answer(response, got.length)
        Deferred.unsafeDone(first, Effect.void)
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          server.closeAllConnections()
          server.close(() => resume(Effect.void))
        })
    )
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, first }
  })
