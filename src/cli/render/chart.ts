/**
 * Bars for people.
 *
 * @since 0.1.0
 */
import * as Histogram from "../../domain/Histogram.js"
import type { Style } from "./table.js"
import { clean } from "./text.js"

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

const bar = (share: number, width: number): string => {
  const whole = Math.floor(share * width)
  return "█".repeat(whole) + eighths[Math.floor((share * width - whole) * 8)]!
}

/**
 * One bar a row, scaled to the largest value. A value above 0 is never without a mark.
 *
 * @since 0.1.0
 * @category formatting
 */
export const chart = (rows: ReadonlyArray<readonly [label: string, value: number]>, style: Style): string => {
  const labels = rows.map(([label]) => clean(label))
  const label = Math.max(0, ...labels.map((text) => [...text].length))
  const most = Math.max(1, ...rows.map(([, value]) => value))
  const digits = String(most).length
  const room = Math.max((style.columns ?? 80) - label - digits - 4, 10)
  return rows.map(([, value], i) => {
    const text = labels[i]!
    const drawn = value <= 0 ? "" : bar(value / most, room) || "▏"
    return `${text}${" ".repeat(label - [...text].length)}  ${String(value).padStart(digits)}  ${
      style.color ? `\u001b[36m${drawn}\u001b[0m` : drawn
    }`.trimEnd()
  }).join("\n")
}

const short = (value: number): string => String(Number(value.toPrecision(2)))

/** Bins of a histogram at most. */
const bins = 12

/**
 * How values are spread: a bar for each bin, the bins as wide as each other on a logarithmic scale. Empty without values.
 *
 * @since 0.1.0
 * @category formatting
 */
export const histogram = (self: Histogram.Histogram, style: Style): string => {
  const pairs = Histogram.toPairs(self)
  const first = pairs[0]?.[0]
  const last = pairs.at(-1)?.[0]
  if (first === undefined || last === undefined) return ""
  const width = Math.max(Math.ceil((last - first + 1) / bins), 1)
  const counts = Array.from({ length: Math.ceil((last - first + 1) / width) }, () => 0)
  for (const [bucket, count] of pairs) {
    const bin = Math.floor((bucket - first) / width)
    counts[bin] = (counts[bin] ?? 0) + count
  }
  return chart(
    counts.map((count, i) => {
      const from = Histogram.valueOf(first + i * width)
      const to = Histogram.valueOf(Math.min(first + (i + 1) * width - 1, last))
      return [from === to ? short(from) : `${short(from)} to ${short(to)}`, Math.round(count)]
    }),
    style
  )
}
