import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as EventExport from "../../../src/collector/EventExport.js"
import * as Limits from "../../../src/collector/Limits.js"
import { type Backend, type Client, collectorOn, event, uuid4, uuid7 } from "../../collector/support.js"

const exported = (client: Client, filter?: EventExport.Filter) =>
  Effect.orDie(client.use(Effect.map(Stream.runCollect(EventExport.events(filter)), Chunk.toReadonlyArray)))

const byId = (a: Record<string, unknown>, b: Record<string, unknown>): number =>
  String(a["id"]) < String(b["id"]) ? -1 : 1

const now = Date.now()

/** What is exported is what was sent, on any database. */
export const exporting = (backend: Backend) => {
  const collector = collectorOn(backend)

  describe(`${backend.name}: export`, () => {
    it.scopedLive("tells every event as it was sent, and by any of its properties only those", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [anna, bert, s1, s2] = [uuid4(), uuid4(), uuid4(), uuid4()]
        const sent = [
          event({ id: uuid7(now - 5_000), timestamp: now - 5_000, sessionId: s1, installationId: anna, level: "full" }),
          event({
            id: uuid7(now - 4_000),
            timestamp: now - 4_000,
            sessionId: s2,
            installationId: anna,
            sampleRate: 0.3
          }),
          event({
            id: uuid7(now - 3_000),
            timestamp: now - 3_000,
            sessionId: s1,
            installationId: bert,
            suppressed: 7,
            app: { name: "bx", version: "" }
          }),
          event({
            id: uuid7(now - 2_000),
            timestamp: now - 2_000,
            eventType: "own",
            eventData: { text: "ä\u2028'\"\\", deep: { list: [1, null, true, 1.5e300] } }
          })
        ]
        assert.strictEqual((yield* client.post(sent)).body.accepted, sent.length)
        assert.deepStrictEqual(yield* exported(client), sent.sort(byId) as never)
        const those = (filter: EventExport.Filter) =>
          Effect.map(
            exported(client, filter),
            (events) => events.map(({ id }) => sent.findIndex((one) => one["id"] === id))
          )
        assert.deepStrictEqual(yield* those({ installation: anna }), [0, 1])
        assert.deepStrictEqual(yield* those({ session: s1.toUpperCase() }), [0, 2])
        assert.deepStrictEqual(yield* those({ app: "bx" }), [2])
        assert.deepStrictEqual(yield* those({ app: "ax", session: s1 }), [0])
        assert.deepStrictEqual(yield* those({ type: "own" }), [3])
        assert.deepStrictEqual(yield* those({ from: now - 4_000, to: now - 2_000 }), [1, 2])
        assert.deepStrictEqual(yield* those({ installation: uuid4() }), [])
      }))

    it.scopedLive("reads slice after slice, and tells nothing of who was erased", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const anna = uuid4()
        const sent = Array.from({ length: 2 * Limits.exportSlice + 1 }, (_, i) =>
          event({ id: uuid7(now + i), sessionId: uuid4(), ...(i % 500 === 0 ? { installationId: anna } : {}) }))
        for (let i = 0; i < sent.length; i += 1_000) {
          yield* client.post(sent.slice(i, i + 1_000))
        }
        assert.deepStrictEqual(
          (yield* exported(client)).map(({ id }) =>
            id
          ),
          sent.map(({ id }) => String(id))
        )
        assert.lengthOf(yield* exported(client, { installation: anna }), 5)
        const { status } = yield* client.request("/v1/events/erasure", {
          method: "POST",
          body: JSON.stringify({ requestId: uuid4(), installationId: anna }),
          headers: { "content-type": "application/json", "x-api-key": client.keys.ingest }
        })
        assert.strictEqual(status, 202)
        assert.lengthOf(yield* exported(client, { installation: anna }), 0)
        const ofAnna = new Set(sent.filter((one) => one["installationId"] === anna).map(({ id }) => id))
        assert.isFalse(
          (yield* exported(client)).some(({ id, installationId }) => ofAnna.has(id) && installationId !== undefined)
        )
      }))
  })
}
