import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { chart, histogram } from "../../src/cli/render/chart.js"
import { sparkline } from "../../src/cli/render/spark.js"
import { pairs, table } from "../../src/cli/render/table.js"
import { bytes, clean, json, plural, time } from "../../src/cli/render/text.js"
import * as Histogram from "../../src/domain/Histogram.js"
import * as Csv from "../../src/web/Csv.js"

const plain = { color: false, columns: null }

/** Control, bidirectional and line-separating characters, as ranges of code units. */
const ranges = [[0, 0x1f], [0x7f, 0x9f], [0x2028, 0x202e], [0x2066, 0x2069]] as const

const isSafe = (text: string): boolean =>
  Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
    .every((code) => ranges.every(([from, to]) => code < from || code > to))

describe("a sparkline", () => {
  it("marks the largest highest, nothing with a dot, and anything above it with something", () => {
    expect(sparkline([0, 1, 50, 100], 80)).toBe("·▁▅█")
    expect(sparkline([], 80)).toBe("")
  })

  it("has marks that keep their place, whatever it stands in", () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour === 11 ? 5 : 0)
    const place = (text: string): number => (/[·▁-█]+$/.exec(text)?.[0] ?? "").indexOf("█")
    expect(place(pairs([["Hour 0 to 23", sparkline(hours, 24)]], plain))).toBe(11)
    expect(place(table(["type", "trend"], [["a", sparkline(hours, 24)]], plain))).toBe(11)
  })

  it("adds neighbours up where there is no room for all", () => {
    expect(sparkline([1, 1, 2, 2, 4, 4], 3)).toBe("▃▅█")
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 80 }),
        (values, width) => {
          expect([...sparkline(values, width)].length).toBeLessThanOrEqual(width)
        }
      )
    )
  })
})

describe("what was stored is safe to show", () => {
  it("takes out colours, titles, cursor movements and characters that reorder a line", () => {
    expect(clean("\u001b[31mred\u001b[0m \u001b]0;title\u0007x\u009b2Jy\u202ez\u200b!\r\n\u0000end")).toBe(
      "red x 2Jy z ! end"
    )
    expect(clean("plain ü 日本 🙂")).toBe("plain ü 日本 🙂")
  })

  it("leaves nothing that a terminal acts upon, whatever it is given", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(isSafe(clean(text))).toBe(true)
      const written = json({ text })
      expect(isSafe(written)).toBe(true)
      expect(JSON.parse(written)).toEqual({ text })
    }))
  })

  it("cleans the cells of a table, aligns numbers to the right and cuts the last column only", () => {
    expect(table(["name", "n", "note"], [["a\u001b[1m", 5, "x".repeat(40)], ["bbb", 12, "y"]], {
      color: false,
      columns: 24
    })).toBe(["name   n  note", `a      5  ${"x".repeat(13)}…`, "bbb   12  y"].join("\n"))
  })

  it("uses colours only when told to", () => {
    expect(table(["a"], [["b"]], plain)).not.toContain("\u001b")
    expect(table(["a"], [["b"]], { color: true, columns: null })).toContain("\u001b[1m")
    expect(pairs([["a", "1"], ["long", "2"]], plain)).toBe("a     1\nlong  2")
  })

  it("draws bars in proportion, and a mark for every value above nothing", () => {
    const lines = chart([["a", 1000], ["bb", 500], ["c", 1], ["d", 0]], { color: false, columns: 50 }).split("\n")
    const lengths = lines.map((line) => [...line].filter((c) => c >= "▁" && c <= "▏").length)
    expect(lengths[0]).toBe(2 * lengths[1]!)
    expect(lengths[2]).toBe(1)
    expect(lengths[3]).toBe(0)
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(50)
  })

  it("draws how values are spread: every value in a bin, the bins in order", () => {
    const values = [1, 1, 1, 20, 400, 400]
    const lines = histogram(Histogram.fromValues(values), { color: false, columns: 60 }).split("\n")
    expect(lines.length).toBeLessThanOrEqual(12)
    const counts = lines.map((line) => Number(/ {2}(\d+)/.exec(line)?.[1]))
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(values.length)
    expect([counts[0], counts.at(-1)]).toEqual([3, 2])
    expect(lines[0]).toMatch(/^0\.99 to /)
    expect(lines.at(-1)).toMatch(/^[\d.]+ to 400 /)
    expect(histogram(Histogram.fromValues([7]), { color: false, columns: 60 })).toMatch(/^7 {2}1 {2}█/)
    expect(histogram(Histogram.empty, { color: false, columns: 60 })).toBe("")
  })

  it("says sizes, counts and times for people", () => {
    expect([bytes(0), bytes(1023), bytes(1536), bytes(5 * 1024 ** 3)]).toEqual(["0 B", "1023 B", "1.5 KB", "5.0 GB"])
    expect([plural(1, "event"), plural(2, "event")]).toEqual(["1 event", "2 events"])
    expect([time(0), time(null), time(Infinity)]).toEqual(["1970-01-01 00:00:00Z", "-", "-"])
  })
})

describe("CSV", () => {
  it("quotes after RFC 4180 and disarms what a spreadsheet would calculate", () => {
    expect(Csv.field("a,b")).toBe("\"a,b\"")
    expect(Csv.field("say \"x\"\n")).toBe("\"say \"\"x\"\"\n\"")
    expect(["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx"].map(Csv.field)).toEqual(
      ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "\"'\rx\"", "\"'\nx\""]
    )
    expect(Csv.field("plain")).toBe("plain")
  })
})
