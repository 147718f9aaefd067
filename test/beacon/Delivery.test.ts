import { assert, describe, it } from "@effect/vitest"
import { afterEach, beforeEach, vi } from "vitest"
import * as Delivery from "../../src/beacon/Delivery.js"
import { uuid4, uuid7 } from "../../src/beacon/Ids.js"
import * as Queue from "../../src/beacon/Queue.js"
import * as Envelope from "../../src/collector/Envelope.js"
import { endpoint, store } from "./stubs.js"

const epoch = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"

const event = (name = "a"): Queue.WireEvent => ({
  id: uuid7(Date.now()),
  sessionId: uuid4(),
  eventType: "feature_used",
  eventData: { featureName: name },
  timestamp: Date.now(),
  level: "basic",
  sampleRate: 1,
  app: { name: "shop", version: "1.0.0" },
  schemaVersion: 1
})

type Send = (url: string, init: RequestInit) => Promise<Response>

const accepted = (): Promise<Response> => Promise.resolve(Response.json({ accepted: 1, rejected: 0 }, { status: 202 }))

const setUp = (send: Send, sendable: ReadonlyArray<string> = [epoch]) => {
  const bodies: Array<{ readonly key: string; readonly events: ReadonlyArray<Queue.WireEvent> }> = []
  const inits: Array<RequestInit> = []
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    bodies.push(JSON.parse(String(init.body)))
    inits.push(init)
    return send(url, init)
  })
  const queue = Queue.make(store(), "queue:")
  const counters = { sent: 0, rejected: 0 }
  const delivery = Delivery.make({
    endpoint: endpoint.href,
    key: "etk_x",
    lingerMillis: 1_000_000,
    lock: null,
    queue,
    sendable: () => sendable,
    counters
  })
  return { bodies, inits, queue, counters, delivery }
}

describe("a beacon's queue", () => {
  it("gives the oldest first, and removes what was recorded under a grant that no longer stands", () => {
    const queue = Queue.make(store(), "queue:")
    const [a, b, c] = [event("a"), event("b"), event("c")]
    queue.add(epoch, b)
    queue.add("another", c)
    queue.add(epoch, a)
    assert.deepStrictEqual(queue.all([epoch]).map(({ id }) => id), [a.id, b.id])
    assert.strictEqual(queue.size(), 2)
  })

  it("has room for 200, and the oldest make it", () => {
    const queue = Queue.make(store(), "queue:")
    const events = Array.from({ length: 203 }, () => event())
    const gone = events.map((one) => queue.add(epoch, one)).reduce((sum, n) => sum + n, 0)
    assert.strictEqual(gone, 3)
    assert.deepStrictEqual(queue.all([epoch]).map(({ id }) => id), events.slice(3).map(({ id }) => id))
  })

  it("of two tabs is one queue", () => {
    const shared = new Map<string, string>()
    const [one, other] = [Queue.make(store(shared), "queue:"), Queue.make(store(shared), "queue:")]
    one.add(epoch, event("a"))
    other.add(epoch, event("b"))
    assert.strictEqual(one.size(), 2)
    other.clear()
    assert.strictEqual(one.size(), 0)
  })
})

describe("a beacon's delivery", () => {
  beforeEach(() => void vi.stubGlobal("navigator", {}))
  afterEach(() => void vi.unstubAllGlobals())

  it("sends what the collector's own check finds sound, with the key in the body and without cookies", async () => {
    const { bodies, delivery, inits, queue } = setUp(accepted)
    for (const name of ["a", "b"]) queue.add(epoch, event(name))
    await delivery.flush()
    assert.strictEqual(bodies.length, 1)
    assert.strictEqual(bodies[0]!.key, "etk_x")
    assert.strictEqual(bodies[0]!.events.length, 2)
    for (const one of bodies[0]!.events) {
      assert.isTrue(Envelope.isSound(one))
      assert.isNull(Envelope.reason(one))
    }
    assert.include(inits[0], { credentials: "omit", keepalive: true, referrerPolicy: "no-referrer" })
  })

  it("removes an event once the collector has answered, and not before", async () => {
    let answer = (_: Response): void => {}
    const { counters, delivery, queue } = setUp(() => new Promise((resolve) => (answer = resolve)))
    queue.add(epoch, event())
    const flushed = delivery.flush()
    assert.strictEqual(queue.size(), 1)
    answer(await accepted())
    await flushed
    assert.strictEqual(queue.size(), 0)
    assert.deepStrictEqual(counters, { sent: 1, rejected: 0 })
  })

  it.each([503, 429, 401, 500])("keeps everything when the answer is %i", async (status) => {
    const { counters, delivery, queue } = setUp(() => Promise.resolve(new Response(null, { status })))
    queue.add(epoch, event())
    await delivery.flush()
    delivery.stop()
    assert.strictEqual(queue.size(), 1)
    assert.deepStrictEqual(counters, { sent: 0, rejected: 0 })
  })

  it("keeps everything when there is no answer, and sends it when it is asked again", async () => {
    let away = true
    const { delivery, queue } = setUp(() => away ? Promise.reject(new TypeError("away")) : accepted())
    queue.add(epoch, event())
    await delivery.flush()
    assert.strictEqual(queue.size(), 1)
    away = false
    await delivery.flush()
    assert.strictEqual(queue.size(), 0)
  })

  it("halves what is refused as a whole, so that one bad event takes no other with it", async () => {
    const refusing: Send = (_, { body }) =>
      String(body).includes("bad") ? Promise.resolve(new Response(null, { status: 400 })) : accepted()
    const { counters, delivery, queue } = setUp(refusing)
    for (const name of ["a", "b", "bad", "c", "d"]) queue.add(epoch, event(name))
    await delivery.flush()
    assert.strictEqual(queue.size(), 0)
    assert.deepStrictEqual(counters, { sent: 4, rejected: 1 })
  })

  it("sends within the turn in which the page is left, nothing a second time, and no more than outlives a page", () => {
    const { bodies, delivery, inits, queue } = setUp(() => new Promise(() => {}))
    for (let i = 0; i < 200; i++) queue.add(epoch, event("x".repeat(90) + String(i)))
    delivery.leave()
    assert.strictEqual(bodies.length, 1)
    assert.isBelow(String(inits[0]!.body).length, 64 * 1024)
    const first = new Set(bodies[0]!.events.map(({ id }) => id))
    delivery.leave()
    assert.isTrue(bodies[1]!.events.every(({ id }) => !first.has(id)))
    assert.strictEqual(queue.size(), 200)
  })

  it("sends nothing while no grant stands", async () => {
    const { bodies, delivery, queue } = setUp(accepted, [])
    queue.add(epoch, event())
    await delivery.flush()
    delivery.leave()
    assert.deepStrictEqual(bodies, [])
    assert.strictEqual(queue.size(), 0)
  })
})
