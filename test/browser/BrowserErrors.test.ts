import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as BrowserErrors from "../../src/browser/BrowserErrors.js"
import { ErrorOccurred } from "../../src/domain/EventCatalog.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"
import { installPage } from "./globals.js"

let page: ReturnType<typeof installPage>

beforeEach(() => {
  page = installPage()
})

afterEach(() => page.remove())

const dispatch = (event: Event) => Effect.sync(() => globalThis.dispatchEvent(event))

const failed = (error: unknown, message = "Uncaught Error") => dispatch(new ErrorEvent("error", { error, message }))

const rejected = (reason: unknown) =>
  dispatch(new PromiseRejectionEvent("unhandledrejection", { reason, promise: new Promise(() => {}) }))

describe("errors that a page did not catch", () => {
  it.effect("are recorded with type, redacted message and where they came from", () =>
    Effect.gen(function*() {
      yield* Effect.provide(
        Effect.zipRight(failed(new RangeError("mail to jo@example.com")), rejected(new TypeError("no"))),
        BrowserErrors.layer
      )
      const errors = yield* TelemetryTest.events(ErrorOccurred)
      assert.deepStrictEqual(errors.map(({ context, errorType, message }) => ({ context, errorType, message })), [
        { errorType: "RangeError", message: "mail to [email]", context: { origin: "error" } },
        { errorType: "TypeError", message: "no", context: { origin: "unhandledrejection" } }
      ])
      for (const { fingerprint } of errors) assert.match(fingerprint ?? "", /^[a-p]{16}$/)
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("are named as what they are where a script of another origin threw them", () =>
    Effect.gen(function*() {
      yield* Effect.provide(failed(null, "Script error."), BrowserErrors.layer)
      const [error] = yield* TelemetryTest.events(ErrorOccurred)
      assert.strictEqual(error?.errorType, "ScriptError")
      assert.deepStrictEqual(error?.context, { origin: "error", crossOrigin: true })
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("are recorded whatever was thrown", () =>
    Effect.gen(function*() {
      yield* Effect.provide(
        Effect.forEach(["text", 7, undefined, null, { name: "Oops" }], rejected),
        BrowserErrors.layer
      )
      const errors = yield* TelemetryTest.events(ErrorOccurred)
      assert.deepStrictEqual(errors.map(({ errorType }) => errorType), [
        "string",
        "number",
        "undefined",
        "object",
        "Oops"
      ])
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("are no longer listened for once the scope has closed", () =>
    Effect.gen(function*() {
      yield* Effect.provide(Effect.void, BrowserErrors.layer)
      yield* failed(new Error("later"))
      assert.deepStrictEqual(yield* TelemetryTest.events(ErrorOccurred), [])
    }).pipe(Effect.provide(TelemetryTest.layer)))
})
