import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Network from "../../src/scheduling/Network.js"

describe("Network", () => {
  it.effect("is back when there are addresses again, even the same as before", () =>
    Effect.gen(function*() {
      let addresses = "10.0.0.1"
      const { returned } = Network.watching({
        look: Effect.sync(() => addresses),
        isUp: (seen) => seen !== "",
        isSame: (a, b) => a === b,
        every: "5 seconds"
      })
      const fiber = yield* Effect.fork(returned)
      yield* TestClock.adjust("20 seconds")
      addresses = ""
      yield* TestClock.adjust("20 seconds")
      expect((yield* Fiber.poll(fiber))._tag).toBe("None")
      addresses = "10.0.0.1"
      yield* TestClock.adjust("5 seconds")
      expect((yield* Fiber.poll(fiber))._tag).toBe("Some")
    }))

  it.effect("without a platform that knows better, nothing ever comes back by itself", () =>
    Effect.gen(function*() {
      const { returned } = yield* Network.Network
      const fiber = yield* Effect.fork(returned)
      yield* TestClock.adjust("1 days")
      expect((yield* Fiber.poll(fiber))._tag).toBe("None")
      yield* Fiber.interrupt(fiber)
    }))
})
