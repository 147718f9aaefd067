import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as fc from "effect/FastCheck"
import { type DestinationState, initial } from "../../src/domain/Destination.js"
import * as Policy from "../../src/Policy.js"
import * as Settling from "../../src/scheduling/Settling.js"

const now = 1_000_000
const at = { now, delay: 500, fingerprint: "f" }
const troubled: DestinationState = {
  failures: 3,
  nextAttemptAt: 7,
  retryAfter: 8,
  paused: "401",
  fingerprint: "f",
  lastError: "401",
  lastAttemptAt: 5,
  lastSuccessAt: 2
}

describe("Settling", () => {
  it("a success forgets everything that held the destination back", () => {
    expect(Settling.nextState(troubled, { _tag: "Healthy" }, at)).toEqual({
      ...initial,
      lastAttemptAt: now,
      lastSuccessAt: now
    })
  })

  it("an answer that took nothing does so too, and is no success", () => {
    expect(Settling.nextState(troubled, { _tag: "Answered", error: "bad" }, at)).toEqual({
      ...initial,
      lastAttemptAt: now,
      lastSuccessAt: 2,
      lastError: "bad"
    })
  })

  it("back-off counts on, and keeps what the endpoint asked for apart from it", () => {
    const retryAfter = Duration.seconds(60)
    expect(Settling.nextState(initial, { _tag: "BackOff", error: "busy", retryAfter }, at)).toEqual({
      ...initial,
      failures: 1,
      nextAttemptAt: now + 500,
      retryAfter: now + 60_000,
      lastError: "busy",
      lastAttemptAt: now
    })
  })

  it("a pause lasts through an outage of the same endpoint, and ends with another", () => {
    const away = { _tag: "BackOff", error: "away", retryAfter: null } as const
    expect(Settling.nextState(troubled, away, at)).toMatchObject({ paused: "401", fingerprint: "f", failures: 4 })
    expect(Settling.nextState(troubled, away, { ...at, fingerprint: "g" })).toMatchObject({
      paused: null,
      fingerprint: null
    })
  })

  it("a pause remembers what it was said of", () => {
    expect(Settling.nextState(initial, { _tag: "Pause", reason: "401" }, at)).toMatchObject({
      paused: "401",
      fingerprint: "f",
      nextAttemptAt: now + 500,
      failures: 1
    })
  })

  it.prop("a Retry-After is always a sane number of milliseconds, or none", [
    fc.option(fc.oneof(fc.double(), fc.constantFrom(1e20, Infinity, -5, 0, NaN)))
  ], ([seconds]) => {
    const bounded = Settling.boundedRetryAfter(seconds === null ? null : Duration.millis(seconds))
    if (bounded === null) return
    expect(Number.isInteger(bounded)).toBe(true)
    expect(bounded).toBeGreaterThan(0)
    expect(bounded).toBeLessThanOrEqual(Policy.maxRetryAfterMillis)
  })
})
