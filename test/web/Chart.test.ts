import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Histogram from "../../src/domain/Histogram.js"
import * as Chart from "../../src/web/Chart.js"
import * as Frame from "../../src/web/chart/Frame.js"
import * as Scale from "../../src/web/Scale.js"
import { hostile, shape } from "./hostile.js"

const value = fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constant(0), fc.integer({ min: 0, max: 50 }))

const options = (values: ReadonlyArray<number | null>, name = "events"): Chart.Options => ({
  id: "c",
  title: "Events by day",
  description: "How many",
  axis: "Day",
  labels: values.map((_, i) => `day ${i}`),
  series: [{ name, values }, { name: "errors", values: values.map(() => 1) }]
})

const numbersOf = (markup: string, name: string): ReadonlyArray<number> =>
  [...markup.matchAll(new RegExp(` ${name}="(-?[\\d.e+-]+)%?"`, "g"))].map(([, n]) => Number(n))

describe("bars", () => {
  it.prop(
    "stay within the frame, whatever the values",
    [fc.array(value, { minLength: 1, maxLength: 40 })],
    ([values]) => {
      const { markup } = Chart.bars(options(values))
      const rects = markup.match(/<rect class="series s\d" x[^>]*>/g) ?? []
      expect(rects.length).toBe(values.length + values.filter((value) => value > 0).length)
      for (const rect of rects) {
        const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => numbersOf(rect, name)[0]!)
        expect(x! >= 0 && x! + width! <= 100.0001 && y! >= 0 && height! >= 1.9 && y! + height! < Frame.height).toBe(
          true
        )
      }
    }
  )

  it("say the same in words and as a table", () => {
    const { markup } = Chart.bars(options([3, 0, 1234]))
    expect(markup).toMatch(/<svg[^>]*role="img" aria-labelledby="c-title c-text"/)
    expect(markup).toContain("<title id=\"c-title\">Events by day</title><desc id=\"c-text\">How many</desc>")
    expect(markup).toMatch(/<details[^>]*><summary>[\s\S]*day 2[\s\S]*1,234[\s\S]*<\/details>/)
  })

  it("say so when there is nothing", () => {
    const empty = { ...options([]), series: [{ name: "events", values: [] }] }
    expect(Chart.bars(empty).markup).toContain("Nothing to show yet.")
    expect(Chart.bars(empty).markup).not.toContain("<svg")
  })

  it.prop("hold no style, no script and no foreign tag, whatever the names", [hostile], ([text]) => {
    const { markup } = Chart.bars({ ...options([1, 2], text), title: text, description: text, labels: [text, text] })
    for (const tag of shape(markup)) {
      expect(tag).toMatch(
        /^<\/?(figure|figcaption|ul|li|svg|title|desc|g|line|text|rect|details|summary|p|div|table|caption|thead|tbody|tr|th|td)\b/
      )
      expect(tag).not.toMatch(/ (style|on\w+)=/)
    }
  }, { fastCheck: { numRuns: 30 } })
})

describe("lines", () => {
  it("are interrupted where nothing is known", () => {
    expect(Chart.lines(options([1, null, 2, 3])).markup).toMatch(/ d="M[\d. ]+M[\d. ]+L[\d. ]+"/)
  })

  it("become small ones that say in words what they show", () => {
    const { markup } = Chart.sparkline("7 in 3 days", [1, 2, 4])
    expect(markup).toContain("role=\"img\" aria-label=\"7 in 3 days\"")
    expect(markup).toContain("d=\"M2 17L48 12L94 2\"")
  })

  it("of a single value or of none are drawn as well", () => {
    expect(Chart.sparkline("one", [5]).markup).toContain("d=\"M2 2\"")
    expect(Chart.sparkline("none", []).markup).toContain("d=\"\"")
  })
})

describe("what a pointer is told", () => {
  const known = { ...options([1, null, 1234]), markers: [{ at: 2, name: "2.0.0" }] }

  it.each([["bars", Chart.bars], ["lines", Chart.lines]])(
    "of %s, is all there is of a label, anywhere above it",
    (_, chart) => {
      const { markup } = chart(known)
      const slots = [...markup.matchAll(/<rect class="slot"[^>]*><title>([^<]*)</g)].map(([, text]) => text)
      expect(slots).toEqual([
        "day 0\nevents: 1\nerrors: 1",
        "day 1\nerrors: 1",
        "day 2\nevents: 1,234\nerrors: 1\n2.0.0"
      ])
      const places = numbersOf(markup.match(/<rect class="slot"[^]*/)?.[0] ?? "", "x").slice(0, 3)
      expect(places).toEqual([0, 33.333, 66.667])
    }
  )

  it("is there of more points than have room for dots", () => {
    const { markup } = Chart.lines(options(Array.from({ length: 90 }, (_, i) => i)))
    expect(markup).not.toContain("<circle")
    expect(markup.match(/class="slot"/g)).toHaveLength(90)
  })

  it("is in the unit of the figures, as is the axis", () => {
    const { markup } = Chart.lines({ ...known, figure: (n) => `${n} ms` })
    expect(markup).toContain("events: 1234 ms")
    expect(markup).toMatch(/text-anchor="end">500 ms</)
    expect(markup).toMatch(/<td[^>]*><div>1234 ms</)
  })
})

