import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Keys } from "../../src/collector/Keys.js"
import { type Client, collector, event } from "./support.js"

const shop = "https://shop.example"

const shopKey = (client: Client) =>
  Effect.orDie(client.use(Effect.flatMap(Keys, (keys) => keys.create({ role: "ingest", origins: [shop] }))))

const preflight = (client: Client, origin: string, path = "/v1/events") =>
  client.request(path, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" }
  })

const allowed = ({ headers }: { readonly headers: Headers }) => headers.get("access-control-allow-origin")

describe("pages of other origins", () => {
  it.scopedLive("may send, and read the answer, where a key names their origin", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const { key } = yield* shopKey(client)
      const asked = yield* preflight(client, shop)
      assert.deepStrictEqual([asked.status, allowed(asked), asked.headers.get("vary")], [204, shop, "Origin"])
      assert.include(asked.headers.get("access-control-allow-headers") ?? "", "x-api-key")
      assert.isNull(asked.headers.get("access-control-allow-credentials"))
      const sent = yield* client.post([event()], { origin: shop, "x-api-key": key })
      assert.deepStrictEqual([sent.status, allowed(sent)], [200, shop])
      const beacon = yield* client.send(JSON.stringify({ key, events: [event()] }), {
        key: null,
        headers: { "content-type": "text/plain", origin: shop }
      })
      assert.deepStrictEqual([beacon.status, beacon.body.accepted], [200, 1])
    }))

  it.scopedLive("are refused where none does", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const { key } = yield* shopKey(client)
      for (
        const origin of ["https://evil.example", "https://shop.example.evil.example", "null", "http://shop.example"]
      ) {
        const asked = yield* preflight(client, origin)
        assert.deepStrictEqual([asked.status, allowed(asked)], [403, null], origin)
        const sent = yield* client.post([event()], { origin, "x-api-key": key })
        assert.deepStrictEqual([sent.status, allowed(sent)], [403, null], origin)
        const beacon = yield* client.send(JSON.stringify({ key, events: [event()] }), {
          key: null,
          headers: { "content-type": "text/plain", origin }
        })
        assert.strictEqual(beacon.status, 403)
      }
      assert.strictEqual((yield* client.post([event()], { "x-api-key": key })).status, 200)
    }))

  it.scopedLive("lose that with the key, and never had it for what is read", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const { id } = yield* shopKey(client)
      const read = yield* client.request("/v1/rollups?interval=day", {
        headers: { origin: shop, "x-api-key": client.keys.read }
      })
      assert.deepStrictEqual([read.status, allowed(read)], [200, null])
      assert.notStrictEqual((yield* preflight(client, shop, "/v1/rollups")).status, 204)
      yield* Effect.orDie(client.use(Effect.flatMap(Keys, (keys) => keys.revoke(id))))
      assert.strictEqual((yield* preflight(client, shop)).status, 403)
    }))
})
