/** A proxy that can stop passing anything on without closing a connection, as a network does that fails. */
import { once } from "node:events"
import * as Net from "node:net"

export interface Proxy {
  readonly port: number
  /** From now on nothing is passed on, of old connections and of new ones. */
  readonly swallow: () => void
  /** New connections work again; old ones never do. */
  readonly heal: () => void
  readonly close: () => void
}

export const start = async (target: number): Promise<Proxy> => {
  const sockets = new Set<Net.Socket>()
  const state = { swallowing: false, generation: 0 }
  const server = Net.createServer((near) => {
    const { generation } = state
    const far = Net.connect(target, "127.0.0.1")
    const passes = () => !state.swallowing && generation === state.generation
    const pipe = (from: Net.Socket, to: Net.Socket) => {
      sockets.add(from)
      from.on("data", (chunk) => {
        if (passes()) to.write(chunk)
      })
      from.on("error", () => {})
      from.on("close", () => {
        sockets.delete(from)
        if (passes()) to.destroy()
      })
    }
    pipe(near, far)
    pipe(far, near)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    swallow: () => {
      state.swallowing = true
      state.generation += 1
    },
    heal: () => {
      state.swallowing = false
      state.generation += 1
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}