describe("what is not over", () => {
  it("is drawn as what still grows", () => {
    const series = [{ name: "now", values: [1, 2, 3] }, { name: "before", values: [3, 2, 1], before: true }]
    const lines = Chart.lines({ ...options([1, 2, 3]), series, open: true }).markup
    expect(lines.match(/<path class="line series s0"[^>]*d="M[^ML]*L[^ML]*"/g)).toHaveLength(1)
    expect(lines.match(/<path class="line series s0 open"[^>]*d="M[^ML]*L[^ML]*"/g)).toHaveLength(1)
    expect(lines.match(/<path class="line series before"[^>]*d="M[^ML]*L[^ML]*L[^ML]*"/g)).toHaveLength(1)
    const bars = Chart.bars({ ...options([1, 2, 3]), open: true }).markup
    expect(bars.match(/<rect class="series s\d open"/g)).toHaveLength(2)
    expect(Chart.bars(options([1, 2, 3])).markup).not.toContain(" open")
    expect(Chart.heat(1, 4, true).markup).toBe(
      "<span class=\"heat h2 open\">25 %<span class=\"unseen\"> so far</span></span>"
    )
    expect(Chart.heat(1, 4).markup).toBe("<span class=\"heat h2\">25 %</span>")
  })
})

describe("a share", () => {
  it("is never more than the whole", () => {
    expect(numbersOf(Chart.share(5, 2).markup, "width")).toEqual([100, 100, 100])
    expect(numbersOf(Chart.share(1, 0).markup, "width")).toEqual([100, 100, 0])
  })
})

describe("bins", () => {
  it.prop(
    "lose no value",
    [fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { maxLength: 50 })],
    ([values]) => {
      const bins = Chart.bins(Histogram.fromValues(values), 12)
      expect(bins.length).toBeLessThanOrEqual(12)
      expect(bins.reduce((n, bin) => n + bin.count, 0)).toBe(values.length)
      for (const bin of bins) expect(bin.from).toBeLessThanOrEqual(bin.to)
    }
  )
})

describe("marks on an axis", () => {
  it.prop(
    "reach from 0 to above every value, evenly",
    [fc.double({ min: 0, max: 1e15, noNaN: true })],
    ([greatest]) => {
      const marks = Scale.ticks(greatest)
      expect(marks[0]).toBe(0)
      expect(marks.at(-1)! >= greatest * (1 - 1e-9)).toBe(true)
      expect(marks.length).toBeLessThanOrEqual(6)
      expect(marks.every(Number.isInteger)).toBe(true)
    }
  )

  it.each([[7, [0, 2, 4, 6, 8]], [100, [0, 25, 50, 75, 100]], [0, [0, 1]], [NaN, [0, 1]]])(
    "of %d are %j",
    (n, marks) => {
      expect(Scale.ticks(n)).toEqual(marks)
    }
  )

  it.each([[950, "950"], [1_234, "1.23k"], [3_400_000, "3.4M"], [0.25, "0.25"]])("%d is short as %s", (n, text) => {
    expect(Scale.short(n)).toBe(text)
  })

  it("are labelled evenly, and not too often", () => {
    expect(Scale.every(30, 6)).toEqual([0, 5, 10, 15, 20, 25])
    expect(Scale.every(3, 6)).toEqual([0, 1, 2])
    expect(Scale.every(0, 6)).toEqual([])
  })
})

describe("names of markers", () => {
  it.prop("are not printed over each other", [fc.array(fc.nat(51), { maxLength: 30 })], ([places]) => {
    const values = Array.from({ length: 52 }, () => 1)
    const markers = [...new Set(places)].sort((a, b) => a - b).map((at) => ({ at, name: "1.10.0" }))
    const { markup } = Chart.lines({ ...options(values), markers })
    const names = [...markup.matchAll(/<g class="marker">.*?<text x="([\d.]+)%" [^>]*text-anchor="?(start|end)/g)]
    if (markers.length > 0) expect(names.length).toBeGreaterThan(0)
    const ranges = names.map(([, x, anchor]) =>
      anchor === "start" ? [Number(x), Number(x) + 14] : [Number(x) - 14, Number(x)]
    )
    for (const [i, [from]] of ranges.entries()) {
      expect(from! >= (ranges[i - 1]?.[1] ?? 0) - 1e-9 && ranges[i]![1]! <= 100).toBe(true)
    }
  })

  it("are those of the newest where there is not room for all", () => {
    const namesOf = (markers: ReadonlyArray<Frame.Marker>) => {
      const { markup } = Chart.lines({ ...options(Array.from({ length: 30 }, () => 1)), markers })
      return [...markup.matchAll(/text-anchor="?(start|end)"? class="[^"]*">([\d.a-z-]+)</g)].map((
        [, side, name]
      ) => [name, side])
    }
    const beta = { at: 24, name: "2.4.0-beta.1" }
    expect(namesOf([beta, { at: 26, name: "2.4.0" }])).toEqual([["2.4.0", "end"]])
    expect(namesOf([{ ...beta, at: 18 }, { at: 23, name: "2.4.0" }])).toEqual([["2.4.0-beta.1", "end"], [
      "2.4.0",
      "start"
    ]])
  })
})
