/**
 * HTTP over Node's own client: the cheapest there is, both to load and to run. It is loaded with the first request.
 *
 * No socket keeps the process alive. A caller whose program must wait for an answer has to hold it open by itself, as
 * `runMain` does.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import type * as NodeModule from "node:http"
import type { Socket } from "node:net"
import {
  Http,
  type HttpFailure,
  type HttpRequest,
  type HttpResponse,
  type Service,
  timedOut
} from "../submission/Http.js"
import { fromError } from "./NodeHttpFailure.js"
import * as Pending from "./PendingConnections.js"

/** Idle connections end before those of most servers do, so that a request seldom meets one that is just being closed. */
const idleMillis = 4_000

interface Client {
  readonly request: typeof NodeModule.request
  readonly agent: NodeModule.Agent
}

type Resume = (effect: Effect.Effect<HttpResponse, HttpFailure>) => void

const text = (chunks: ReadonlyArray<Buffer>): string =>
  chunks.length === 1 ? chunks[0]!.toString("utf8") : Buffer.concat(chunks).toString("utf8")

const headerOf = (incoming: NodeModule.IncomingMessage) => (name: string): string | null => {
  const value = incoming.headers[name]
  return value === undefined ? null : typeof value === "string" ? value : value.join(", ")
}

const send = (client: Client, request: HttpRequest, resume: Resume): Effect.Effect<void> => {
  let sent = false
  let over = false
  let answering = false
  let connected: () => void = () => {}
  let outgoing: NodeModule.ClientRequest | undefined

  const end = (result: Effect.Effect<HttpResponse, HttpFailure>): void => {
    if (over) return
    over = true
    clearTimeout(timer)
    connected()
    resume(result)
  }
  const fail = (error: unknown): void => {
    if (over) return
    const origin = URL.canParse(request.url) ? new URL(request.url).origin : "the endpoint"
    end(Effect.fail(fromError(error, origin, sent)))
  }
  const timer = setTimeout(() => {
    end(Effect.fail(timedOut(request, sent)))
    outgoing?.destroy()
  }, request.timeoutMillis).unref()

  const markSent = (): void => {
    connected()
    if (sent) return
    sent = true
    request.onSent()
  }

  const read = (incoming: NodeModule.IncomingMessage): void => {
    answering = true
    const chunks: Array<Buffer> = []
    let size = 0
    const answer = (truncated: boolean): HttpResponse => ({
      status: incoming.statusCode ?? 0,
      header: headerOf(incoming),
      text: text(chunks),
      truncated
    })
    incoming.on("data", (chunk: Buffer) => {
      const room = request.maxBytes - size
      size += chunk.length
      chunks.push(size > request.maxBytes ? chunk.subarray(0, room) : chunk)
      if (size > request.maxBytes) {
        end(Effect.succeed(answer(true)))
        outgoing?.destroy()
      }
    })
    incoming.on("end", () => end(Effect.succeed(answer(false))))
    incoming.on("error", fail)
    incoming.on("close", () => fail(undefined))
  }

  const attach = (socket: Socket): void => {
    socket.unref()
    if (outgoing?.reusedSocket === true) return markSent()
    connected = Pending.add(() => outgoing?.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })))
    // A connection that tries several addresses changes its handle on the way, and the new one counts again.
    socket.once("connect", () => {
      socket.unref()
      connected()
    })
    socket.once("encrypted" in socket ? "secureConnect" : "connect", markSent)
  }

  try {
    outgoing = client.request(request.url, {
      method: request.method,
      headers: request.headers,
      agent: client.agent
    })
    outgoing.on("socket", attach)
    outgoing.on("response", read)
    outgoing.on("error", fail)
    outgoing.on("close", () => {
      if (!answering) fail(undefined)
    })
    outgoing.end(request.body ?? undefined)
  } catch (error) {
    fail(error)
  }
  return Effect.sync(() => {
    over = true
    clearTimeout(timer)
    connected()
    outgoing?.destroy()
  })
}

/**
 * Connections are kept for reuse until the scope closes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, Scope> = Effect.gen(function*() {
  const clients = new Map<string, Client>()
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { agent } of clients.values()) agent.destroy()
      clients.clear()
    })
  )
  const load = async (secure: boolean): Promise<Client> => {
    const options = { keepAlive: true, timeout: idleMillis }
    if (!secure) {
      const http = await import("node:http")
      return { request: http.request, agent: new http.Agent(options) }
    }
    const https = await import("node:https")
    return { request: https.request, agent: new https.Agent(options) }
  }
  const open = (protocol: string): Effect.Effect<Client> =>
    Effect.map(Effect.promise(() => load(protocol === "https:")), (client) => {
      const known = clients.get(protocol)
      if (known !== undefined) return known
      clients.set(protocol, client)
      return client
    })
  const issue = (client: Client, request: HttpRequest): Effect.Effect<HttpResponse, HttpFailure> =>
    Effect.async((resume) => send(client, request, resume))
  return {
    request: (request) => {
      const protocol = request.url.startsWith("https:") ? "https:" : "http:"
      const client = clients.get(protocol)
      return client === undefined
        ? Effect.flatMap(open(protocol), (opened) => issue(opened, request))
        : issue(client, request)
    }
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Http> = Layer.scoped(Http, make)
