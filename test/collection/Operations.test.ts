import { assert, describe, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { aiOperation } from "../../src/collection/AiOperation.js"
import { command, operation, providerCall } from "../../src/collection/Operations.js"
import { AiOperation, CommandExecuted, PerformanceMeasured, ProviderCall } from "../../src/domain/EventCatalog.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"

class Broken extends Data.TaggedError("Broken")<{ readonly why: string }> {}

const slow = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.delay(effect, "20 millis")

/** Runs it for 20 milliseconds, in which it ends or is interrupted. */
const after20 = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("20 millis")
    return yield* Fiber.interrupt(fiber)
  })

describe("an operation", () => {
  const cases: ReadonlyArray<readonly [string, Effect.Effect<number, Broken>, Readonly<Record<string, unknown>>]> = [
    ["that succeeds", slow(Effect.succeed(1)), { step: "a", exit: "success" }],
    ["that fails", slow(new Broken({ why: "x" })), { step: "a", exit: "failure", errorType: "Broken" }],
    ["that dies", slow(Effect.die(new RangeError("r"))), { step: "a", exit: "defect", errorType: "RangeError" }],
    ["that is interrupted", Effect.delay(Effect.succeed(1), "1 hour"), { step: "a", exit: "interrupted" }]
  ]
  for (const [name, effect, context] of cases) {
    it.effect(`${name} is recorded with its time and its end, and ends as it would without`, () =>
      Effect.gen(function*() {
        const plain = yield* after20(effect)
        const measured = yield* after20(operation("build", { step: "a" })(effect))
        assert.strictEqual(measured._tag, plain._tag)
        if (Exit.isSuccess(plain)) assert.deepStrictEqual(measured, plain)
        assert.deepStrictEqual(yield* TelemetryTest.events(PerformanceMeasured), [
          { metricName: "build", value: 20, unit: "ms", context }
        ])
      }).pipe(Effect.provide(TelemetryTest.layer)))
  }

  it.effect("is not broken by a context that cannot be read, which is counted", () =>
    Effect.gen(function*() {
      const context = {
        get bad(): string {
          throw new Error("no")
        }
      }
      assert.strictEqual(yield* operation("m", context)(Effect.succeed(1)), 1)
      assert.deepStrictEqual(yield* TelemetryTest.dropped, { invalid: 1 })
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("runs as it is while telemetry is off", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* operation("m")(Effect.succeed(1)), 1)
      assert.deepStrictEqual(yield* TelemetryTest.all, [])
    }).pipe(Effect.provide(TelemetryTest.layerWith({ level: null }))))
})

describe("a command", () => {
  it.effect("is recorded with the names of its flags, its exit code and the tag of its error", () =>
    Effect.gen(function*() {
      const options = { args: ["--key=secret", "file.txt", "-v"] }
      yield* after20(command("build", options)(slow(Effect.succeed(1))))
      yield* after20(command("build")(slow(new Broken({ why: "secret" }))))
      yield* after20(command("build")(Effect.delay(Effect.void, "1 hour")))
      yield* after20(command("build", { exitCode: () => 64 })(slow(Effect.void)))
      yield* command("build", {
        exitCode: () => {
          throw new Error("no")
        }
      })(Effect.void)
      const base = { command: "build", args: [], duration: 20 }
      assert.deepStrictEqual(yield* TelemetryTest.events(CommandExecuted), [
        { ...base, args: ["--key", "-v"], exitCode: 0 },
        { ...base, exitCode: 1, error: "Broken" },
        { ...base, exitCode: 130, error: "Interrupted" },
        { ...base, exitCode: 64 },
        { ...base, duration: 0, exitCode: 0 }
      ])
    }).pipe(Effect.provide(TelemetryTest.layer)))
})

describe("a call to a provider", () => {
  it.effect("is recorded with its success, its time and the tag of its error", () =>
    Effect.gen(function*() {
      yield* after20(providerCall("acme")(slow(Effect.succeed(1))))
      yield* after20(providerCall("acme")(slow(new Broken({ why: "x" }))))
      yield* after20(providerCall("acme")(Effect.timeout(Effect.never, "10 millis")))
      yield* after20(Effect.timeout(providerCall("acme")(Effect.never), "10 millis"))
      assert.deepStrictEqual(yield* TelemetryTest.events(ProviderCall), [
        { provider: "acme", success: true, duration: 20 },
        { provider: "acme", success: false, duration: 20, errorTag: "Broken" },
        { provider: "acme", success: false, duration: 10, errorTag: "TimeoutException" },
        { provider: "acme", success: false, duration: 10, errorTag: "Interrupted" }
      ])
    }).pipe(Effect.provide(TelemetryTest.layer)))
})

describe("an operation with a model", () => {
  it.effect("is recorded with its phases, its tokens and the size of its context", () =>
    Effect.gen(function*() {
      const ask = aiOperation({ provider: "local" }, (phases) =>
        Effect.gen(function*() {
          yield* slow(Effect.void).pipe(phases.gathering)
          yield* slow(Effect.void).pipe(phases.compression)
          yield* phases.contextSize(10)
          yield* phases.contextSize(700)
          for (const tokens of [5, 7]) {
            yield* slow(Effect.void).pipe(phases.api)
            yield* phases.tokens(tokens)
          }
          return "yes"
        }))
      const fiber = yield* Effect.fork(ask)
      for (let i = 0; i < 4; i++) yield* TestClock.adjust("20 millis")
      assert.strictEqual(yield* fiber, "yes")
      assert.deepStrictEqual(yield* TelemetryTest.events(AiOperation), [{
        gatheringMs: 20,
        compressionMs: 20,
        apiMs: 40,
        totalMs: 80,
        tokens: 12,
        contextSize: 700,
        provider: "local",
        success: true
      }])
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("that fails, dies before it begins or is interrupted is recorded with the phases it came through", () =>
    Effect.gen(function*() {
      yield* after20(aiOperation({}, (phases) => slow(new Broken({ why: "x" })).pipe(phases.api)))
      yield* after20(aiOperation({}, (): Effect.Effect<void> => {
        throw new Error("no")
      }))
      yield* after20(aiOperation({}, (phases) => phases.gathering(Effect.delay(Effect.void, "1 hour"))))
      assert.deepStrictEqual(yield* TelemetryTest.events(AiOperation), [
        { apiMs: 20, totalMs: 20, success: false },
        { totalMs: 0, success: false },
        { gatheringMs: 20, totalMs: 20, success: false }
      ])
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("starts anew every time it is run", () =>
    Effect.gen(function*() {
      const ask = aiOperation({}, (phases) => phases.tokens(3))
      yield* ask
      yield* ask
      assert.deepStrictEqual((yield* TelemetryTest.events(AiOperation)).map(({ tokens }) => tokens), [3, 3])
    }).pipe(Effect.provide(TelemetryTest.layer)))
})
