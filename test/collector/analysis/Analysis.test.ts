import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Anomaly from "../../../src/collector/analysis/Anomaly.js"
import * as Change from "../../../src/collector/analysis/Change.js"
import * as Note from "../../../src/collector/analysis/Note.js"
import type { Point } from "../../../src/collector/analysis/Series.js"
import * as Trend from "../../../src/collector/analysis/Trend.js"
import * as Period from "../../../src/collector/Period.js"
import { begin, eventful, generate, type Labelled, quiet } from "./series.js"

const rangeOf = ({ interval, judged, points, running }: Labelled) => {
  const last = points.at(-1)?.bucket ?? 0
  return {
    interval,
    from: points.at(-judged)?.bucket ?? 0,
    until: running ? last + Period.hourMillis : Period.endOf(interval, last)
  }
}

const notesOf = (one: Labelled) =>
  Note.ofSeries({ subject: "errors", kind: one.kind, bad: "up", points: one.points }, rangeOf(one))

const anomaliesOf = (one: Labelled) =>
  notesOf(one).filter(({ kind }) => kind === "anomaly").map(({ bucket }) =>
    one.points.length - one.points.findIndex((point) => point.bucket === bucket)
  )

const trendOf = (one: Labelled) => {
  const { from, interval, until } = rangeOf(one)
  const trend = Trend.find(one.points.filter(({ bucket }) => bucket >= from), interval, until)
  return trend === null ? null : trend.slope > 0 ? "up" : "down"
}

const series = FastCheck.array(FastCheck.nat(10_000), { minLength: 50, maxLength: 80 })

const daily = (values: ReadonlyArray<number>): ReadonlyArray<Point> =>
  values.map((value, i) => ({ bucket: begin + i * Period.dayMillis, value }))

const find = (points: ReadonlyArray<Point>, kind: Anomaly.Kind) =>
  Anomaly.find(points, { interval: "day", kind, until: Infinity })

const buckets = (found: ReadonlyArray<Anomaly.Anomaly>) => found.map(({ bucket }) => bucket)

describe("series with nothing to see", () => {
  it("are ten", () => expect(quiet.length).toBe(10))
  for (const one of quiet) {
    it(`${one.name}: no anomaly`, () => {
      expect(anomaliesOf(one)).toEqual([])
      expect(trendOf(one)).toBe(one.trend)
    })
  }
})

describe("series with something to find", () => {
  it("are ten", () => expect(eventful.length).toBe(10))
  for (const one of eventful) {
    it(`${one.name}: found`, () => {
      if (one.trend !== null) expect(trendOf(one)).toBe(one.trend)
      for (const anomaly of one.anomalies) expect(anomaliesOf(one)).toContain(anomaly)
    })
  }
})

describe("a thousand quiet series of 28 days", () => {
  const all = Array.from({ length: 1000 }, (_, seed) =>
    generate(1000 + seed, {
      level: [0.5, 5, 50, 500, 5000][seed % 5] ?? 1,
      growth: [0, 0.02, -0.02][seed % 3] ?? 0,
      noise: [0, 0.05, 0.15][seed % 3] ?? 0,
      kind: seed % 4 === 0 ? "measure" : "count"
    }))
  it("raise an alarm in fewer than 1 % of them", () => {
    const alarmed = all.filter((points, seed) =>
      Anomaly.find(points, {
        interval: "day",
        kind: seed % 4 === 0 ? "measure" : "count",
        from: points.at(-28)?.bucket ?? 0,
        until: Infinity
      }).length > 0
    )
    expect(alarmed.length).toBeLessThan(10)
  })
  it("show a trend in fewer than 1 % of those that do not grow", () => {
    const still = all.filter((_, seed) => seed % 3 === 0)
    expect(still.filter((points) => Trend.find(points.slice(-28), "day", Infinity) !== null).length).toBeLessThan(4)
  })
})

