import { afterAll, beforeAll } from "@effect/vitest"
import { PGlite } from "@electric-sql/pglite"
import { PGLiteSocketServer } from "@electric-sql/pglite-socket"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import type { Backend } from "./support.js"

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = Net.createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** An embedded Postgres for the tests of a file. It is one session: what needs several at once is tested on a real one. */
export const embedded = (): Backend => {
  let db: PGlite
  let server: PGLiteSocketServer
  let url = ""
  beforeAll(async () => {
    db = await PGlite.create()
    const port = await freePort()
    server = new PGLiteSocketServer({ db, port, host: "127.0.0.1", maxConnections: 64 })
    await server.start()
    url = `postgres://postgres@127.0.0.1:${port}/postgres`
  }, 60_000)
  afterAll(async () => {
    await server.stop()
    await db.close()
  })
  return {
    name: "Postgres",
    limits: { databaseConnections: 1 },
    shared: false,
    empty: Effect.promise(async () => {
      await db.exec("ROLLBACK; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
      return url
    })
  }
}
