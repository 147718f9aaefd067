import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import process from "node:process"
import { writeLines } from "../../src/cli/render/stream.js"

const writing = (written: Array<string>) =>
  Effect.flatMap(
    Effect.console,
    (inner) =>
      writeLines(Stream.rechunk(Stream.range(1, 4), 2), String, { start: "[", end: "]", separator: "\n" }).pipe(
        Effect.withConsole({ ...inner, log: (text) => Effect.sync(() => written.push(String(text))) })
      )
  )

const turns = Effect.yieldNow().pipe(Effect.repeatN(20))

/** Standard output that says whether it is full as it is told to. */
const output = Effect.acquireRelease(
  Effect.sync(() => {
    const state = { full: true }
    Object.defineProperty(process.stdout, "writableNeedDrain", { configurable: true, get: () => state.full })
    return state
  }),
  () => Effect.sync(() => Reflect.deleteProperty(process.stdout, "writableNeedDrain"))
)

describe("output of any length", () => {
  it.scoped("waits for whoever reads it, a portion at a time", () =>
    Effect.gen(function*() {
      const state = yield* output
      const written: Array<string> = []
      const fiber = yield* Effect.fork(writing(written))
      yield* turns
      expect(written).toEqual(["["])
      process.stdout.emit("drain")
      yield* turns
      expect(written).toEqual(["[", "1\n2"])
      state.full = false
      process.stdout.emit("drain")
      expect(yield* Fiber.join(fiber)).toBe(4)
      expect(written).toEqual(["[", "1\n2", "3\n4", "]"])
    }))

  it.scoped("leaves nothing behind when it is interrupted", () =>
    Effect.gen(function*() {
      yield* output
      const before = process.stdout.listenerCount("drain")
      const fiber = yield* Effect.fork(writing([]))
      yield* turns
      expect(process.stdout.listenerCount("drain")).toBe(before + 1)
      yield* Fiber.interrupt(fiber)
      expect(process.stdout.listenerCount("drain")).toBe(before)
    }))
})
