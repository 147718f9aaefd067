/**
 * A loopback proxy between the program and the collector, with which the demo stages its accidents.
 */
import { once } from "node:events"
import * as http from "node:http"
import type { AddressInfo } from "node:net"

/**
 * - `pass`: to the collector and back; while the collector is away, the connection is cut
 * - `hold`: requests are taken and never answered
 * - `swallow`: requests reach the collector and are committed there, the answer never comes back
 */
export type Mode = "pass" | "hold" | "swallow"

export interface Proxy {
  readonly url: string
  readonly mode: (mode: Mode) => void
  /** Resolves with the number of events of the next batch that is held, or whose answer is swallowed. */
  readonly caught: () => Promise<string>
  readonly close: () => void
}

const forward = (target: string, request: http.IncomingMessage, body: Buffer): Promise<{
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}> =>
  new Promise((resolve, reject) => {
    const to = http.request(
      target + (request.url ?? "/"),
      { method: request.method, headers: request.headers },
      (answer) => {
        const chunks: Array<Buffer> = []
        answer.on("data", (chunk: Buffer) => chunks.push(chunk))
        answer.on(
          "end",
          () => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) })
        )
        answer.on("error", reject)
      }
    )
    to.on("error", reject)
    to.end(body)
  })

export const start = async (target: () => string): Promise<Proxy> => {
  let mode: Mode = "pass"
  const waiting: Array<(key: string) => void> = []
  const server = http.createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("error", () => {})
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const at = mode
      const key = String(request.headers["idempotency-key"])
      if (at === "hold" && request.method === "POST") return waiting.shift()?.(key)
      void forward(target(), request, Buffer.concat(chunks)).then((answer) => {
        if (at === "swallow" && request.method === "POST") return waiting.shift()?.(key)
        response.writeHead(answer.status, answer.headers)
        response.end(answer.body)
      }, () => request.socket.destroy())
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    mode: (next) => {
      mode = next
    },
    caught: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