describe("an anomaly", () => {
  it("of a measure does not depend on its unit", () => {
    FastCheck.assert(FastCheck.property(series, FastCheck.constantFrom(2, 4, 0.5, 1024), (values, factor) => {
      // Powers of two: multiplying by them loses nothing.
      expect(buckets(find(daily(values.map((value) => value * factor)), "measure")))
        .toEqual(buckets(find(daily(values), "measure")))
    }))
  })

  it("does not depend on the week it is in", () => {
    FastCheck.assert(FastCheck.property(series, FastCheck.integer({ min: -50, max: 50 }), (values, weeks) => {
      const moved = daily(values).map((one) => ({ ...one, bucket: one.bucket + weeks * Period.weekMillis }))
      expect(buckets(find(moved, "count")).map((bucket) => bucket - weeks * Period.weekMillis))
        .toEqual(buckets(find(daily(values), "count")))
    }))
  })

  it("is never found where all values are the same, and none of its figures is NaN", () => {
    FastCheck.assert(FastCheck.property(FastCheck.nat(1e9), series, (value, values) => {
      expect(find(daily(values.map(() => value)), "count")).toEqual([])
      expect(find(daily(values.map(() => value)), "measure")).toEqual([])
      for (const found of find(daily(values), "count")) {
        expect(Object.values(found).every(Number.isFinite)).toBe(true)
      }
    }))
  })

  it("states its threshold and what is usual", () => {
    const found = find(daily([...Array.from({ length: 63 }, () => 40), 412]), "count")
    expect(found.map((one) => Anomaly.sentence(one, "day", "errors"))).toEqual([
      "412 errors on 2026-08-03; usual for a Monday: 7.98–72 (threshold: 5 spreads of 6.4)"
    ])
  })
})

describe("a trend", () => {
  it("of slow growth shows in ten weeks, a week of hours shows none", () => {
    const growing = quiet.find(({ name }) => name.startsWith("growth"))?.points ?? []
    expect(Trend.find(growing, "day", Infinity)?.slope).toBeGreaterThan(0)
    const hours = quiet.find(({ interval }) => interval === "hour")?.points ?? []
    expect(Trend.find(hours.slice(-168), "hour", Infinity)).toBeNull()
  })

  it("is told from the level it began at, and no fall is deeper than that", () => {
    const from = (first: number, last: number) =>
      Trend.find(daily(Array.from({ length: 29 }, (_, i) => first + (last - first) * i / 28)), "day", Infinity)
        ?.relative
    expect(from(100, 150)).toBeCloseTo(0.5, 5)
    expect(from(200, 50)).toBeCloseTo(-0.75, 5)
    expect(from(100, 0)).toBeCloseTo(-1, 5)
    expect(from(10, 1_000)).toBeCloseTo(99, 5)
    const emptied = daily([
      ...Array.from({ length: 20 }, (_, i) => 400 - 20 * i),
      ...Array.from({ length: 20 }, () => 1)
    ])
    expect(Trend.find(emptied, "day", Infinity)?.relative).toBeGreaterThanOrEqual(-1)
  })

  it("is none where all values are the same, and turns with the sign of the values' changes", () => {
    FastCheck.assert(FastCheck.property(series, (values) => {
      expect(Trend.find(daily(values.map(() => 7)), "day", Infinity)).toBeNull()
      const there = Trend.find(daily(values), "day", Infinity)
      const back = Trend.find(daily(values.map((value) => -value)), "day", Infinity)
      expect(back?.slope ?? null).toBe(there === null ? null : -there.slope)
    }))
  })
})

describe("a change", () => {
  it("says how much, and nothing of what is not known", () => {
    expect(Change.make(120, 80).text).toBe("+50 % (120, before 80)")
    expect(Change.make(40, 80).text).toBe("-50 % (40, before 80)")
    expect(Change.make(5, 0)).toMatchObject({ relative: null, absolute: 5, text: "+5 (5, before 0)" })
    expect(Change.make(7, 7).text).toBe("no change (7)")
    expect(Change.make(null, 7).direction).toBe("unknown")
    expect(Change.make(7, null).text).toBe("7, nothing known of the period before")
  })
})
