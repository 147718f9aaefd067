import { assert, describe, it } from "@effect/vitest"
import { isIgnored, type Pattern } from "../../../src/collection/errors/Ignore.js"

const table: ReadonlyArray<readonly [boolean, Pattern, string, string]> = [
  [true, "AbortError", "AbortError", "stopped"],
  [false, "Abort", "AbortError", "stopped"],
  [true, "stopped by", "E", "it was stopped by hand"],
  [true, /^Abort/, "AbortError", ""],
  [true, /resizeobserver/i, "Error", "ResizeObserver loop limit exceeded"],
  [false, /^loop/, "Error", "ResizeObserver loop"],
  [false, "", "Error", "anything"],
  [false, /late/, "E", "x".repeat(1000) + "late"]
]

describe("an ignore pattern", () => {
  for (const [ignored, pattern, errorType, message] of table) {
    it(`${String(pattern) || "(empty)"} ${ignored ? "fits" : "does not fit"} ${errorType}: ${message.slice(0, 40)}`, () => {
      assert.strictEqual(isIgnored([pattern], errorType, message), ignored)
    })
  }

  it("with memory gives the same answer every time", () => {
    const patterns = [/boom/g]
    assert.deepStrictEqual([1, 2, 3].map(() => isIgnored(patterns, "E", "boom")), [true, true, true])
  })
})
