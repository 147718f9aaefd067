import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Breadcrumbs from "../../src/collection/Breadcrumbs.js"
import { captureErrors, recoverWith } from "../../src/collection/CaptureErrors.js"
import * as ErrorTracking from "../../src/collection/ErrorTracking.js"
import { ConsentGate } from "../../src/consent/ConsentGate.js"
import { ErrorOccurred, PerformanceMeasured } from "../../src/domain/EventCatalog.js"
import type { Level } from "../../src/domain/Level.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Telemetry } from "../../src/Telemetry.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"

const layer = (options: ErrorTracking.Options = {}, level: Level | null = "full") =>
  TelemetryTest.layerWith({ level }).pipe(Layer.provide(ErrorTracking.layerOptions(options)))

const errors = TelemetryTest.events(ErrorOccurred)

const trackError = (message: string, errorType = "E") =>
  Effect.flatMap(Telemetry, (telemetry) => telemetry.trackError(errorType, message))

const counts = Effect.map(errors, (all) => all.map(({ count, message }) => [message, count]))

describe("trackError", () => {
  it.effect("leaves out what the application ignores, and nothing is counted of it", () =>
    Effect.gen(function*() {
      yield* trackError("stopped", "AbortError")
      yield* trackError("ResizeObserver loop")
      yield* trackError("boom")
      assert.deepStrictEqual(yield* counts, [["boom", 1]])
      const ledger = yield* (yield* Telemetry).ledger
      assert.strictEqual(ledger.capture.offered, 1)
    }).pipe(Effect.provide(layer({ ignore: ["AbortError", /resizeobserver/i] }))))

  it.effect("records every error where no window is set", () =>
    Effect.gen(function*() {
      yield* trackError("boom")
      yield* trackError("boom")
      assert.deepStrictEqual(yield* counts, [["boom", 1], ["boom", 1]])
    }).pipe(Effect.provide(layer())))

  it.effect("counts repeats within the window and records them when it ends, without anybody asking", () =>
    Effect.gen(function*() {
      for (let i = 0; i < 5; i++) yield* trackError("boom")
      assert.deepStrictEqual(yield* counts, [["boom", 1]])
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* counts, [["boom", 1]])
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* counts, [["boom", 1], ["boom", 4]])
      yield* TestClock.adjust("1 minute")
      yield* trackError("boom")
      assert.deepStrictEqual(yield* counts, [["boom", 1], ["boom", 4], ["boom", 1]])
    }).pipe(Effect.provide(layer({ window: "1 minute" }))))

  it.effect("records repeats at flush, and before the scope has closed", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(layer({ window: "1 minute" }), scope)
      const run = Effect.provide(context)
      yield* run(Effect.zipRight(trackError("boom"), trackError("boom")))
      yield* run(Effect.flatMap(Telemetry, ({ flush }) => flush))
      assert.deepStrictEqual(yield* run(counts), [["boom", 1], ["boom", 1]])
      yield* run(Effect.all([trackError("boom"), trackError("boom"), trackError("boom")]))
      yield* Scope.close(scope, Exit.void)
      const stored = yield* run(Effect.flatMap(EventStore, (store) => store.read({ after: 0, limit: 10 })))
      assert.deepStrictEqual(stored.map(({ event }) => JSON.parse(event.data).count), [1, 1, 1, 2])
    }))

  it.effect("records a fatal error at once, whatever was before it", () =>
    Effect.gen(function*() {
      yield* trackError("boom")
      yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.trackError("E", "boom", undefined, undefined, true))
      assert.deepStrictEqual((yield* errors).map(({ fatal }) => fatal), [false, true])
    }).pipe(Effect.provide(layer({ window: "1 minute" }))))

  it.effect("does not record under a new consent what was met under another", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* trackError("boom")
      assert.deepStrictEqual(yield* counts, [["boom", 1]])
      yield* trackError("boom")
      yield* telemetry.disable({})
      yield* telemetry.enable({ level: "full" })
      yield* telemetry.flush
      assert.deepStrictEqual(yield* counts, [["boom", 1]])
      assert.deepStrictEqual(yield* TelemetryTest.dropped, { consent: 1 })
    }).pipe(Effect.provide(layer({ window: "1 minute" }))))

  it.effect("lets the application classify, and the call know better still", () =>
    Effect.gen(function*() {
      const tracking = yield* ErrorTracking.ErrorTracking
      yield* tracking.track({ errorType: "E", message: "a" })
      yield* tracking.track({ errorType: "E", message: "b", severity: "DEBUG" })
      const all = yield* errors
      assert.deepStrictEqual(all.map(({ category, severity }) => [severity, category]), [
        ["CRITICAL", "storage"],
        ["DEBUG", "storage"]
      ])
    }).pipe(Effect.provide(layer({ classify: () => ({ severity: "CRITICAL", category: "storage" }) }))))

  it.effect("survives a classifier that throws", () =>
    Effect.gen(function*() {
      yield* trackError("boom")
      assert.deepStrictEqual(yield* counts, [["boom", 1]])
    }).pipe(Effect.provide(layer({
      classify: () => {
        throw new Error("no")
      }
    }))))

  it.effect("does nothing at all while telemetry is off", () =>
    Effect.gen(function*() {
      let asked = 0
      const tracking = yield* ErrorTracking.ErrorTracking
      const input = {
        errorType: "E",
        get message() {
          asked++
          return "m"
        }
      }
      yield* tracking.track(input)
      yield* tracking.captureCause(Cause.die(input))
      assert.strictEqual(asked, 0)
      assert.deepStrictEqual((yield* (yield* Telemetry).ledger).capture, {})
    }).pipe(Effect.provide(layer({ window: "1 minute" }, null))))
})

