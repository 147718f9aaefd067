import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Range from "../../src/cli/Range.js"

const filter = (from?: string, to?: string) => Range.filter({ from, to, type: undefined })

describe("Range", () => {
  it.effect("reads dates and times as UTC unless they carry a zone", () =>
    Effect.gen(function*() {
      for (
        const [text, iso] of [
          ["2026-11", "2026-11-01T00:00:00.000Z"],
          ["2026-11-20", "2026-11-20T00:00:00.000Z"],
          ["2026-11-20 08:30", "2026-11-20T08:30:00.000Z"],
          ["2026-11-20T08:30:05Z", "2026-11-20T08:30:05.000Z"],
          ["2026-11-20T08:30+02:00", "2026-11-20T06:30:00.000Z"],
          ["1763625600000", "2025-11-20T08:00:00.000Z"]
        ] as const
      ) {
        const { from } = yield* filter(text)
        expect([text, new Date(from ?? 0).toISOString()]).toEqual([text, iso])
      }
    }))

  it.effect("counts back from now", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000_000_000)
      expect(yield* filter("7d", "90m")).toEqual({
        from: 1_000_000_000_000 - 7 * 86_400_000,
        to: 1_000_000_000_000 - 90 * 60_000,
        type: undefined
      })
    }))

  it.effect("refuses what is no time, and a range that holds nothing", () =>
    Effect.gen(function*() {
      for (const text of ["yesterday", "2026-13-01", "2026-02-30", "2026-04-31T08:00Z", "2026-11-20T25:00", "7y", ""]) {
        const error = yield* Effect.flip(filter(text))
        expect([text, error.exitCode]).toEqual([text, 2])
        expect(error.message).toContain("--from")
      }
      expect((yield* Effect.flip(filter("2026-11-20", "2026-11-20"))).message).toContain("before --to")
    }))
})
