import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import * as NodeDebugFile from "../../src/node/NodeDebugFile.js"
import { modeOf, temporary } from "./support.js"

describe("the file of developer mode", () => {
  it.scoped("is followed from its end on, whole lines only, and is its owner's alone", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const [writer, reader] = [NodeDebugFile.make(directory), NodeDebugFile.make(directory)]
      yield* writer.append("before\n")
      const { lines, next } = yield* reader.read(null)
      expect(lines).toEqual([])
      yield* writer.append("für\nzwei\nhal")
      const first = yield* reader.read(next)
      expect(first.lines).toEqual(["für", "zwei"])
      yield* writer.append("b\n")
      expect((yield* reader.read(first.next)).lines).toEqual(["halb"])
      expect(modeOf(path.join(directory, "debug.ndjson"))).toBe(0o600)
    }))

  it.scoped("begins anew when it has grown, and is gone when it is cleared", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const file = NodeDebugFile.make(directory)
      for (let i = 0; i < 40; i++) yield* file.append("x".repeat(100_000) + "\n")
      const sizes = fs.readdirSync(directory).map((name) => fs.statSync(path.join(directory, name)).size)
      expect(sizes.length).toBe(2)
      expect(Math.max(...sizes)).toBeLessThan(1.3e6)
      yield* file.clear
      expect(fs.readdirSync(directory)).toEqual([])
    }))

  it.effect("does nothing where there is no place for it", () =>
    Effect.gen(function*() {
      const file = NodeDebugFile.make(null)
      yield* file.append("x\n")
      expect(yield* file.read(0)).toEqual({ lines: [], next: 0 })
      const missing = NodeDebugFile.make("/proc/nowhere")
      yield* missing.append("x\n")
      expect(yield* missing.read(0)).toEqual({ lines: [], next: 0 })
    }))
})
