import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { PCGRandom } from "effect/Utils"
import * as Sampling from "../../src/collection/Sampling.js"
import * as SamplingPolicy from "../../src/domain/SamplingPolicy.js"

const sources = (random: () => number = () => 0.5, monotonic: () => number = () => 0): Sampling.Sources => ({
  random,
  monotonic
})

describe("always and never", () => {
  it("need no decision, or take the same one", () => {
    assert.isNull(Sampling.make(SamplingPolicy.always, sources()))
    assert.isNull(Sampling.make(SamplingPolicy.probabilistic(1), sources()))
    assert.strictEqual(Sampling.make(SamplingPolicy.never, sources())!.unsafeNext(), -1)
  })

  it("a rate that is none records nothing", () => {
    for (const rate of [0, -1, Number.NaN]) {
      assert.strictEqual(Sampling.make(SamplingPolicy.probabilistic(rate), sources(() => 0))!.unsafeNext(), -1)
    }
  })
})

describe("probabilistic", () => {
  it("records what falls below the rate, and carries it", () => {
    const values = [0.1, 0.25, 0.2, 0.9]
    let at = 0
    const sampler = Sampling.make(SamplingPolicy.probabilistic(0.25), sources(() => values[at++]!))!
    assert.deepStrictEqual(values.map(() => sampler.unsafeNext()), [0, -1, 0, -1])
    assert.strictEqual(sampler.rate, 0.25)
  })

  it("scales back to the true count", () => {
    const generator = new PCGRandom(42)
    const sampler = Sampling.make(SamplingPolicy.probabilistic(0.1), sources(() => generator.number()))!
    let recorded = 0
    for (let i = 0; i < 20_000; i++) if (sampler.unsafeNext() === 0) recorded++
    assert.approximately(recorded / sampler.rate, 20_000, 1_000)
  })
})

describe("throttled", () => {
  it("records so many in an interval, and the next one stands for those left out", () => {
    let now = 100
    const sampler = Sampling.make(SamplingPolicy.throttled(2, "1 second"), sources(undefined, () => now))!
    const next = () => sampler.unsafeNext()
    assert.deepStrictEqual([next(), next(), next(), next(), next()], [0, 0, -1, -1, -1])
    now = 1099
    assert.strictEqual(next(), -1)
    now = 1100
    assert.deepStrictEqual([next(), next(), next()], [4, 0, -1])
    assert.strictEqual(sampler.rate, 1)
  })

  it("gives back what an event that was refused had taken", () => {
    const sampler = Sampling.make(SamplingPolicy.throttled(1, "1 second"), sources())!
    assert.strictEqual(sampler.unsafeNext(), 0)
    sampler.unsafeUndo()
    assert.strictEqual(sampler.unsafeNext(), 0)
    assert.strictEqual(sampler.unsafeNext(), -1)
  })

  it("of nothing is never", () => {
    const sampler = Sampling.make(SamplingPolicy.throttled(0, "1 second"), sources())!
    assert.strictEqual(sampler.unsafeNext(), -1)
  })

  it.prop("never exceeds its maximum, and accounts for every event", [
    FastCheck.integer({ min: 1, max: 5 }),
    FastCheck.array(FastCheck.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 60 })
  ], ([max, gaps]) => {
    let state = Sampling.idle
    let now = 0
    let accounted = 0
    const recordedAt: Array<number> = []
    for (const gap of gaps) {
      now += gap
      const before = state
      const decided = Sampling.throttle(state, max, 1000, now)
      state = decided.state
      if (decided.record) {
        recordedAt.push(now)
        accounted += 1 + before.suppressed
      }
    }
    assert.strictEqual(accounted + state.suppressed, gaps.length)
    let since: number | null = null
    let inInterval = 0
    for (const at of recordedAt) {
      if (since === null || at - since >= 1000) {
        since = at
        inInterval = 0
      }
      assert.isAtMost(++inInterval, max)
    }
  })
})
