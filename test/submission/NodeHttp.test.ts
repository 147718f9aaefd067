import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import * as Outcome from "../../src/domain/Outcome.js"
import * as NodeCompression from "../../src/node/NodeCompression.js"
import * as NodeHttp from "../../src/node/NodeHttp.js"
import { fromError } from "../../src/node/NodeHttpFailure.js"
import { isAllThatWaits } from "../../src/node/PendingConnections.js"
import * as HttpTransport from "../../src/submission/HttpTransport.js"
import * as FakeCollector from "../../src/testing/FakeCollector.js"
import * as Fault from "../../src/testing/Fault.js"
import { batch, transport } from "./Fixtures.js"
import { serve } from "./LoopbackCollector.js"

const is = (tag: Outcome.Outcome["_tag"], rest: Record<string, unknown> = {}) =>
  expect.objectContaining({ _tag: tag, ...rest })
const accepted = Outcome.Accepted({ duplicates: 0 })

describe("HttpTransport on Node's sockets", () => {
  it.scoped("interruption closes the connection", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const server = yield* serve(collector)
      yield* collector.down(Fault.Hang())
      const http = yield* NodeHttp.make
      const fiber = yield* Effect.fork(transport(server.endpoint, http).submit(batch(1)))
      yield* server.arrived.take
      yield* Fiber.interrupt(fiber)
      expect(yield* server.abandoned.take).toBe("/v1/events")
    }))

  it.scopedLive.each([["hangs", Fault.Hang()], ["drips", Fault.Drip()]] as const)(
    "a server that %s is cut off at the deadline, and its connection closed",
    ([, fault]) =>
      Effect.gen(function*() {
        const collector = FakeCollector.make()
        const server = yield* serve(collector)
        yield* collector.down(fault)
        const http = yield* NodeHttp.make
        const { outcome } = yield* transport(server.endpoint, http, { timeout: Duration.millis(150) }).submit(batch(1))
        expect(outcome).toEqual(is("Unreachable", { reason: "timeout", ambiguous: true }))
        yield* server.abandoned.take
      })
  )

  it.scoped("an endless answer is cut: no more of it is read than the limit", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const server = yield* serve(collector)
      yield* collector.failNext(1, Fault.Flood({ bytes: 3_000 }))
      const http = yield* NodeHttp.make
      const headers = {}
      const response = yield* http.request({
        method: "POST",
        url: server.endpoint,
        headers,
        body: null,
        maxBytes: 1_000,
        timeoutMillis: 30_000,
        onSent: () => {}
      })
      expect(response.truncated).toBe(true)
      expect(response.text.length).toBe(1_000)
    }))

  it.scoped("a redirect is not followed, and the key never reaches the other host", () =>
    Effect.gen(function*() {
      const other = FakeCollector.make()
      const elsewhere = yield* serve(other)
      const collector = FakeCollector.make()
      const { endpoint } = yield* serve(collector)
      const http = yield* NodeHttp.make
      for (const status of [301, 302, 303, 307, 308]) {
        yield* collector.failNext(1, Fault.Redirect({ status, location: elsewhere.endpoint }))
        const { outcome } = yield* transport(endpoint, http).submit(batch(1))
        expect(outcome).toEqual(is("Misconfigured", { reason: "redirect", status }))
        expect(outcome).toEqual(expect.objectContaining({ message: expect.stringContaining(elsewhere.origin) }))
      }
      expect(elsewhere.connections()).toBe(0)
    }))

  it.scoped("the bytes on the wire are the bytes of the preview", () =>
    Effect.gen(function*() {
      const server = yield* serve(FakeCollector.make())
      const http = yield* NodeHttp.make
      const odd = {
        ...batch(40),
        events: batch(40).events.map((e) => ({ ...e, data: "{\"a\":\"ü–\\u0000\\ud800\"}" }))
      }
      yield* transport(server.endpoint, http).submit(odd)
      yield* transport(server.endpoint, http, { compression: yield* NodeCompression.make }).submit(odd)
      expect(server.raw[0]!.toString("utf8")).toBe(HttpTransport.body(odd.events))
      expect(gunzipSync(server.raw[1]!)).toEqual(server.raw[0])
    }))

  it.scoped("connections are used again, and closed with the scope", () =>
    Effect.gen(function*() {
      const server = yield* serve(FakeCollector.make())
      yield* Effect.scoped(Effect.gen(function*() {
        const http = yield* NodeHttp.make
        const { submit } = transport(server.endpoint, http)
        for (let i = 0; i < 5; i++) yield* submit(batch(2, i))
      }))
      expect(server.connections()).toBe(1)
    }))

  it.scoped("two requests at once do not wait for each other", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const server = yield* serve(collector)
      const http = yield* NodeHttp.make
      const { submit } = transport(server.endpoint, http)
      yield* collector.failNext(1, Fault.Hang())
      const hanging = yield* Effect.fork(submit(batch(1)))
      yield* server.arrived.take
      expect((yield* submit(batch(1, 1))).outcome).toEqual(accepted)
      yield* Fiber.interrupt(hanging)
    }))

  it.scoped("closing the layer ends what is in flight", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const server = yield* serve(collector)
      yield* collector.down(Fault.Hang())
      const scope = yield* Scope.make()
      const http = yield* Scope.extend(NodeHttp.make, scope)
      const fiber = yield* Effect.fork(transport(server.endpoint, http).submit(batch(1)))
      yield* server.arrived.take
      yield* Scope.close(scope, Exit.void)
      expect((yield* Fiber.join(fiber)).outcome).toEqual(is("Unreachable", { reason: "reset", ambiguous: true }))
      yield* server.abandoned.take
    }))

  it.scoped("nobody listening is told as refused, and nothing has left", () =>
    Effect.gen(function*() {
      const { endpoint } = yield* Effect.scoped(serve(FakeCollector.make()))
      const http = yield* NodeHttp.make
      const { bytes, outcome } = yield* transport(endpoint, http).submit(batch(1))
      expect(outcome).toEqual(is("Unreachable", { reason: "refused", ambiguous: false }))
      expect(bytes).toBe(0)
    }))

  it.scoped("a name that does not exist is told as such, and nothing has left", () =>
    Effect.gen(function*() {
      const http = yield* NodeHttp.make
      const { outcome } = yield* transport("https://nowhere.invalid/v1/events", http).submit(batch(1))
      expect(outcome).toEqual(is("Unreachable", { reason: "dns", ambiguous: false }))
    }))

  it.scoped("a certificate that does not verify: nothing is sent, and the status says why", () =>
    Effect.gen(function*() {
      const read = (name: string) => readFileSync(new URL(`./fixtures/localhost.${name}.pem`, import.meta.url), "utf8")
      const collector = FakeCollector.make()
      const server = yield* serve(collector, { key: read("key"), cert: read("cert") })
      const http = yield* NodeHttp.make
      const { bytes, outcome } = yield* transport(server.endpoint, http).submit(batch(1))
      expect(outcome).toEqual(is("Misconfigured", {
        status: null,
        reason: "certificate",
        message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT")
      }))
      expect(bytes).toBe(0)
      expect(server.connections()).toBe(1)
      expect(yield* collector.requests).toHaveLength(0)
    }))

  it.scoped("an endpoint that speaks no TLS is told as one without a secure connection", () =>
    Effect.gen(function*() {
      const server = yield* serve(FakeCollector.make())
      const http = yield* NodeHttp.make
      const { outcome } = yield* transport(server.endpoint.replace("http:", "https:"), http).submit(batch(1))
      expect(outcome).toEqual(is("Misconfigured", { reason: "certificate" }))
    }))

  it.scoped("what is no address is refused as such", () =>
    Effect.gen(function*() {
      const http = yield* NodeHttp.make
      const request = {
        method: "GET",
        headers: {},
        body: null,
        maxBytes: 10,
        timeoutMillis: 30_000,
        onSent: () => {}
      } as const
      for (const url of ["", "nowhere", "http://", "https://exa mple/"]) {
        expect(yield* Effect.flip(http.request({ ...request, url }))).toMatchObject({ reason: "invalid", sent: false })
      }
    }))

  it.scoped("a header that HTTP cannot carry is refused without its value", () =>
    Effect.gen(function*() {
      const http = yield* NodeHttp.make
      const failure = yield* Effect.flip(http.request({
        method: "GET",
        url: "http://127.0.0.1:9/",
        headers: { "x-api-key": "secret\r\nx: y" },
        body: null,
        maxBytes: 10,
        timeoutMillis: 30_000,
        onSent: () => {}
      }))
      expect(failure).toMatchObject({ reason: "invalid", sent: false })
      expect(JSON.stringify(failure)).not.toContain("secret")
    }))
})

