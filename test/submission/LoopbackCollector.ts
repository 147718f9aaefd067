import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { Scope } from "effect/Scope"
import * as http from "node:http"
import * as https from "node:https"
import type { AddressInfo, Socket } from "node:net"
import { gunzipSync } from "node:zlib"
import type * as FakeCollector from "../../src/testing/FakeCollector.js"
import type { Reply } from "../../src/testing/Fault.js"

export interface Loopback {
  readonly origin: string
  readonly endpoint: string
  /** One entry for each request whose connection the client closed before it was answered. */
  readonly abandoned: Queue.Dequeue<string>
  /** One entry for each request that has come whole. */
  readonly arrived: Queue.Dequeue<string>
  /** Bodies as they came over the wire. */
  readonly raw: Array<Buffer>
  /** Connections ever made. */
  readonly connections: () => number
}

const deliver = (reply: Reply, response: http.ServerResponse, socket: Socket): void => {
  switch (reply._tag) {
    case "Answer":
      response.writeHead(reply.status, { ...reply.headers })
      response.end(reply.body)
      return
    case "Silence":
      return
    case "Close":
      socket.resetAndDestroy()
      return
    case "Half":
      response.writeHead(200, { "content-length": Buffer.byteLength(reply.body) })
      response.write(reply.body.slice(0, Math.floor(reply.body.length / 2)), () => socket.destroy())
      return
    case "Trickle": {
      response.writeHead(200, { "content-length": 1_000_000 })
      const timer = setInterval(() => response.write(" "), 20)
      response.on("close", () => clearInterval(timer))
    }
  }
}

/** Puts a real socket before a fake collector. */
export const serve = (
  collector: Pick<FakeCollector.Service, "handle">,
  tls?: { readonly key: string; readonly cert: string }
): Effect.Effect<Loopback, never, Scope> =>
  Effect.gen(function*() {
    const abandoned = yield* Queue.unbounded<string>()
    const arrived = yield* Queue.unbounded<string>()
    const raw: Array<Buffer> = []
    let connections = 0
    const onRequest = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      const chunks: Array<Buffer> = []
      const path = request.url ?? ""
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("close", () => {
        if (!response.writableEnded) abandoned.unsafeOffer(path)
      })
      request.on("end", () => {
        const bytes = Buffer.concat(chunks)
        raw.push(bytes)
        const headers = request.headers as Record<string, string | undefined>
        const body = (headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8")
        const reply = Effect.runSync(collector.handle({ method: request.method ?? "", path, headers, body }))
        deliver(reply, response, request.socket)
        arrived.unsafeOffer(path)
      })
    }
    const server = tls === undefined ? http.createServer(onRequest) : https.createServer(tls, onRequest)
    server.on("connection", () => void connections++)
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const origin = `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { origin, endpoint: `${origin}/v1/events`, abandoned, arrived, raw, connections: () => connections }
  })
