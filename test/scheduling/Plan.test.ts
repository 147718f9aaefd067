import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { initial } from "../../src/domain/Destination.js"
import * as Policy from "../../src/Policy.js"
import * as Plan from "../../src/scheduling/Plan.js"

const hour = 3_600_000
const now = 1_700_000_000_000

const base: Plan.Input = {
  due: now,
  waiting: 1000,
  tokens: 200,
  needed: 0,
  refillMillis: 60,
  burst: 200,
  batchSize: 100,
  probeSize: 10,
  state: initial,
  now,
  longestDelay: hour,
  person: false,
  patient: false,
  fingerprint: "f"
}

const time = fc.option(fc.integer({ min: now - 10 * hour, max: now + 10 * hour }))
const input: fc.Arbitrary<Plan.Input> = fc.record({
  due: time,
  waiting: fc.integer({ min: 1, max: 5000 }),
  tokens: fc.double({ min: -5, max: 300, noNaN: true }),
  needed: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 })),
  refillMillis: fc.double({ min: 0.01, max: 60_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 300 }),
  batchSize: fc.integer({ min: 1, max: 300 }),
  probeSize: fc.integer({ min: 1, max: 20 }),
  state: fc.record({
    failures: fc.nat(5),
    nextAttemptAt: time,
    retryAfter: time,
    paused: fc.option(fc.constant("paused")),
    fingerprint: fc.option(fc.constantFrom("f", "g")),
    lastError: fc.constant(null),
    lastAttemptAt: fc.constant(null),
    lastSuccessAt: fc.constant(null)
  }),
  now: fc.constant(now),
  longestDelay: fc.constant(hour),
  person: fc.boolean(),
  patient: fc.boolean(),
  fingerprint: fc.constant("f")
})

