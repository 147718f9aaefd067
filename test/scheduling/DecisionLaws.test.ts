import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as fc from "effect/FastCheck"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Decision from "../../src/scheduling/Decision.js"

const message = fc.constant("why")
const wait = fc.option(fc.integer({ min: 0, max: 1e6 }).map(Duration.millis))
const ids = ["e1", "e2", "e3", "e4", "e5", "foreign"]

const outcome: fc.Arbitrary<Outcome.Outcome> = fc.oneof(
  fc.record({ accepted: fc.nat(9), rejected: fc.nat(9), message }).map(Outcome.Settled),
  fc.record({ duplicates: fc.nat(9) }).map(Outcome.Accepted),
  fc.record({
    accepted: fc.nat(9),
    rejected: fc.nat(9),
    rejections: fc.array(
      fc.record({ id: fc.constantFrom(...ids), reason: message, retryable: fc.boolean() }),
      { maxLength: 6 }
    ),
    duplicates: fc.nat(9)
  }).map(Outcome.PartlyAccepted),
  fc.record({
    reason: fc.constantFrom<Outcome.UnreachableReason>("offline", "dns", "refused", "reset", "timeout", "garbled"),
    ambiguous: fc.boolean(),
    message
  }).map(Outcome.Unreachable),
  fc.record({ status: fc.constantFrom(408, 429, 502, 503, 504), retryAfter: wait, message }).map(Outcome.Unavailable),
  fc.record({ status: fc.constant(500), retryAfter: wait, message }).map(Outcome.Faulted),
  fc.record({ status: fc.constantFrom(400, 413, 422), message }).map(Outcome.ContentRefused),
  fc.record({
    status: fc.constantFrom(null, 401, 302),
    reason: fc.constantFrom("status" as const, "redirect" as const),
    message
  }).map(Outcome.Misconfigured)
)

const context: fc.Arbitrary<Decision.Context> = fc.record({
  events: fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }).map((attempts) =>
    attempts.map((n, i) => ({ seq: 10 + i, id: `e${i + 1}`, attempts: n }))
  ),
  faults: fc.nat(3),
  healthy: fc.boolean(),
  maxRetries: fc.nat(6)
})

/** Two requests that share the events between them. */
const halved = fc.tuple(outcome, outcome, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }))

describe("Decision, whatever the outcome", () => {
  it.prop("every event of the batch has exactly one fate, and no other event has any", [outcome, context], ([o, c]) => {
    const { fates } = Decision.decide(o, c)
    expect([...fates.keys()].sort((a, b) => a - b)).toEqual(c.events.map((event) => event.seq))
  })

  it.prop("only released events are grouped, none of them twice, in order", [outcome, context], ([o, c]) => {
    const { fates, groups } = Decision.decide(o, c)
    const grouped = groups.flatMap((group) => group.seqs)
    expect(new Set(grouped).size).toBe(grouped.length)
    expect(grouped).toEqual([...grouped].sort((a, b) => a - b))
    for (const seq of grouped) expect(fates.get(seq)?._tag).toBe("Release")
    for (const group of groups) expect(group.seqs.length).toBeGreaterThan(0)
  })

  it.prop("a key is kept only by the whole batch", [outcome, context], ([o, c]) => {
    for (const group of Decision.decide(o, c).groups) {
      if (group.keepsKey) expect(group.seqs).toEqual(c.events.map((event) => event.seq))
    }
  })

  it.prop(
    "while the destination is away, every event is released and nothing is charged",
    [outcome, context],
    ([o, c]) => {
      const { destination, fates } = Decision.decide(o, c)
      const refusedFault = o._tag === "Faulted" && c.healthy && Decision.isRepeated(c)
      if ((destination._tag === "BackOff" || destination._tag === "Pause") && !refusedFault) {
        for (const fate of fates.values()) expect(fate._tag).toBe("Release")
      }
    }
  )

  it.prop("what may have been stored is never split or dissolved by an ambiguous answer", [context], ([c]) => {
    const { groups } = Decision.decide(
      Outcome.Unreachable({ reason: "timeout", ambiguous: true, message: "" }),
      c
    )
    expect(groups.map(({ keepsKey, seqs }) => ({ keepsKey, seqs }))).toEqual([
      { keepsKey: true, seqs: c.events.map((event) => event.seq) }
    ])
  })

  it.prop("no event is charged beyond the limit", [outcome, context], ([o, c]) => {
    const { fates } = Decision.decide(o, c)
    for (const event of c.events) {
      const fate = fates.get(event.seq)
      if (fate?._tag === "Retry") {
        expect(fate.attempt).toBe(event.attempts)
        expect(fate.attempt).toBeLessThan(c.maxRetries)
      }
    }
  })

  it.prop(
    "of several requests, each decides over its own events and no other",
    [halved, context],
    ([[a, b, of], c]) => {
      const parts = [a, b].map((outcome, i) => ({
        ids: c.events.filter((_, n) => of[n] === (i === 0)).map((event) => event.id),
        outcome
      }))
      const { fates, groups } = Decision.decide(Outcome.Divided({ parts }), c)
      expect(fates.size).toBe(c.events.length)
      for (const { ids, outcome } of parts) {
        const events = c.events.filter((event) => ids.includes(event.id))
        if (events.length === 0) continue
        for (const [seq, fate] of Decision.decide(outcome, { ...c, events }).fates) expect(fates.get(seq)).toEqual(fate)
      }
      for (const seq of groups.flatMap((group) => group.seqs)) expect(fates.get(seq)?._tag).toBe("Release")
      for (const group of groups) expect(group.keepsKey).toBe(false)
    }
  )

  it.prop("halving ends: a batch that is not away gets smaller or loses its events", [outcome, context], ([o, c]) => {
    const { destination, groups } = Decision.decide(o, c)
    if (destination._tag === "Healthy" || destination._tag === "Answered") {
      for (const group of groups) expect(group.seqs.length).toBeLessThan(c.events.length)
    }
  })
})
