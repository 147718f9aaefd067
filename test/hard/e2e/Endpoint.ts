/**
 * A loopback endpoint of the test's own: stores by event id as a collector does, and answers as it is told.
 */
import { once } from "node:events"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import * as zlib from "node:zlib"

export type Behaviour = "ok" | "hang" | "reset" | "lost-ack" | "unavailable"

export interface Endpoint {
  readonly url: string
  /** Feature names by how often each event id of theirs was received; an id counts once in `names`. */
  readonly names: ReadonlyMap<string, number>
  /** Event ids by how often they arrived over the wire. */
  readonly received: ReadonlyMap<string, number>
  readonly arrivals: ReadonlyArray<{ readonly at: number; readonly events: number }>
  readonly behave: (next: (request: number) => Behaviour) => void
  readonly close: () => Promise<void>
}

interface WireEvent {
  readonly id: string
  readonly eventData: { readonly featureName?: string }
}

const bodyOf = async (request: http.IncomingMessage): Promise<ReadonlyArray<WireEvent>> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk)
  const raw = Buffer.concat(chunks)
  const text = request.headers["content-encoding"] === "gzip" ? zlib.gunzipSync(raw) : raw
  return (JSON.parse(text.toString()) as { readonly events: ReadonlyArray<WireEvent> }).events
}

export const start = async (): Promise<Endpoint> => {
  const names = new Map<string, number>()
  const received = new Map<string, number>()
  const arrivals: Array<{ readonly at: number; readonly events: number }> = []
  let behaviour: (request: number) => Behaviour = () => "ok"
  let requests = 0

  const store = (events: ReadonlyArray<WireEvent>): number => {
    let duplicates = 0
    for (const event of events) {
      const times = received.get(event.id) ?? 0
      received.set(event.id, times + 1)
      if (times > 0) duplicates += 1
      else if (event.eventData.featureName !== undefined) {
        names.set(event.eventData.featureName, (names.get(event.eventData.featureName) ?? 0) + 1)
      }
    }
    return duplicates
  }

  const server = http.createServer((request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "application/json" }).end("{\"ok\":true}")
      return
    }
    void bodyOf(request).then((events) => {
      const what = behaviour(requests++)
      if (what === "hang") return
      if (what === "reset") {
        request.socket.resetAndDestroy()
        return
      }
      if (what === "unavailable") {
        response.writeHead(503, { "content-type": "application/json" }).end("{}")
        return
      }
      const duplicates = store(events)
      arrivals.push({ at: performance.now(), events: events.length })
      if (what === "lost-ack") {
        request.socket.destroy()
        return
      }
      response.writeHead(200, { "content-type": "application/json" })
      response.end(JSON.stringify({ success: true, accepted: events.length, rejected: 0, duplicates }))
    }, () => {})
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1/events`,
    names,
    received,
    arrivals,
    behave: (next) => {
      behaviour = next
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}