describe("Plan", () => {
  it("sends a full batch when all is well", () => {
    expect(Plan.plan(base)).toEqual({ _tag: "Submit", limit: 100, kept: 100 })
  })

  it("is done when nothing waits, whatever else holds", () => {
    const state = { ...initial, retryAfter: now + 5 }
    expect(Plan.plan({ ...base, due: null, tokens: 0, state })).toEqual({ _tag: "Done" })
  })

  it("shrinks a batch to the tokens at hand instead of waiting for a full one", () => {
    expect(Plan.plan({ ...base, tokens: 7.9 })).toEqual({ _tag: "Submit", limit: 7, kept: 100 })
  })

  it("waits, when it is patient, for tokens that are worth a request", () => {
    const wait = { _tag: "Wait", until: now + 93 * 60, why: "limit" }
    expect(Plan.plan({ ...base, tokens: 7, patient: true })).toEqual(wait)
    expect(Plan.plan({ ...base, tokens: 7, waiting: 7, patient: true })).toEqual({
      _tag: "Submit",
      limit: 7,
      kept: 100
    })
  })

  it("waits for tokens when there is none", () => {
    expect(Plan.plan({ ...base, tokens: 0, waiting: 3 })).toEqual({ _tag: "Wait", until: now + 180, why: "limit" })
  })

  it("makes progress with a burst smaller than a batch", () => {
    const small = { ...base, burst: 2, tokens: 2, patient: true }
    expect(Plan.plan(small)).toEqual({ _tag: "Submit", limit: 2, kept: 2 })
  })

  it("waits for the tokens of a batch that must not be cut", () => {
    expect(Plan.plan({ ...base, tokens: 42, needed: 100 })).toEqual({
      _tag: "Wait",
      until: now + 58 * 60,
      why: "limit"
    })
    expect(Plan.plan({ ...base, tokens: 42, needed: 42 })).toMatchObject({ _tag: "Submit" })
    expect(Plan.plan({ ...base, tokens: 50, burst: 50, needed: 100 })).toMatchObject({ _tag: "Submit", kept: 50 })
  })

  it("probes with a small batch after a failure", () => {
    const state = { ...initial, failures: 3, nextAttemptAt: now }
    expect(Plan.plan({ ...base, state })).toEqual({ _tag: "Submit", limit: 10, kept: 100 })
  })

  it("names what holds it back longest", () => {
    const state = { ...initial, failures: 1, nextAttemptAt: now + 5, retryAfter: now + 9 }
    expect(Plan.plan({ ...base, state })).toEqual({ _tag: "Wait", until: now + 9, why: "retry-after" })
    expect(Plan.plan({ ...base, state: { ...state, nextAttemptAt: now + 20 } })).toMatchObject({ why: "back-off" })
    const paused = { ...state, nextAttemptAt: now + 20, paused: "401", fingerprint: "f" }
    expect(Plan.plan({ ...base, state: paused })).toMatchObject({ why: "paused" })
    expect(Plan.plan({ ...base, due: now + 30, state })).toEqual({ _tag: "Wait", until: now + 30, why: "due" })
  })

  it("resumes at full size when endpoint or key have changed, but not before Retry-After", () => {
    const state = { ...initial, failures: 4, nextAttemptAt: now + hour, paused: "401", fingerprint: "old" }
    expect(Plan.plan({ ...base, state })).toEqual({ _tag: "Submit", limit: 100, kept: 100 })
    expect(Plan.plan({ ...base, state: { ...state, retryAfter: now + 7 } })).toMatchObject({ why: "retry-after" })
  })

  it("a wall clock that was put back does not park a destination for ever", () => {
    const state = { ...initial, failures: 1, nextAttemptAt: now + 400 * 24 * hour, retryAfter: now + 400 * 24 * hour }
    const settled = Plan.settleClock(state, now, 2 * hour)
    expect(settled).toMatchObject({ nextAttemptAt: now + 2 * hour, retryAfter: now + Policy.maxRetryAfterMillis })
    expect(Plan.settleClock(settled, now, 2 * hour)).toBe(settled)
    expect(Plan.plan({ ...base, state, longestDelay: 2 * hour })).toMatchObject({ until: now + 2 * hour })
  })

  it.prop("never sends before Retry-After, nor before an event is due, nor while backing off", [input], ([i]) => {
    const plan = Plan.plan(i)
    if (plan._tag !== "Submit") return
    expect(i.due === null || i.due > i.now).toBe(false)
    expect(i.state.retryAfter !== null && i.state.retryAfter > i.now).toBe(false)
    if (!i.person && !Plan.isResumed(i.state, i.fingerprint)) {
      expect(i.state.nextAttemptAt !== null && i.state.nextAttemptAt > i.now).toBe(false)
    }
  })

  it.prop("a person overrides back-off and pause, and nothing else", [input], ([i]) => {
    const asked = Plan.plan({ ...i, person: true })
    expect(asked).toEqual(Plan.plan({ ...i, person: false, state: { ...i.state, nextAttemptAt: null } }))
  })

  it.prop("a batch is never larger than tokens, burst or batch size, and never empty", [input], ([i]) => {
    const plan = Plan.plan(i)
    if (plan._tag !== "Submit") return
    expect(plan.limit).toBeLessThanOrEqual(Math.min(i.tokens, i.burst, i.batchSize))
    expect(plan.limit).toBeGreaterThanOrEqual(1)
    expect(plan.kept).toBe(Math.min(i.burst, i.batchSize))
  })

  it.prop("waiting is always for a time ahead that is not too far away", [input], ([i]) => {
    const plan = Plan.plan(i)
    if (plan._tag !== "Wait") return
    expect(plan.until).toBeGreaterThan(i.now)
    const tokens = Math.min(i.burst, i.batchSize) * i.refillMillis + i.refillMillis * 6 + 1
    const far = Math.max(hour, Policy.maxRetryAfterMillis, (i.due ?? i.now) - i.now, tokens)
    expect(plan.until - i.now).toBeLessThanOrEqual(far)
  })

  it.prop("whoever waits as told gets to send: at most a few waits, never a spin", [input], ([start]) => {
    let i = { ...start, due: start.due ?? now, state: Plan.settleClock(start.state, now, hour) }
    for (let waits = 0; waits < 8; waits++) {
      const plan = Plan.plan(i)
      if (plan._tag === "Submit") return
      expect(plan._tag).toBe("Wait")
      if (plan._tag !== "Wait") return
      const tokens = Math.min(i.burst, Math.max(i.tokens, 0) + (plan.until - i.now) / i.refillMillis + 1e-6)
      i = { ...i, now: plan.until, tokens }
    }
    expect.fail("still waiting")
  })
})
