/**
 * Plain columns for people.
 *
 * @since 0.1.0
 */
import { clean } from "./text.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Style {
  /** Use bold and dim. */
  readonly color: boolean
  /** Cut the last column so that a row fits; null: never. */
  readonly columns: number | null
}

const bold = (text: string, style: Style): string => style.color ? `\u001b[1m${text}\u001b[0m` : text

const cut = (text: string, width: number): string => {
  const points = [...text]
  return points.length <= width ? text : points.slice(0, Math.max(width - 1, 1)).join("") + "…"
}

const width = (text: string): number => [...text].length

/**
 * A header and rows, numbers to the right. Cells are cleaned: whatever was stored may be handed in.
 *
 * @since 0.1.0
 * @category formatting
 */
export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string | number>>,
  style: Style
): string => {
  const cells = rows.map((row) => row.map((cell) => clean(String(cell))))
  const widths = header.map((name, i) => Math.max(width(name), ...cells.map((row) => width(row[i] ?? ""))))
  const isNumber = header.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === "number"))
  const last = header.length - 1
  if (style.columns !== null) {
    const others = widths.slice(0, last).reduce((sum, w) => sum + w + 2, 0)
    widths[last] = Math.max(Math.min(widths[last]!, style.columns - others), 8)
  }
  const line = (row: ReadonlyArray<string>): string =>
    row.map((cell, i) => {
      const text = i === last ? cut(cell, widths[i]!) : cell
      const space = " ".repeat(Math.max(widths[i]! - width(text), 0))
      return isNumber[i] ? space + text : i === last ? text : text + space
    }).join("  ").trimEnd()
  return [bold(line(header), style), ...cells.map(line)].join("\n")
}

/**
 * Names and values, one pair a line.
 *
 * @since 0.1.0
 * @category formatting
 */
export const pairs = (entries: ReadonlyArray<readonly [name: string, value: string]>, style: Style): string => {
  const widest = Math.max(0, ...entries.map(([name]) => width(name)))
  return entries
    .map(([name, value]) => `${bold(name + " ".repeat(widest - width(name)), style)}  ${clean(value)}`.trimEnd())
    .join("\n")
}
