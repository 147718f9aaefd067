import { describe, expect, it } from "@effect/vitest"
import * as Comparison from "../../src/insight/Comparison.js"
import * as LocalStats from "../../src/LocalStats.js"

const hour = 3_600_000
const day = 24 * hour
const row = (eventType: string, count: number, errors = 0, bucket = "b") => ({ bucket, eventType, count, errors })

describe("the buckets of a time", () => {
  it("are all that it reaches into, by the calendar", () => {
    const [from, to] = [Date.UTC(2026, 10, 1, 5), Date.UTC(2026, 11, 1)]
    expect(LocalStats.buckets(from, to, "month")).toEqual(["2026-11-01T00:00:00Z"])
    expect(LocalStats.buckets(from, to, "week").slice(0, 2)).toEqual(["2026-10-26T00:00:00Z", "2026-11-02T00:00:00Z"])
    expect(LocalStats.buckets(from, to, "day")).toHaveLength(30)
    expect(LocalStats.buckets(from, to, "hour")).toHaveLength(30 * 24 - 5)
  })
})

describe("comparison with the previous period", () => {
  it("takes whole hours of the same length, up to the end of the running one", () => {
    expect(Comparison.periods({ by: "day" }, 10 * day + 1)).toEqual({
      current: { from: 3 * day + hour, to: 10 * day + hour },
      previous: { from: -4 * day + hour, to: 3 * day + hour }
    })
    expect(Comparison.periods({ by: "day", from: 5 * day, to: 7 * day }, 0)).toEqual({
      current: { from: 5 * day, to: 7 * day },
      previous: { from: 3 * day, to: 5 * day }
    })
  })

  it("adds the buckets up and says what has changed, with what was there before only", () => {
    const current = [row("a", 2, 1, "1"), row("a", 4, 0, "3"), row("b", 1, 0, "2")]
    const previous = [row("a", 3, 2), row("c", 5)]
    expect(Comparison.compare(current, previous, ["1", "2", "3"])).toEqual([
      { eventType: "a", count: 6, errors: 1, previousCount: 3, previousErrors: 2, change: 1, trend: [2, 0, 4] },
      { eventType: "b", count: 1, errors: 0, previousCount: 0, previousErrors: 0, change: null, trend: [0, 1, 0] },
      { eventType: "c", count: 0, errors: 0, previousCount: 5, previousErrors: 0, change: -1, trend: [0, 0, 0] }
    ])
  })
})
