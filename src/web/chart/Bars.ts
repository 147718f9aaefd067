/**
 * Upright bars, one a label; several series stand on top of each other.
 *
 * @since 0.1.0
 */
import { type Html, html } from "../Html.js"
import * as Frame from "./Frame.js"

/** Pixels: what is there is seen. */
const least = 2

const sums = ({ labels, series }: Frame.Options): ReadonlyArray<number> =>
  labels.map((_, i) => series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0))

const stack = (options: Frame.Options, i: number, greatest: number, filled: number): ReadonlyArray<Html> => {
  const slot = 100 / options.labels.length
  const x = slot * i + slot * (1 - filled) / 2
  let reached = 0
  const open = options.open === true && i === options.labels.length - 1
  return options.series.map(({ values }, s) => {
    const value = values[i] ?? 0
    if (!(value > 0)) return html``
    const from = Frame.y(reached, greatest)
    reached += value
    const to = Math.min(Frame.y(reached, greatest), from - least)
    return html`<rect class="${Frame.color(s)}${open && " open"}" x="${x}%" width="${slot * filled}%" y=${to} height=${
      from - to
    }/>`
  })
}

const drawn = (options: Frame.Options, filled: number): Html =>
  Frame.frame(
    options,
    Math.max(0, ...sums(options)),
    (greatest) => options.labels.flatMap((_, i) => stack(options, i, greatest, filled))
  )

/**
 * Bars with a space between them: for counts by day, by hour, by name.
 *
 * @since 0.1.0
 * @category constructors
 */
export const bars = (options: Frame.Options): Html => drawn(options, 0.76)

/**
 * Bars that touch: for how often values of each range occur.
 *
 * @since 0.1.0
 * @category constructors
 */
export const histogram = (options: Frame.Options): Html => drawn(options, 0.96)
