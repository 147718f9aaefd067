import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Outcome from "../../src/domain/Outcome.js"
import { Http } from "../../src/submission/Http.js"
import * as HttpTransport from "../../src/submission/HttpTransport.js"
import * as PlatformHttp from "../../src/submission/PlatformHttp.js"
import * as FakeCollector from "../../src/testing/FakeCollector.js"
import * as Fault from "../../src/testing/Fault.js"
import { batch, transport } from "./Fixtures.js"
import { serve } from "./LoopbackCollector.js"

const live = Layer.provide(PlatformHttp.layer, FetchHttpClient.layer)

const accepted = Outcome.Accepted({ duplicates: 0 })

describe("HttpTransport over a client of the platform", () => {
  it.scoped("delivers, and tells the endpoint nothing of the host's traces", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const { endpoint } = yield* serve(collector)
      const { submit } = transport(endpoint, yield* Http)
      expect((yield* Effect.withSpan(submit(batch(3)), "of the host")).outcome).toEqual(accepted)
      const [request] = yield* collector.requests
      expect(request!.body).toBe(HttpTransport.body(batch(3).events))
      expect(request!.headers["content-type"]).toBe("application/json")
      expect(Object.keys(request!.headers)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(traceparent|b3|cookie)$/)])
      )
    }).pipe(Effect.provide(live)))

  it.scoped("follows no redirect", () =>
    Effect.gen(function*() {
      const elsewhere = yield* serve(FakeCollector.make())
      const collector = FakeCollector.make()
      const { endpoint } = yield* serve(collector)
      yield* collector.failNext(1, Fault.Redirect({ status: 307, location: elsewhere.endpoint }))
      const { outcome } = yield* transport(endpoint, yield* Http).submit(batch(1))
      expect(outcome).toEqual(expect.objectContaining({ _tag: "Misconfigured", reason: "redirect" }))
      expect(elsewhere.connections()).toBe(0)
    }).pipe(Effect.provide(live)))

  it.scoped.each([
    ["204", Fault.Raw({ status: 204, body: "" }), accepted],
    ["an empty 200", Fault.Raw({ status: 200, body: "" }), accepted],
    ["503", Fault.Status({ status: 503 }), expect.objectContaining({ _tag: "Unavailable" })],
    ["an endless answer", Fault.Flood({ bytes: 8_000_000 }), expect.objectContaining({ reason: "garbled" })],
    ["a lost acknowledgement", Fault.LostAck(), expect.objectContaining({ _tag: "Unreachable", ambiguous: true })],
    ["a torn answer", Fault.TornAnswer(), expect.objectContaining({ _tag: "Unreachable", ambiguous: true })]
  ])("tells %s", ([, fault, expected]) =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const { endpoint } = yield* serve(collector)
      yield* collector.failNext(1, fault)
      expect((yield* transport(endpoint, yield* Http).submit(batch(1))).outcome).toEqual(expected)
    }).pipe(Effect.provide(live)))

  it.scoped("interruption closes the connection", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const server = yield* serve(collector)
      yield* collector.down(Fault.Hang())
      const fiber = yield* Effect.fork(transport(server.endpoint, yield* Http).submit(batch(1)))
      yield* server.arrived.take
      yield* Fiber.interrupt(fiber)
      yield* server.abandoned.take
    }).pipe(Effect.provide(live)))
})
