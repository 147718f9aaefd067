import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as TestClock from "effect/TestClock"
import * as LogRecorder from "../../../src/collection/signals/LogRecorder.js"
import * as SpanRecorder from "../../../src/collection/signals/SpanRecorder.js"
import * as EventCatalog from "../../../src/domain/EventCatalog.js"
import * as Signals from "../../../src/domain/events/Signals.js"
import type { Level } from "../../../src/domain/Level.js"
import * as TelemetryConfig from "../../../src/TelemetryConfig.js"
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"

const events = [...TelemetryConfig.defaults().events, ...Signals.all]
const telemetry = (level: Level | null = "full") => TelemetryTest.layerWith({ level, config: { events } })
const spans = TelemetryTest.events(Signals.SpanEnded)
const logs = TelemetryTest.events(Signals.LogRecorded)

const withBoth = (level: Level | null = "full") =>
  LogRecorder.layer().pipe(Layer.provideMerge(SpanRecorder.layer()), Layer.provideMerge(telemetry(level)))

describe("SpanRecorder", () => {
  it.effect("keeps ids, parents, kinds and times", () =>
    Effect.gen(function*() {
      const [outer, inner] = yield* Effect.gen(function*() {
        const outer = yield* Effect.currentSpan
        yield* TestClock.adjust("20 millis")
        const inner = yield* Effect.currentSpan.pipe(Effect.withSpan("inner", { kind: "client" }))
        yield* TestClock.adjust("10 millis")
        return [outer, inner]
      }).pipe(Effect.withSpan("outer", { attributes: { table: "jobs" } }))
      expect(yield* spans).toMatchObject([
        { name: "inner", kind: "client", traceId: outer!.traceId, spanId: inner!.spanId, parentSpanId: outer!.spanId },
        {
          name: "outer",
          kind: "internal",
          spanId: outer!.spanId,
          start: "0",
          end: "30000000",
          duration: 30,
          exit: "success",
          attributes: { table: "jobs" }
        }
      ])
    }).pipe(Effect.provide(withBoth())))

  it.effect("how it ended, with events and links; hostile attributes are redacted like any value", () =>
    Effect.gen(function*() {
      const other = yield* Effect.makeSpan("other")
      yield* Effect.gen(function*() {
        const span = yield* Effect.currentSpan
        span.event("retry", 5n, { n: 1 })
        span.addLinks([{ _tag: "SpanLink", span: other, attributes: {} }])
        return yield* Effect.fail(new Error("no mail to ada@example.com"))
      }).pipe(Effect.withSpan("work", { attributes: { password: "hunter2", big: 1n } }), Effect.exit)
      yield* Effect.withSpan(Effect.interrupt, "stopped").pipe(Effect.exit)
      const [work, stopped] = yield* spans
      expect(work).toMatchObject({
        exit: "failure",
        errorType: "Error",
        events: [{ name: "retry", time: "5", attributes: { n: 1 } }],
        links: [{ traceId: other.traceId, spanId: other.spanId }]
      })
      expect(JSON.stringify(work)).not.toMatch(/hunter2|ada@example/)
      expect(stopped).toMatchObject({ exit: "interrupted" })
      expect(stopped).not.toHaveProperty("errorType")
      expect(yield* TelemetryTest.dropped).toEqual({})
    }).pipe(Effect.provide(withBoth())))

  it.effect("names at level enhanced, attributes at full, nothing at basic", () =>
    Effect.gen(function*() {
      const work = Effect.withSpan(Effect.log("hello"), "work", { attributes: { table: "jobs" } })
      const at = (level: Level) => Effect.zipRight(work, TelemetryTest.all).pipe(Effect.provide(withBoth(level)))
      expect(yield* at("basic")).toEqual([])
      const enhanced = yield* at("enhanced")
      expect(enhanced.map(({ eventType }) => eventType)).toEqual(["log_recorded", "span_ended"])
      expect(enhanced[0]!.eventData).toHaveProperty("message", "hello")
      expect(enhanced[1]!.eventData).not.toHaveProperty("attributes")
      expect((yield* at("full"))[1]!.eventData).toHaveProperty("attributes", { table: "jobs" })
    }))

  it.effect("only what is chosen", () =>
    Effect.gen(function*() {
      yield* Effect.withSpan(Effect.withSpan(Effect.void, "db.query"), "web.request")
      expect((yield* spans).map(({ name }) => name)).toEqual(["web.request"])
    }).pipe(
      Effect.provide(
        SpanRecorder.layer({ include: (name) => name.startsWith("web.") }).pipe(Layer.provideMerge(telemetry()))
      )
    ))
})

describe("LogRecorder", () => {
  it.effect("keeps level, text, values, annotations and the span", () =>
    Effect.gen(function*() {
      const span = yield* Effect.gen(function*() {
        yield* Effect.logWarning("disk", 93, { path: "/home/ada/x", free: 7 }).pipe(
          Effect.annotateLogs("job", 12),
          Effect.withLogSpan("scan")
        )
        return yield* Effect.currentSpan
      }).pipe(Effect.withSpan("work"))
      const [log] = yield* logs
      expect(log).toMatchObject({
        severity: "WARN",
        message: "disk 93",
        attributes: { job: 12, "span.scan": 0 },
        traceId: span.traceId,
        spanId: span.spanId
      })
      expect(JSON.stringify(log)).not.toContain("ada")
    }).pipe(Effect.provide(withBoth())))

  it.effect("what was not logged in a span has no ids; a cause is told by its error", () =>
    Effect.gen(function*() {
      yield* Effect.logError("broken", Cause.die(new TypeError("bug")))
      const [log] = yield* logs
      expect(log).toMatchObject({ severity: "ERROR", errorType: "TypeError", errorMessage: "bug" })
      expect(log).not.toHaveProperty("traceId")
    }).pipe(Effect.provide(withBoth())))

  it.effect("from the level that is asked for on", () =>
    Effect.gen(function*() {
      yield* Effect.logDebug("d")
      yield* Effect.logInfo("i")
      yield* Effect.logFatal("f")
      expect((yield* logs).map(({ severity }) => severity)).toEqual(["DEBUG", "INFO", "FATAL"])
    }).pipe(
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.provide(LogRecorder.layer({ minimum: LogLevel.Debug }).pipe(Layer.provideMerge(telemetry())))
    ))

  it.effect("whoever forgets to declare the events is told, once, and harms nothing", () =>
    Effect.gen(function*() {
      const said: Array<unknown> = []
      const listening = Logger.add(Logger.make(({ message }) => void said.push(message)))
      yield* Effect.log("hello").pipe(
        Effect.provide(LogRecorder.layer().pipe(Layer.provideMerge(TelemetryTest.layer), Layer.provideMerge(listening)))
      )
      expect(said.map(String)).toEqual([expect.stringContaining("events: Signals.all"), "hello"])
    }))

  it.effect("records nothing without consent", () =>
    Effect.gen(function*() {
      yield* Effect.withSpan(Effect.log("hello"), "work")
      expect(yield* TelemetryTest.all).toEqual([])
      expect(yield* TelemetryTest.dropped).toEqual({})
    }).pipe(Effect.provide(withBoth(null))))

  it("the events are in the catalogue only where they are asked for", () => {
    expect(EventCatalog.builtIn).not.toContain(Signals.LogRecorded)
  })
})
