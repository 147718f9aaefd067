/**
 * Bars for people.
 *
 * @since 0.1.0
 */
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
