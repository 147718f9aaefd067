/**
 * A row of numbers as a row of marks.
 *
 * @since 0.1.0
 */

/** Not a blank: those at the start would be lost, and every mark would stand at another's place. */
const nothing = "·"

const marks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

/** Sums of neighbours, so that there are at most so many. */
const squeeze = (values: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  const each = Math.ceil(values.length / Math.max(width, 1))
  return Array.from(
    { length: Math.ceil(values.length / each) },
    (_, i) => values.slice(i * each, (i + 1) * each).reduce((a, b) => a + b, 0)
  )
}

/**
 * One mark a value, as high as its share of the largest; neighbours are added up where there are more than `width`. Nothing
 * is a dot, and a value above nothing is never one.
 *
 * @since 0.1.0
 * @category formatting
 */
export const sparkline = (values: ReadonlyArray<number>, width: number): string => {
  if (values.length === 0) return ""
  const fitting = squeeze(values, width)
  const most = Math.max(...fitting)
  return fitting.map((value) =>
    value > 0 ? marks[Math.min(Math.floor((value / most) * marks.length), marks.length - 1)]! : nothing
  ).join("")
}