describe("the errors of Node's sockets", () => {
  it.each(
    [
      ["ENETUNREACH", "offline"],
      ["EHOSTUNREACH", "offline"],
      ["ENETDOWN", "offline"],
      ["ENOTFOUND", "dns"],
      ["EAI_AGAIN", "dns"],
      ["ECONNREFUSED", "refused"],
      ["ECONNRESET", "reset"],
      ["EPIPE", "reset"],
      ["ETIMEDOUT", "timeout"],
      ["HPE_INVALID_CONSTANT", "garbled"],
      ["CERT_HAS_EXPIRED", "certificate"],
      ["CERT_NOT_YET_VALID", "certificate"],
      ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate"],
      ["SELF_SIGNED_CERT_IN_CHAIN", "certificate"],
      ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate"],
      ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate"],
      ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate"],
      ["ERR_SSL_WRONG_VERSION_NUMBER", "certificate"],
      ["EPROTO", "certificate"],
      ["ERR_INVALID_CHAR", "invalid"],
      ["SOMETHING_NEW", "reset"]
    ] as const
  )("%s means %s", (code, reason) => {
    expect(fromError(Object.assign(new Error("secret text"), { code }), "https://h.example", false)).toMatchObject({
      reason,
      sent: false,
      message: expect.stringMatching(new RegExp(`^cannot reach https://h\\.example: .*\\(${code}\\)$`))
    })
  })

  it("only the code of an error is repeated, and only if it looks like one", () => {
    for (const error of [new Error("secret"), "secret", null, undefined, { code: "secret text" }, { code: 7 }]) {
      expect(fromError(error, "https://h.example", true).message).toBe(
        "cannot reach https://h.example: the connection broke"
      )
    }
  })
})

describe("pending connections", () => {
  it.each([
    [["ConnectWrap"], ["PipeWrap", "PipeWrap"], 1, true],
    [["GetAddrInfoReqWrap"], [], 1, true],
    [["TCPConnectWrap", "GetAddrInfoReqWrap"], [], 2, true],
    [["ConnectWrap", "PipeWrap", "TTYWrap"], ["PipeWrap", "TTYWrap"], 1, true],
    [["ConnectWrap", "PipeWrap", "PipeWrap"], ["PipeWrap", ""], 1, false],
    [["ConnectWrap", "ConnectWrap"], [], 1, false],
    [["ConnectWrap", "Timeout"], [], 2, false],
    [["TCPSocketWrap"], [], 1, false],
    [["PipeWrap"], ["PipeWrap"], 1, false],
    [[], [], 1, false]
  ])("a process that waits for %j, of which %j are standard streams, with %i of ours, waits for nothing else: %s", (
    resources,
    standard,
    ours,
    expected
  ) => {
    expect(isAllThatWaits(resources, standard, ours)).toBe(expected)
  })
})
