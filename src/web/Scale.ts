/**
 * From values to places on an axis.
 *
 * @since 0.1.0
 */

const steps = [1, 2, 2.5, 5, 10]

/** The smallest round number that is not below `n`. */
const roundUp = (n: number): number => {
  const power = 10 ** Math.floor(Math.log10(n))
  return (steps.find((step) => step * power >= n * (1 - 1e-9)) ?? 10) * power
}

/**
 * Round marks from 0 to above the greatest value, at most `most` steps. Whole numbers only with `whole`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ticks = (greatest: number, most = 4, whole = true): ReadonlyArray<number> => {
  const top = Number.isFinite(greatest) && greatest > 0 ? Math.min(greatest, Number.MAX_VALUE / 100) : 1
  const round = roundUp(top / most)
  const step = whole ? Math.max(Math.ceil(round), 1) : round
  return Array.from({ length: Math.max(Math.ceil(top / step - 1e-9), 1) + 1 }, (_, i) => i * step)
}

/**
 * The places of at most `most` labels among `count`, evenly spread, beginning with the first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const every = (count: number, most: number): ReadonlyArray<number> => {
  const step = Math.max(Math.ceil(count / Math.max(most, 1)), 1)
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step)
}

/**
 * A number short enough for an axis: `950`, `1.2k`, `3.4M`.
 *
 * @since 0.1.0
 * @category formatting
 */
export const short = (n: number): string => {
  const size = Math.abs(n)
  const [unit, by] = size >= 1e9 ? ["G", 1e9] as const : size >= 1e6
    ? ["M", 1e6] as const
    : size >= 1e3
    ? ["k", 1e3] as const
    : ["", 1] as const
  const scaled = n / by
  if (Math.abs(scaled) >= 1e6) return n.toExponential(1)
  return `${Number(Math.abs(scaled) >= 100 ? scaled.toFixed(0) : scaled.toPrecision(3))}${unit}`
}

/**
 * A share of an axis in per cent, from 0 to 100, with two digits.
 *
 * @since 0.1.0
 * @category conversions
 */
export const percent = (part: number, whole: number): number => {
  const share = whole > 0 && Number.isFinite(part) ? part / whole : 0
  return Math.round(Math.min(Math.max(share, 0), 1) * 10_000) / 100
}
