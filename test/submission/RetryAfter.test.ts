import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as fc from "fast-check"
import * as Policy from "../../src/Policy.js"
import * as RetryAfter from "../../src/submission/RetryAfter.js"

const now = Date.UTC(2026, 10, 20, 12, 0, 0)

const millis = (value: string | null): number | null => {
  const parsed = RetryAfter.parse(value, now)
  return parsed === null ? null : Duration.toMillis(parsed)
}

describe("Retry-After", () => {
  it.each([
    ["7", 7_000],
    [" 7 ", 7_000],
    ["0.5", 500],
    ["3600", 3_600_000],
    ["Fri, 20 Nov 2026 12:00:07 GMT", 7_000],
    ["Friday, 20-Nov-26 12:00:07 GMT", 7_000],
    ["Fri Nov 20 12:00:07 2026", 7_000]
  ])("%s is a wait of %i ms", (value, expected) => {
    expect(millis(value)).toBe(expected)
  })

  it.each(["1e20", "1e999", "9".repeat(400), "315360000", "Thu, 20 Nov 2036 12:00:00 GMT"])(
    "%s is cut to the longest wait that is believed",
    (value) => {
      expect(millis(value)).toBe(Policy.maxRetryAfterMillis)
    }
  )

  it.each([
    null,
    "",
    "0",
    "-5",
    "soon",
    "NaN",
    "Infinity",
    "0x10",
    "7 seconds",
    "7,8",
    "Fri, 20 Nov 2026 11:59:59 GMT",
    "Fri, 20 Nov 2026 12:00:00 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Fri, 20 Xyz 2026 12:00:07 GMT",
    "2026-11-20T12:00:07Z"
  ])("%s asks for no wait", (value) => {
    expect(millis(value)).toBeNull()
  })

  it("is never NaN, negative or beyond the bound, whatever is sent", () => {
    fc.assert(fc.property(
      fc.oneof(
        fc.string(),
        fc.double().map(String),
        fc.bigInt().map(String),
        fc.date({ noInvalidDate: true }).map((d) => d.toUTCString())
      ),
      (value) => {
        const wait = millis(value)
        expect(wait === null || (wait > 0 && wait <= Policy.maxRetryAfterMillis)).toBe(true)
      }
    ))
  })
})
