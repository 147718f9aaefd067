import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as TestClock from "effect/TestClock"
import * as Ledger from "../../src/domain/Ledger.js"
import * as Outcome from "../../src/domain/Outcome.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"
import { notConsented } from "../../src/scheduling/Settling.js"
import { Submitter } from "../../src/scheduling/Submitter.js"
import type { Batch } from "../../src/submission/Transport.js"
import * as World from "./world.js"

const seeded = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withRandom(effect, Random.make(7))

const balanced = Effect.gen(function*() {
  const ledger = yield* Effect.flatMap(EventStore, (store) => store.ledger)
  expect(Ledger.imbalance(ledger)).toEqual({ capture: 0, default: 0 })
})

const has = (batch: Batch, id: string): boolean => batch.events.some((event) => event.id === id)

const suite = (store: World.Store) => {
  it.effect("sends everything in order, in batches, and says so", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const ids = yield* World.record(150)
      const report = yield* World.drain()
      expect(report).toEqual({ submitted: 150, rejected: 0, failed: 0, remaining: 0, lastError: null })
      expect([...endpoint.stored]).toEqual(ids)
      expect(endpoint.calls.map((call) => call.ids.length)).toEqual([100, 50])
      expect(new Set(endpoint.calls.map((call) => call.key)).size).toBe(2)
      expect(yield* World.state).toMatchObject({ failures: 0, lastSuccessAt: 0, lastError: null })
      yield* balanced
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("stops at the limit, and goes on when there are tokens worth a request", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(250)
      expect(yield* World.drain(true)).toMatchObject({ submitted: 200, remaining: 50, lastError: null })
      expect(yield* submitter.nextAttempt).toBe(50 * 60)
      yield* TestClock.adjust(50 * 60)
      expect(yield* submitter.nextAttempt).toBe(0)
      expect(yield* World.drain()).toMatchObject({ submitted: 50, remaining: 0 })
      expect(yield* submitter.nextAttempt).toBeNull()
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("makes progress with a burst smaller than a batch", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(7)
      for (let i = 0; i < 4; i++) {
        yield* World.drain()
        yield* TestClock.adjust((yield* submitter.nextAttempt) ?? 0)
      }
      expect(endpoint.stored.size).toBe(7)
      expect(endpoint.calls.map((call) => call.ids.length)).toEqual([2, 2, 2, 1])
    }).pipe(Effect.provide(World.world(endpoint, { config: { batchSize: 100, burst: 2, rateLimit: 60 } }, store)))
  })

  it.effect("a day of outage: no attempt used up, nothing lost, then all arrive within the rate", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = World.away
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      const ids = yield* World.record(1_000)
      let elapsed = 0
      while (elapsed < 86_400_000) {
        yield* World.drain()
        const wait = (yield* submitter.nextAttempt) ?? 0
        expect(wait).toBeGreaterThan(0)
        expect(wait).toBeLessThanOrEqual(3_600_000)
        elapsed += wait
        yield* TestClock.adjust(wait)
      }
      expect(endpoint.calls.length).toBeLessThan(60)
      expect(yield* World.counts).toMatchObject({ pending: 1_000, retrying: 0, dead: 0 })
      expect((yield* World.waiting).every((item) => item.attempts === 0)).toBe(true)

      endpoint.respond = World.accept
      endpoint.calls.length = 0
      for (let i = 0; i < 40 && endpoint.stored.size < 1_000; i++) {
        yield* World.drain()
        yield* TestClock.adjust((yield* submitter.nextAttempt) ?? 0)
      }
      expect([...endpoint.stored]).toEqual(ids)
      expect(endpoint.calls[0]!.ids.length).toBe(10)
      for (const { at } of endpoint.calls) {
        const minute = endpoint.calls.filter((call) => call.at >= at && call.at < at + 60_000)
        expect(minute.reduce((total, call) => total + call.ids.length, 0)).toBeLessThanOrEqual(1_200)
      }
      yield* balanced
    }).pipe(seeded, Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("a person overrides a back-off once, and a drain by itself never does", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = World.away
    return Effect.gen(function*() {
      yield* World.record(3)
      expect(yield* World.drain()).toMatchObject({
        submitted: 0,
        failed: 3,
        remaining: 3,
        lastError: "connection refused"
      })
      expect(yield* World.drain()).toMatchObject({ failed: 0, remaining: 3, lastError: "connection refused" })
      expect(endpoint.calls.length).toBe(1)
      yield* World.drain(true)
      expect(endpoint.calls.length).toBe(2)
      endpoint.respond = World.accept
      expect(yield* World.drain(true)).toMatchObject({ submitted: 3, lastError: null })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("Retry-After is obeyed by a second process too, and by a person", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = () =>
      Outcome.Unavailable({ status: 429, retryAfter: Duration.seconds(90), message: "slow down" })
    return Effect.gen(function*() {
      yield* World.record(5)
      const one = yield* Layer.build(World.process(endpoint, { pid: 1 }))
      const two = yield* Layer.build(World.process(endpoint, { pid: 2 }))
      yield* Context.get(one, Submitter).drain({ person: false })
      endpoint.respond = World.accept
      const other = Context.get(two, Submitter)
      expect(yield* other.drain({ person: true })).toMatchObject({ submitted: 0, remaining: 5, lastError: "slow down" })
      expect(yield* other.nextAttempt).toBe(90_000)
      yield* TestClock.adjust("89 seconds")
      expect(yield* other.drain({ person: true })).toMatchObject({ submitted: 0 })
      yield* TestClock.adjust("1 seconds")
      expect(yield* other.drain({ person: false })).toMatchObject({ submitted: 5 })
      expect(endpoint.calls.length).toBe(2)
    }).pipe(Effect.scoped, Effect.provide(World.shared(store)))
  })

  it.effect("two processes at once: one submits, and each event is sent once", () => {
    const endpoint = World.makeEndpoint()
    endpoint.takes = Duration.millis(20)
    return Effect.gen(function*() {
      yield* World.record(150)
      const drains = yield* Effect.forEach(
        [1, 2],
        (pid) =>
          Effect.map(
            Layer.build(World.process(endpoint, { pid })),
            (context) => Context.get(context, Submitter).drain({ person: false })
          )
      )
      const fiber = yield* Effect.fork(Effect.all(drains, { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 seconds")
      const [first, second] = yield* Fiber.join(fiber)
      expect(first!.submitted + second!.submitted).toBe(150)
      expect([first!.lastError, second!.lastError]).toContain("another process is submitting")
      const sent = endpoint.calls.flatMap((call) => call.ids)
      expect(new Set(sent).size).toBe(150)
      expect(sent.length).toBe(150)
    }).pipe(Effect.scoped, Effect.provide(World.shared(store)))
  })

  it.effect("a person's command waits for the process that is submitting, in short steps", () => {
    const endpoint = World.makeEndpoint()
    endpoint.takes = Duration.seconds(2)
    return Effect.gen(function*() {
      yield* World.record(5)
      const one = yield* Layer.build(World.process(endpoint, { pid: 1 }))
      const two = yield* Layer.build(World.process(endpoint, { pid: 2 }))
      const running = yield* Effect.fork(Context.get(one, Submitter).drain({ person: false }))
      yield* TestClock.adjust("1 seconds")
      yield* World.record(2)
      const asked = yield* Effect.fork(Context.get(two, Submitter).drain({ person: true }))
      yield* TestClock.adjust("10 seconds")
      const [a, b] = [yield* Fiber.join(running), yield* Fiber.join(asked)]
      expect(a.submitted + b.submitted).toBe(7)
      expect(b.remaining).toBe(0)
    }).pipe(Effect.scoped, Effect.provide(World.shared(store)))
  })

  it.effect("a process that died gives way to the next, at once where its process id is gone", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const queue = yield* SubmissionQueue
      const ids = yield* World.record(5)
      const died = { id: "p9", pid: 9 }
      const nobody = () => false
      yield* queue.acquire("default", died, 0, 60_000, nobody)
      const claim = { destination: "default", owner: died, now: 0, leaseUntil: 60_000, limit: 3, maxBytes: 1e6 }
      yield* queue.claim({ ...claim, newKey: "kept", isGone: nobody })
      expect(yield* World.drain()).toMatchObject({ submitted: 5 })
      expect(endpoint.calls[0]).toMatchObject({ key: "kept", ids: ids.slice(0, 3) })
    }).pipe(Effect.provide(World.world(endpoint, { gone: (pid) => pid === 9 }, store)))
  })

  it.effect("a lost ack is tried again as the same batch under the same key, probe or not", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = World.lostAck(endpoint)
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(60)
      yield* World.drain()
      yield* World.record(60)
      endpoint.respond = World.accept
      yield* TestClock.adjust((yield* submitter.nextAttempt)!)
      expect(yield* World.drain()).toMatchObject({ submitted: 120 })
      const [first, again] = endpoint.calls
      expect(again).toMatchObject({ key: first!.key, ids: first!.ids })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("a batch that must stay as it is waits for its tokens instead of being cut", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = World.lostAck(endpoint)
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(30)
      yield* World.drain()
      endpoint.respond = World.accept
      for (let i = 0; i < 40 && (yield* World.counts).total > 0; i++) {
        yield* TestClock.adjust(Math.max((yield* submitter.nextAttempt) ?? 0, 1_000))
        yield* World.drain()
      }
      expect(endpoint.calls.length).toBe(2)
      expect(endpoint.calls[1]).toMatchObject({ key: endpoint.calls[0]!.key, ids: endpoint.calls[0]!.ids })
    }).pipe(Effect.provide(World.world(endpoint, { config: { batchSize: 30, burst: 30, rateLimit: 60 } }, store)))
  })

  for (
    const [name, answer] of [
      ["400", () => Outcome.ContentRefused({ status: 400, message: "bad event" })],
      ["a refusal without names", (batch: Batch) =>
        Outcome.PartlyAccepted({
          accepted: batch.events.length - 1,
          rejected: 1,
          rejections: [],
          duplicates: 0
        })]
    ] as const
  ) {
    it.effect(`one poison event among a thousand, found by ${name}: 999 arrive, one dead letter, few requests`, () => {
      const endpoint = World.makeEndpoint()
      return Effect.gen(function*() {
        const ids = yield* World.record(1_000)
        const poison = ids[617]!
        endpoint.respond = (batch) => has(batch, poison) ? answer(batch) : World.accept()
        const report = yield* World.drain()
        expect(report).toMatchObject({ submitted: 999, rejected: 1, failed: 0, remaining: 0 })
        expect((yield* World.dead).map((item) => item.eventId)).toEqual([poison])
        expect(ids.every((id) => id === poison || endpoint.stored.has(id))).toBe(true)
        expect(endpoint.calls.length - 1).toBeLessThanOrEqual(2 * Math.log2(1_000) + 2)
        yield* balanced
      }).pipe(
        Effect.provide(
          World.world(endpoint, { config: { batchSize: 1_000, burst: 100_000, rateLimit: 100_000 } }, store)
        )
      )
    })
  }

  const breaking = (withPing: boolean) =>
    it.effect(`one event that breaks the endpoint never blocks the line, ${withPing ? "with" : "without"} a ping`, () => {
      const endpoint = World.makeEndpoint()
      endpoint.well = () => withPing
      return Effect.gen(function*() {
        const submitter = yield* Submitter
        const ids = yield* World.record(200)
        const poison = ids[3]!
        endpoint.respond = (batch) =>
          has(batch, poison) ? Outcome.Faulted({ status: 500, retryAfter: null, message: "broken" }) : World.accept()
        for (let i = 0; i < 60 && (yield* World.counts).pending + (yield* World.counts).retrying > 0; i++) {
          yield* World.drain()
          yield* TestClock.adjust((yield* submitter.nextAttempt) ?? 0)
          // Without other events nothing tells a broken endpoint from a broken event.
          if (!withPing) yield* World.record(1)
        }
        expect((yield* World.dead).map((item) => item.eventId)).toEqual([poison])
        expect(ids.filter((id) => !endpoint.stored.has(id))).toEqual([poison])
        yield* balanced
      }).pipe(seeded, Effect.provide(World.world(endpoint, { config: { maxRetries: 2 } }, store)))
    })
  breaking(true)
  breaking(false)

  it.effect("500 for everything is an outage: nothing is charged, and all arrive when it is over", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = () => Outcome.Faulted({ status: 500, retryAfter: null, message: "broken" })
    endpoint.well = () => false
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(300)
      for (let i = 0; i < 30; i++) {
        yield* World.drain()
        yield* TestClock.adjust((yield* submitter.nextAttempt)!)
      }
      expect(yield* World.counts).toMatchObject({ pending: 300, retrying: 0, dead: 0 })
      endpoint.respond = World.accept
      for (let i = 0; i < 10; i++) {
        yield* World.drain()
        yield* TestClock.adjust((yield* submitter.nextAttempt) ?? 0)
      }
      expect(endpoint.stored.size).toBe(300)
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("500 for everything while the ping is well: few requests a drain, and hardly an event is charged", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = () => Outcome.Faulted({ status: 500, retryAfter: null, message: "broken" })
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(300)
      for (let i = 0; i < 12; i++) {
        const before = endpoint.calls.length
        yield* World.drain()
        expect(endpoint.calls.length - before).toBeLessThanOrEqual(2 * Math.log2(100) + 4)
        const wait = (yield* submitter.nextAttempt)!
        expect(wait).toBeGreaterThan(0)
        yield* TestClock.adjust(wait)
      }
      const { dead, pending, retrying } = yield* World.counts
      expect(pending).toBeGreaterThan(280)
      expect(pending + retrying + dead).toBe(300)
    }).pipe(seeded, Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("an event refused for now is charged, tried again on the schedule, and buried after the last attempt", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      const [bad] = yield* World.record(3)
      endpoint.respond = (batch) =>
        has(batch, bad!)
          ? Outcome.PartlyAccepted({
            accepted: batch.events.length - 1,
            rejected: 1,
            rejections: [{ id: bad!, reason: "later", retryable: true }],
            duplicates: 0
          })
          : World.accept()
      expect(yield* World.drain()).toMatchObject({ submitted: 2, failed: 1, remaining: 1, lastError: "later" })
      const waits: Array<number> = []
      while ((yield* World.counts).retrying > 0) {
        const wait = (yield* submitter.nextAttempt)!
        waits.push(wait)
        yield* TestClock.adjust(wait)
        yield* World.drain()
      }
      expect(waits).toEqual([1_000, 2_000])
      expect(yield* World.dead).toMatchObject([{ eventId: bad!, attempts: 2, lastError: "later" }])
    }).pipe(
      Effect.withRandom(Random.fixed([0.5])),
      Effect.provide(World.world(endpoint, { config: { maxRetries: 2 } }, store))
    )
  })

  it.effect("a wrong key pauses with one probe a back-off, and another key resumes at once", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = () => Outcome.Misconfigured({ status: 401, reason: "status", message: "401: check the API key" })
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(20)
      yield* World.drain()
      expect(yield* World.state).toMatchObject({ paused: "401: check the API key", fingerprint: "f1" })
      yield* World.drain()
      yield* World.drain()
      expect(endpoint.calls.length).toBe(1)
      yield* TestClock.adjust((yield* submitter.nextAttempt)!)
      yield* World.drain()
      expect(endpoint.calls.length).toBe(2)
      expect(endpoint.calls[1]!.ids.length).toBe(10)
      endpoint.fingerprint = "f2"
      endpoint.respond = World.accept
      expect(yield* World.drain()).toMatchObject({ submitted: 20 })
      expect(yield* World.state).toMatchObject({ paused: null, failures: 0 })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("an endpoint that was not consented to is sent nothing, until it is", () => {
    const endpoint = World.makeEndpoint()
    endpoint.origin = "https://other.example"
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      const consent = yield* World.Consent
      yield* World.record(3)
      expect(yield* World.drain(true)).toMatchObject({ submitted: 0, remaining: 3, lastError: notConsented })
      expect(endpoint.calls.length + endpoint.pings).toBe(0)
      expect(yield* World.state).toMatchObject({ paused: notConsented })
      expect(yield* submitter.nextAttempt).toBeNull()
      yield* consent.set(World.effective([
        World.epoch("e1"),
        World.epoch("e2", { origin: "https://other.example" })
      ]))
      expect(yield* World.drain()).toMatchObject({ submitted: 3 })
      expect(yield* World.state).toMatchObject({ paused: null })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("without consent nothing is sent, and what was withdrawn never is", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      const consent = yield* World.Consent
      yield* World.record(3)
      yield* consent.set(World.off)
      expect(yield* World.drain(true)).toMatchObject({ submitted: 0, lastError: "telemetry is off: opted-out" })
      expect(yield* submitter.nextAttempt).toBeNull()
      yield* consent.set(World.effective([World.epoch("e2")]))
      const later = yield* World.record(2, { epoch: "e2" })
      expect(yield* World.drain(true)).toMatchObject({ submitted: 2, remaining: 0 })
      expect([...endpoint.stored]).toEqual(later)
      const ledger = yield* Effect.flatMap(EventStore, (store) => store.ledger)
      expect(ledger.destinations["default"]).toMatchObject({ withheld: 3, delivered: 2 })
      yield* balanced
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("a request in flight is aborted when consent goes away", () => {
    const endpoint = World.makeEndpoint()
    endpoint.takes = Duration.seconds(20)
    return Effect.gen(function*() {
      const consent = yield* World.Consent
      yield* World.record(3)
      const fiber = yield* Effect.fork(World.drain())
      yield* TestClock.adjust("100 millis")
      expect(endpoint.calls.length).toBe(1)
      yield* consent.set(World.off)
      expect(yield* Fiber.join(fiber)).toMatchObject({ submitted: 0 })
      expect(endpoint.aborted).toBe(1)
      expect(yield* World.counts).toMatchObject({ pending: 3, leased: 0 })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("a lowered level is applied to what waits before anything is sent", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const consent = yield* World.Consent
      yield* World.record(2, { level: "full" })
      const basic = yield* World.record(2, { level: "basic" })
      yield* consent.set(World.effective([World.epoch("e1")], { level: "basic" }))
      expect(yield* World.drain()).toMatchObject({ submitted: 2, remaining: 0 })
      expect([...endpoint.stored]).toEqual(basic)
      yield* balanced
    }).pipe(Effect.provide(World.world(endpoint, { lower: () => "drop" }, store)))
  })

  it.effect("an interrupted request leaves its batch in the queue as it was, free for the next process", () => {
    const endpoint = World.makeEndpoint()
    endpoint.takes = Duration.seconds(20)
    return Effect.gen(function*() {
      yield* World.record(3)
      const fiber = yield* Effect.fork(World.drain())
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(fiber)
      expect(yield* World.counts).toMatchObject({ pending: 3, leased: 0 })
      endpoint.takes = Duration.zero
      expect(yield* World.drain()).toMatchObject({ submitted: 3 })
      expect(endpoint.calls[1]!.key).toBe(endpoint.calls[0]!.key)
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("tokens of a request that was never sent are given back, those of one that may have arrived are not", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = World.away
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* World.record(20)
      yield* World.drain()
      endpoint.respond = World.accept
      expect(yield* World.drain(true)).toMatchObject({ submitted: 10, remaining: 10 })
      expect(yield* submitter.nextAttempt).toBe(10_000)
    }).pipe(Effect.provide(World.world(endpoint, { config: { burst: 10, rateLimit: 60, batchSize: 10 } }, store)))
  })

  it.effect("maxRequests bounds a drain", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      yield* World.record(150)
      expect(yield* World.drain(true, 1)).toMatchObject({ submitted: 100, remaining: 50 })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("the lease of a long request is renewed while it lasts", () => {
    const endpoint = World.makeEndpoint()
    endpoint.takes = Duration.seconds(10)
    return Effect.gen(function*() {
      yield* World.record(3)
      const one = yield* Layer.build(World.process(endpoint, { pid: 1, config: { timeout: Duration.seconds(1) } }))
      const two = yield* Layer.build(World.process(endpoint, { pid: 2, config: { timeout: Duration.seconds(1) } }))
      const fiber = yield* Effect.fork(Context.get(one, Submitter).drain({ person: false }))
      yield* TestClock.adjust("5 seconds")
      yield* Context.get(two, Submitter).drain({ person: false })
      yield* TestClock.adjust("6 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ submitted: 3 })
      expect(endpoint.calls.length).toBe(1)
    }).pipe(Effect.scoped, Effect.provide(World.shared(store)))
  })

  it.effect("a wall clock put back by days parks nothing", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = World.away
    return Effect.gen(function*() {
      const submitter = yield* Submitter
      yield* TestClock.setTime(40 * 86_400_000)
      yield* World.record(3)
      yield* World.drain()
      yield* TestClock.setTime(1_000)
      endpoint.respond = World.accept
      yield* World.drain()
      const wait = (yield* submitter.nextAttempt)!
      expect(wait).toBeLessThanOrEqual(3_600_000)
      yield* TestClock.adjust(wait)
      expect(yield* World.drain()).toMatchObject({ submitted: 3 })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("figures are kept: requests, failures, latency, bytes", () => {
    const endpoint = World.makeEndpoint()
    endpoint.takes = Duration.millis(250)
    return Effect.gen(function*() {
      yield* World.record(150)
      const fiber = yield* Effect.fork(World.drain())
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(fiber)
      endpoint.respond = World.away
      yield* World.record(5)
      const again = yield* Effect.fork(World.drain())
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(again)
      expect(yield* World.stats).toMatchObject({
        requests: 3,
        failedRequests: 1,
        networkErrors: 1,
        submitted: 150,
        rejected: 0,
        failed: 5,
        bytes: 1_500,
        latencyCount: 2,
        latencySumMs: 500
      })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })
}

describe("Submitter over memory", () => suite(World.memory))
describe("Submitter over SQLite", () => suite(World.sqlite))
