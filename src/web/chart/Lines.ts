/**
 * Lines over time, and the small ones that stand in a table.
 *
 * @since 0.1.0
 */
import { type Html, html } from "../Html.js"
import * as Scale from "../Scale.js"
import * as Frame from "./Frame.js"

type Values = ReadonlyArray<number | null>

const round = (n: number): number => Math.round(n * 100) / 100

/** From value to value; where one is not known the line is interrupted. */
const path = (values: Values, x: (i: number) => number, y: (value: number) => number): string =>
  values.map((value, i) =>
    value === null ? "" : `${i === 0 || values[i - 1] === null ? "M" : "L"}${round(x(i))} ${round(y(value))}`
  ).join("")

const mostDots = 62

const dots = (
  { labels }: Frame.Options,
  values: Values,
  s: number,
  greatest: number
): ReadonlyArray<Html> =>
  labels.flatMap((_, i) => {
    const value = values[i] ?? null
    if (value === null || labels.length > mostDots) return []
    return [
      html`<circle class=${Frame.color(s)} cx="${(i + 0.5) / labels.length * 100}%" cy=${
        Frame.y(value, greatest)
      } r="3"/>`
    ]
  })

/** The line, and the last of it by itself where that still grows. */
const parts = (
  { open }: Frame.Options,
  { before, values }: Frame.Series
): ReadonlyArray<readonly [values: Values, open: boolean]> =>
  open !== true || before === true || values.length < 2
    ? [[values, false]]
    : [[values.slice(0, -1), false], [values.map((value, i) => i < values.length - 2 ? null : value), true]]

/**
 * One line a series.
 *
 * @since 0.1.0
 * @category constructors
 */
export const lines = (options: Frame.Options): Html => {
  const { labels, series } = options
  const greatest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)))
  return Frame.frame(options, greatest, (greatest) =>
    series.flatMap((one, s) => [
      html`<svg x="0" y="0" width="100%" height=${Frame.height} viewBox="0 0 100 ${Frame.height}" preserveAspectRatio="none">${
        parts(options, one).map(([values, open]) =>
          html`
<path class="line ${one.before === true ? "series before" : Frame.color(s)}${
            open && " open"
          }" vector-effect="non-scaling-stroke" d=${
            path(values, (i) => (i + 0.5) / labels.length * 100, (value) => Frame.y(value, greatest))
          }/>`
        )
      }</svg>`,
      ...(one.before === true ? [] : dots(options, one.values, s, greatest))
    ]))
}

/**
 * A line the height of a row, without axes: only its form says something, in words `title` does.
 *
 * @since 0.1.0
 * @category constructors
 */
export const sparkline = (title: string, values: Values): Html => {
  const greatest = Math.max(0, ...values.map((value) => value ?? 0))
  const last = Math.max(values.length - 1, 1)
  return html`<svg class="spark" width="96" height="24" viewBox="0 0 96 24" role="img" aria-label=${title}>
<path class="line series s0" d=${
    path(values, (i) => 2 + i / last * 92, (value) => 22 - Scale.percent(value, greatest) / 100 * 20)
  }/></svg>`
}

/**
 * How much of a whole something is, as a bar beside a figure that says the same.
 *
 * @since 0.1.0
 * @category constructors
 */
export const share = (part: number, whole: number): Html =>
  html`<svg class="share" width="100%" height="8" aria-hidden="true"><rect class="rest" width="100%" height="8" rx="4"/><rect class="series s0" width="${
    Scale.percent(part, whole)
  }%" height="8" rx="4"/></svg>`
