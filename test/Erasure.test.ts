import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { ConsentStore } from "../src/consent/ConsentStore.js"
import * as Policy from "../src/Policy.js"
import { Telemetry } from "../src/Telemetry.js"
import * as FakeCollector from "../src/testing/FakeCollector.js"
import * as Fault from "../src/testing/Fault.js"
import * as TelemetryTest from "../src/testing/TelemetryTest.js"

const { FakeCollector: Collector } = FakeCollector

/** One event that the collector has. */
const sent = Effect.gen(function*() {
  const telemetry = yield* Telemetry
  yield* telemetry.trackFeature("export", true)
  yield* telemetry.submitNow
  expect((yield* Effect.flatMap(Collector, (collector) => collector.events)).size).toBe(1)
  return telemetry
})

const asked = Effect.flatMap(
  Collector,
  (collector) =>
    Effect.map(
      collector.requests,
      (requests) =>
        requests.filter(({ path }) => path.endsWith("/erasure")).map(({ at, body, headers }) => ({
          at,
          headers,
          body: JSON.parse(body)
        }))
    )
)

const world = TelemetryTest.layerCollector

describe("erasure end to end", () => {
  it.scoped("erases here and at the collector, and forgets who it was", () =>
    Effect.gen(function*() {
      const telemetry = yield* sent
      const before = yield* telemetry.status
      const sessionId = yield* telemetry.sessionId
      const status = yield* telemetry.disable({ erase: true })
      expect(status).toMatchObject({ reason: "opted-out", erasure: null, installationId: null, store: { events: 0 } })
      expect((yield* Effect.flatMap(Collector, (collector) => collector.events)).size).toBe(0)
      const [request] = yield* asked
      expect(request!.body).toEqual({
        installationId: before.installationId,
        sessionIds: [sessionId],
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/)
      })
    }).pipe(Effect.provide(world())))

  it.scoped("asks again until it is confirmed, after opting out, always under one id, and sends nothing else", () =>
    Effect.gen(function*() {
      const telemetry = yield* sent
      const collector = yield* Collector
      yield* collector.down(Fault.Status({ status: 503 }))
      const status = yield* telemetry.disable({ erase: true })
      expect(status.erasure).toMatchObject({ pending: 1, lastError: expect.stringContaining("503") })
      yield* TestClock.adjust("10 seconds")
      expect((yield* asked).length).toBeGreaterThan(2)
      yield* collector.up
      yield* TestClock.adjust("1 minutes")
      expect((yield* telemetry.status).erasure).toBeNull()
      expect((yield* collector.events).size).toBe(0)
      const requests = yield* asked
      expect(new Set(requests.map(({ body }) => body.requestId)).size).toBe(1)
      yield* TestClock.adjust("2 hours")
      expect(yield* asked).toEqual(requests)
      expect((yield* collector.requests).filter(({ path }) => path.endsWith("/events")).length).toBe(1)
    }).pipe(Effect.provide(world({ config: { worker: true } }))))

  it.scoped("is confirmed by its own answer alone", () =>
    Effect.gen(function*() {
      const telemetry = yield* sent
      const collector = yield* Collector
      for (
        const fault of [
          Fault.Html(),
          Fault.Raw({ status: 202, body: "{}" }),
          Fault.Raw({
            status: 202,
            body: `{"requestId":"0197f3c2-0000-4000-8000-000000000001","status":"accepted"}`
          }),
          Fault.Reset(),
          Fault.Redirect({ status: 302, location: "https://evil.example.com" })
        ]
      ) {
        yield* collector.down(fault)
        const status = yield* telemetry.disable({ erase: true })
        expect(status.erasure, fault._tag).toMatchObject({ pending: 1 })
      }
      yield* collector.up
      yield* telemetry.submitNow
      expect((yield* telemetry.status).erasure).toBeNull()
    }).pipe(Effect.provide(world())))

  it.scoped("goes on recording as somebody else after clearing everywhere", () =>
    Effect.gen(function*() {
      const telemetry = yield* sent
      const before = yield* telemetry.status
      const sessionId = yield* telemetry.sessionId
      expect(yield* telemetry.clearEverywhere).toEqual({ events: 1, queue: 0, waiting: null })
      yield* sent
      const after = yield* telemetry.status
      expect(after).toMatchObject({ enabled: true, remote: true, level: "full" })
      expect(after.installationId).not.toBe(before.installationId)
      expect(yield* telemetry.sessionId).not.toBe(sessionId)
      expect((yield* asked).map(({ body }) => body.sessionIds)).toEqual([[sessionId]])
    }).pipe(Effect.provide(world())))

  it.scoped("names nobody to an endpoint that nothing was ever to be sent to", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.flush
      expect((yield* telemetry.disable({ erase: true })).erasure).toBeNull()
      expect(yield* asked).toEqual([])
    }).pipe(Effect.provide(world({ remote: false }))))

  it.scoped("is written with the withdrawal, in the record that outlives the store", () =>
    Effect.gen(function*() {
      const telemetry = yield* sent
      yield* Effect.flatMap(Collector, (collector) => collector.down(Fault.Reset()))
      yield* telemetry.disable({ erase: true })
      const record = yield* Effect.flatMap(ConsentStore, (store) => store.read)
      expect(record).toMatchObject({
        state: "withdrawn",
        erasures: [{ endpoint: FakeCollector.endpoint, attempts: 1 }]
      })
    }).pipe(Effect.provide(world())))

  it.scoped("names the newest sessions, and no more in one request than a collector takes", () =>
    Effect.gen(function*() {
      const { collect, requests } = yield* Effect.promise(() => import("../src/domain/Erasure.js"))
      const found = collect(null)
      const context = { app: { name: "ax", version: "1" }, epoch: "e", level: "basic", remote: true } as const
      const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
      for (let n = 0; n < Policy.maxErasureSessions + 7; n++) {
        found.add({ ...context, sessionId: uuid(n), installationId: n === 3 ? uuid(1e6) : null })
      }
      found.add({ ...context, sessionId: uuid(1e7), installationId: null, remote: false })
      let n = 0
      const made = requests(found.subjects("https://t.example.com"), { now: 5, newRequestId: () => uuid(2e6 + n++) })
      expect(made.every(({ sessionIds }) => sessionIds.length <= Policy.maxErasureSessionsARequest)).toBe(true)
      const sessions = made.flatMap(({ sessionIds }) => sessionIds)
      expect(sessions).toEqual(Array.from({ length: Policy.maxErasureSessions }, (_, i) => uuid(i + 7)))
      expect(made.map(({ installationId }) => installationId).filter((id) => id !== null)).toEqual([uuid(1e6)])
    }))
})
