import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as Net from "node:net"
import * as Limits from "../../src/collector/Limits.js"
import { event, start, tempDir } from "./support.js"

const opened = (url: string): Effect.Effect<Net.Socket> =>
  Effect.async((resume) => {
    const { hostname, port } = new URL(url)
    const socket = Net.connect(Number(port), hostname, () => resume(Effect.succeed(socket)))
    socket.on("error", () => {})
  })

describe("shutdown", () => {
  it.scopedLive("answers what is in flight, keeps what it accepted, and does not wait for a client that says nothing", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const scope = yield* Scope.make()
      const client = yield* Scope.extend(start(`sqlite:${dir}/c.db`), scope)
      const idle = yield* opened(client.url)
      const silent = yield* opened(client.url)
      silent.write("POST /v1/events HTTP/1.1\r\n")
      const agent = new Http.Agent({ keepAlive: true })
      const body = JSON.stringify({ events: [event()] })
      let finish = () => {}
      const answered = new Promise<number>((resolve) => {
        const request = Http.request(`${client.url}/v1/events`, {
          method: "POST",
          agent,
          headers: {
            "content-type": "application/json",
            "x-api-key": client.keys.ingest,
            "content-length": Buffer.byteLength(body)
          }
        }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        request.on("error", () => resolve(0))
        request.write(body.slice(0, 20))
        finish = () => request.end(body.slice(20))
      })
      // The server has seen the request once it answers one that came after it.
      yield* client.request("/healthz")
      const before = performance.now()
      const closed = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* Effect.yieldNow()
      finish()
      assert.strictEqual(yield* Effect.promise(() => answered), 200)
      yield* closed
      // Left alone, the silent connection would have been cut after its time for headers.
      assert.isBelow(performance.now() - before, Limits.headersTimeoutMillis - 5_000)
      idle.destroy()
      silent.destroy()
      agent.destroy()
      const db = new Database(`${dir}/c.db`, { readonly: true })
      assert.deepStrictEqual(db.prepare("SELECT count(*) AS n FROM events").get(), { n: 1 })
      assert.deepStrictEqual(db.pragma("integrity_check"), [{ integrity_check: "ok" }])
      db.close()
    }))

  it.scopedLive("takes no new connection once it is over", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* Effect.scoped(start(`sqlite:${dir}/c.db`))
      const exit = yield* Effect.exit(Effect.tryPromise(() => fetch(`${client.url}/healthz`)))
      assert.isTrue(Exit.isFailure(exit))
    }))
})
