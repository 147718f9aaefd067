import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { captureCause, captureErrors } from "../../../src/collection/CaptureErrors.js"
import * as ErrorLogger from "../../../src/collection/instruments/ErrorLogger.js"
import * as EventCatalog from "../../../src/domain/EventCatalog.js"
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"

class NotFound extends Data.TaggedError("NotFound")<{ readonly message: string }> {}

const errors = TelemetryTest.events(EventCatalog.ErrorOccurred)

const live = (options: ErrorLogger.Options = {}, test: TelemetryTest.Options = {}) =>
  ErrorLogger.layer(options).pipe(Layer.provideMerge(TelemetryTest.layerWith(test)))

describe("ErrorLogger", () => {
  it.effect("records what is logged as an error, and nothing below", () =>
    Effect.gen(function*() {
      yield* Effect.logInfo("fine")
      yield* Effect.logWarning("careful")
      yield* Effect.logError("cannot save", { password: "hunter2" }, 3)
      yield* Effect.logFatal("out of order")
      expect(yield* errors).toMatchObject([
        { errorType: "LoggedError", message: "cannot save 3", fatal: false, count: 1 },
        { errorType: "LoggedError", message: "out of order", fatal: true, severity: "CRITICAL" }
      ])
    }).pipe(Effect.provide(live())))

  it.effect("a level of one's own", () =>
    Effect.gen(function*() {
      yield* Effect.logInfo("fine")
      yield* Effect.logWarning("careful")
      expect((yield* errors).map(({ message }) => message)).toEqual(["careful"])
    }).pipe(Effect.provide(live({ minimum: LogLevel.Warning }))))

  it.effect("takes the error from the cause: a defect before a failure, each by its tag or name", () =>
    Effect.gen(function*() {
      const failure = Cause.fail(new NotFound({ message: "no job 7" }))
      const defect = Cause.die(new RangeError("too deep"))
      yield* Effect.logError("job", failure)
      yield* Effect.logError("job", Cause.parallel(failure, defect))
      yield* Effect.logError("job", Cause.fail("plain"))
      const recorded = yield* errors
      expect(recorded.map(({ errorType, message }) => [errorType, message])).toEqual([
        ["NotFound", "job: no job 7"],
        ["RangeError", "job: too deep"],
        ["string", "job: plain"]
      ])
      expect(recorded[1]!.stack).toContain("RangeError")
    }).pipe(Effect.provide(live())))

  it.effect("what was only interrupted is no error", () =>
    Effect.gen(function*() {
      yield* Effect.logError("stopped", Cause.interrupt(yield* Effect.fiberId))
      expect(yield* errors).toEqual([])
    }).pipe(Effect.provide(live())))

  it.effect("an error that is captured and logged is one event, whichever comes first; a fatal log is always one", () =>
    Effect.gen(function*() {
      const failing = Effect.fail(new NotFound({ message: "no job 7" })).pipe(captureErrors())
      const cause = Cause.die(new RangeError("too deep"))
      yield* failing.pipe(Effect.catchAllCause((cause) => Effect.logError("job", cause)))
      yield* Effect.logError("job", cause)
      yield* captureCause(cause)
      yield* Effect.logError("job again", cause)
      yield* Effect.logError("job", Cause.fail("plain"))
      yield* Effect.logError("job", Cause.fail("plain"))
      yield* Effect.logFatal("the end", cause)
      expect((yield* errors).map(({ errorType, message }) => [errorType, message])).toEqual([
        ["NotFound", "no job 7"],
        ["RangeError", "job: too deep"],
        ["string", "job: plain"],
        ["string", "job: plain"],
        ["RangeError", "the end: too deep"]
      ])
    }).pipe(Effect.provide(live())))

  it.effect("goes the way of every event: redacted, and at level basic without the text", () =>
    Effect.gen(function*() {
      const log = Effect.logError("no mail to ada@example.com").pipe(
        Effect.annotateLogs({ token: "t0psecret", job: 7 })
      )
      const at = (level: "basic" | "full") =>
        Effect.zipRight(log, errors).pipe(Effect.provide(live({}, { level })), Effect.map(([event]) => event))
      const full = yield* at("full")
      expect(full!.message).not.toContain("ada@example.com")
      expect(full!.context).toEqual({ token: "[redacted]", job: 7 })
      const basic = yield* at("basic")
      expect(basic).toMatchObject({ errorType: "LoggedError" })
      expect(basic).not.toHaveProperty("message")
      expect(basic).not.toHaveProperty("context")
    }))

  it.effect("the other loggers of the program go on, and a hostile value harms nobody", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const other = Logger.add(Logger.make(({ message }) => void seen.push(message)))
      const hostile = new Proxy({}, {
        get: () => {
          throw new Error("hands off")
        }
      })
      yield* Effect.logError(hostile).pipe(Effect.provide(other))
      yield* Effect.logError("job", Cause.fail(hostile)).pipe(Effect.provide(other))
      expect(seen).toHaveLength(2)
    }).pipe(Effect.provide(live())))

  it.effect("records nothing without consent", () =>
    Effect.gen(function*() {
      yield* Effect.logError("cannot save")
      expect(yield* errors).toEqual([])
      expect(yield* TelemetryTest.dropped).toEqual({})
    }).pipe(Effect.provide(live({}, { level: null }))))
})
