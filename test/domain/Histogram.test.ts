import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Histogram from "../../src/domain/Histogram.js"

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
const values = fc.array(finite, { minLength: 1, maxLength: 200 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const histogram = fc.array(finite, { maxLength: 100 }).map(Histogram.fromValues)

const same = (a: Histogram.Histogram, b: Histogram.Histogram): void => {
  expect(Histogram.toPairs(a)).toEqual(Histogram.toPairs(b))
  expect(a.total).toBe(b.total)
}

describe("Histogram", () => {
  it.prop("any quantile is within 1 % of the value of that rank", [values, share], ([all, q]) => {
    const sorted = [...all].sort((a, b) => a - b)
    const exact = sorted[Math.max(Math.ceil(q * sorted.length) - 1, 0)]!
    const estimate = Histogram.quantile(Histogram.fromValues(all), q)!
    expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(Math.max(Math.abs(exact) * 0.01, Histogram.smallest))
  })

  it.prop("merging is associative and commutative, with the empty one as its unit", [histogram, histogram, histogram], (
    [a, b, c]
  ) => {
    same(Histogram.merge(Histogram.merge(a, b), c), Histogram.merge(a, Histogram.merge(b, c)))
    same(Histogram.merge(a, b), Histogram.merge(b, a))
    same(Histogram.merge(a, Histogram.empty), a)
  })

  it.prop("adding one by one, counting at once and merging parts are the same", [values, fc.nat(200)], ([all, cut]) => {
    const once = Histogram.fromValues(all)
    same(all.reduce((self, value) => Histogram.add(self, value), Histogram.empty), once)
    same(Histogram.merge(Histogram.fromValues(all.slice(0, cut)), Histogram.fromValues(all.slice(cut))), once)
    same(Histogram.fromPairs(Histogram.toPairs(once)), once)
  })

  it.prop("buckets order as values do", [finite, finite], ([a, b]) => {
    const [low, high] = a <= b ? [a, b] : [b, a]
    expect(Histogram.bucketOf(low)).toBeLessThanOrEqual(Histogram.bucketOf(high))
  })

  it("the value of a bucket falls into it, over the whole range", () => {
    for (const value of [Histogram.smallest, 1e-3, 1, 2, 1000, 1e12, Number.MAX_VALUE]) {
      for (const signed of [value, -value]) {
        const bucket = Histogram.bucketOf(signed)
        expect(Number.isSafeInteger(bucket)).toBe(true)
        expect(Histogram.bucketOf(Histogram.valueOf(bucket))).toBe(bucket)
      }
    }
  })

  it("bucket numbers are part of what is stored: they never change", () => {
    expect([0, 1e-12, 1e-9, 1, 100, -100].map(Histogram.bucketOf)).toEqual([0, 0, 1, 1047, 1280, -1280])
  })

  it("zero and what is next to it count as zero", () => {
    const zeros = Histogram.fromValues([0, -0, 1e-10, -1e-10])
    expect(Histogram.toPairs(zeros)).toEqual([[0, 4]])
    expect(Histogram.quantile(zeros, 0.5)).toBe(0)
  })

  it("has no quantile without values, and leaves out what is not finite", () => {
    expect(Histogram.quantile(Histogram.empty, 0.5)).toBeNull()
    expect(Histogram.fromValues([NaN, Infinity, -Infinity]).total).toBe(0)
    expect(Histogram.count(Histogram.add(Histogram.empty, NaN))).toBe(0)
    expect(Histogram.fromPairs([[3, 0], [4, -1], [5, NaN]]).total).toBe(0)
  })
})