describe("what goes with an error", () => {
  it.effect("at level full are breadcrumbs and state, redacted like everything else", () =>
    Effect.gen(function*() {
      const tracking = yield* ErrorTracking.ErrorTracking
      yield* Breadcrumbs.add({
        category: "http",
        message: "GET for ann@example.com",
        data: { token: "abc", status: 500 }
      })
      yield* tracking.withState("cart", () => ({ items: 3, owner: "bob@example.org" }))
      yield* tracking.withState("broken", () => {
        throw new Error("no")
      })
      yield* trackError("boom")
      const [one] = yield* errors
      assert.deepStrictEqual(one!.breadcrumbs, [{
        timestamp: 0,
        category: "http",
        message: "GET for [email]",
        data: { token: "[redacted]", status: 500 }
      }])
      assert.deepStrictEqual(one!.context, {
        state: { cart: { items: 3, owner: "[email]" }, broken: "[unreadable]" }
      })
    }).pipe(Effect.scoped, Effect.provide(layer())))

  it.effect("below level full is nothing, and state is not even read", () =>
    Effect.gen(function*() {
      let reads = 0
      yield* (yield* ErrorTracking.ErrorTracking).withState("s", () => reads++)
      yield* Breadcrumbs.add({ category: "c" })
      yield* trackError("boom")
      const [one] = yield* errors
      assert.notProperty(one, "breadcrumbs")
      assert.notProperty(one, "context")
      assert.strictEqual(reads, 0)
    }).pipe(Effect.scoped, Effect.provide(layer({}, "enhanced"))))

  it.effect("is no longer asked for when its scope has closed", () =>
    Effect.gen(function*() {
      const tracking = yield* ErrorTracking.ErrorTracking
      yield* Effect.scoped(tracking.withState("s", () => 1))
      yield* trackError("boom")
      assert.notProperty((yield* errors)[0], "context")
    }).pipe(Effect.provide(layer())))

  it.effect("is never so large that the error is lost", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const tracking = yield* ErrorTracking.ErrorTracking
      for (let i = 0; i < 60; i++) {
        yield* Breadcrumbs.add({
          category: "c\u0001".repeat(500),
          message: `\u0001${i}`.repeat(1000),
          data: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, "\u{1f600}".repeat(9000)]))
        })
      }
      for (const name of ["a", "b", "c"]) yield* tracking.withState(name, () => "\u0001".repeat(1000))
      yield* telemetry.trackError("T".repeat(1e5), "\u0001".repeat(1e5), "\u0001".repeat(1e5), { big: "x".repeat(1e5) })
      yield* telemetry.trackError("E", "small", undefined, { state: "mine", n: 1 })
      const [large, small] = yield* errors
      assert.isAbove(large!.breadcrumbs!.length, 0)
      assert.deepStrictEqual(large!.context!["omitted"], "[too large]")
      assert.include(JSON.stringify(large!.context), "\"c\":\"[too large]\"")
      assert.deepInclude(small!.context, { state: "mine", n: 1 })
      assert.deepStrictEqual(yield* TelemetryTest.dropped, {})
    }).pipe(Effect.scoped, Effect.provide(layer())))
})

class NotFound extends Data.TaggedError("NotFound")<{ readonly message: string }> {}
class DatabaseBroken extends Error {}

describe("a cause", () => {
  const capture = (cause: Cause.Cause<unknown>) =>
    Effect.gen(function*() {
      yield* (yield* ErrorTracking.ErrorTracking).captureCause(cause)
      return (yield* errors).map(({ context, errorType, message, severity }) => [
        errorType,
        message,
        context?.["cause"],
        severity
      ])
    }).pipe(Effect.provide(layer()))

  const table: ReadonlyArray<readonly [string, Cause.Cause<unknown>, ReadonlyArray<ReadonlyArray<unknown>>]> = [
    ["of a typed failure has its tag", Cause.fail(new NotFound({ message: "no page" })), [
      ["NotFound", "no page", "failure", "ERROR"]
    ]],
    ["of a failure that is no Error has its tag", Cause.fail({ _tag: "Timeout", message: "late" }), [
      ["Timeout", "late", "failure", "WARNING"]
    ]],
    ["of a defect has the name of its class, and is an error at least", Cause.die(new DatabaseBroken("timeout")), [
      ["DatabaseBroken", "timeout", "defect", "ERROR"]
    ]],
    ["of something thrown that is no object", Cause.die("oops"), [["string", "oops", "defect", "ERROR"]]],
    ["of an interruption is no error", Cause.interrupt(FiberId.none), []],
    [
      "of many has each",
      Cause.parallel(Cause.fail("a"), Cause.sequential(Cause.interrupt(FiberId.none), Cause.die("b"))),
      [
        ["string", "a", "failure", "ERROR"],
        ["string", "b", "defect", "ERROR"]
      ]
    ]
  ]
  for (const [name, cause, expected] of table) {
    it.effect(name, () => Effect.map(capture(cause), (found) => assert.deepStrictEqual(found, expected)))
  }

  it.effect("that is hostile harms nobody", () =>
    Effect.gen(function*() {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      const found = yield* capture(Cause.parallel(Cause.die(proxy), Cause.fail(Object.create(null))))
      assert.deepStrictEqual(found.map(([errorType]) => errorType), ["object", "object"])
    }))

  it.effect("of a thousand errors has ten", () =>
    Effect.map(
      capture(
        Array.from({ length: 1000 }, (_, i) => Cause.fail(`e${i}`)).reduce<Cause.Cause<unknown>>(
          (all, one) => Cause.parallel(all, one),
          Cause.empty
        )
      ),
      (found) => assert.lengthOf(found, 10)
    ))
})

describe("captureErrors", () => {
  it.effect("records an error once however often it passes, and lets it pass", () =>
    Effect.gen(function*() {
      const failing = Effect.fail(new NotFound({ message: "no page" })).pipe(
        captureErrors(),
        captureErrors({ context: { outer: true } })
      )
      const exit = yield* Effect.exit(failing)
      assert.isTrue(Exit.isFailure(exit) && Cause.isFailType(exit.cause) && exit.cause.error._tag === "NotFound")
      assert.lengthOf(yield* errors, 1)
      yield* Effect.exit(failing)
      assert.lengthOf(yield* errors, 1)
    }).pipe(Effect.provide(layer())))

  it.effect("records an error that is made once and failed with later again, as another occurrence", () =>
    Effect.gen(function*() {
      const failing = Effect.fail(new NotFound({ message: "no page" })).pipe(captureErrors(), captureErrors())
      yield* Effect.exit(failing)
      yield* TestClock.adjust("1 second")
      yield* Effect.exit(failing)
      assert.lengthOf(yield* errors, 2)
    }).pipe(Effect.provide(layer())))

  it.effect("records nothing of a success or an interruption", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* captureErrors()(Effect.succeed(1)), 1)
      yield* Effect.exit(captureErrors()(Effect.interrupt))
      assert.deepStrictEqual(yield* errors, [])
    }).pipe(Effect.provide(layer())))
})

describe("recoverWith", () => {
  const tries = Effect.map(
    TelemetryTest.events(PerformanceMeasured),
    (all) => all.map(({ metricName, unit, value }) => [metricName, value, unit])
  )

  it.effect("records a recovery, how long it took, and the error as a warning", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(recoverWith(Effect.fail(new NotFound({ message: "no cache" })), {
        action: "fallback",
        recover: ({ _tag }) => Effect.delay(Effect.succeed(_tag), "20 millis")
      }))
      yield* TestClock.adjust("20 millis")
      assert.strictEqual(yield* fiber, "NotFound")
      assert.deepStrictEqual(yield* tries, [["recovery.fallback.recovered", 20, "ms"]])
      const [error] = yield* errors
      assert.deepInclude(error, { errorType: "NotFound", severity: "WARNING" })
      assert.deepStrictEqual(error!.context!["recovery"], { action: "fallback", outcome: "recovered" })
    }).pipe(Effect.provide(layer())))

  it.effect("records a try that failed or was interrupted", () =>
    Effect.gen(function*() {
      yield* Effect.exit(Effect.fail("a").pipe(recoverWith({ action: "retry", recover: () => Effect.fail("b") })))
      yield* Effect.exit(Effect.fail("c").pipe(recoverWith({ action: "retry", recover: () => Effect.interrupt })))
      assert.deepStrictEqual((yield* tries).map(([name]) => name), [
        "recovery.retry.failed",
        "recovery.retry.interrupted"
      ])
      assert.deepStrictEqual((yield* errors).map(({ message, severity }) => [message, severity]), [
        ["a", "ERROR"],
        ["c", "ERROR"]
      ])
    }).pipe(Effect.provide(layer())))

  it.effect("records nothing where there was nothing to recover from", () =>
    Effect.gen(function*() {
      const gate = yield* ConsentGate
      assert.isTrue(gate.unsafeCurrent().enabled)
      yield* recoverWith(Effect.succeed(1), { action: "retry", recover: () => Effect.succeed(2) })
      assert.deepStrictEqual(yield* TelemetryTest.all, [])
    }).pipe(Effect.provide(layer())))
})
