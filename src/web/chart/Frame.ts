/**
 * What every chart has around what it draws: a title, a description and the same figures as a table for who does not see
 * it, and axes. Widths are shares of the window and heights are pixels, so that a chart fits a phone with letters one can
 * read; there is no style in it that a strict content policy would refuse.
 *
 * @since 0.1.0
 */
import { type Html, html, raw } from "../Html.js"
import * as Scale from "../Scale.js"
import * as Table from "../Table.js"

/**
 * One kind of figure, a value for each label; null where nothing is known.
 *
 * @since 0.1.0
 * @category models
 */
export interface Series {
  readonly name: string
  readonly values: ReadonlyArray<number | null>
  /** Of the period before, to compare with: drawn quietly. */
  readonly before?: boolean | undefined
}

/**
 * Something that happened, such as a release: an upright line through the chart.
 *
 * @since 0.1.0
 * @category models
 */
export interface Marker {
  /** Which of the labels it belongs to. */
  readonly at: number
  readonly name: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Unique on its page. */
  readonly id: string
  readonly title: string
  /** What the chart shows, in a sentence. */
  readonly description: string
  /** What the labels are called, for the table: `Day`. */
  readonly axis: string
  readonly labels: ReadonlyArray<string>
  /** Short forms of the labels, below the chart. */
  readonly marks?: ReadonlyArray<string> | undefined
  readonly series: ReadonlyArray<Series>
  /** Marks of whole numbers only on the upright axis. Default true. */
  readonly whole?: boolean | undefined
  readonly markers?: ReadonlyArray<Marker> | undefined
  /** How a value is written, on the axis as well. */
  readonly figure?: ((value: number) => string) | undefined
  /** The last label is of a time that is not over: what is drawn for it still grows. */
  readonly open?: boolean | undefined
}

/** Pixels. */
const top = 22
const plot = 168
const below = 26

/**
 * The height of a chart in pixels.
 *
 * @since 0.1.0
 * @category constants
 */
export const height = top + plot + below

/**
 * Where a value is drawn, in pixels from above.
 *
 * @since 0.1.0
 * @category conversions
 */
export const y = (value: number, greatest: number): number =>
  Math.round((top + plot * (1 - Scale.percent(value, greatest) / 100)) * 10) / 10

const rounded = (n: number): number => Math.round(n * 1_000) / 1_000

/**
 * Series beyond these share the last colour.
 *
 * @since 0.1.0
 * @category conversions
 */
export const color = (i: number): string => `series s${Math.min(i, 4)}`

/** As many as a phone has room for. */
const labelsFor = (marks: ReadonlyArray<string>): number => Math.max(...marks.map((mark) => mark.length)) > 5 ? 4 : 6

const grid = (marks: ReadonlyArray<number>, written: (value: number) => string): Html => {
  const greatest = marks.at(-1) ?? 1
  return html`<g class="axis" aria-hidden="true">${
    marks.map((mark) => {
      const at = y(mark, greatest)
      return html`<line x1="0" x2="100%" y1=${at} y2=${at}/><text x="-6" y=${at + 4} text-anchor="end">${
        written(mark)
      }</text>`
    })
  }</g>`
}

const marksBelow = ({ labels, marks = labels }: Options): Html =>
  html`<g class="marks" aria-hidden="true">${
    Scale.every(marks.length, labelsFor(marks)).map((i) =>
      html`<text x="${(i + 0.5) / marks.length * 100}%" y=${height - 8} text-anchor="middle">${marks[i]}</text>`
    )
  }</g>`

const mostOfName = 16

/** What a name takes of a chart's width, in hundredths: of one that shares a row with another, and of a phone's. */
const nameWidths = (name: string): readonly [half: number, phone: number] => {
  const characters = Math.min(name.length, mostOfName)
  return [2 + characters * 2, 3 + characters * 2.8]
}

type Anchor = "start" | "end"

/** The side of its line on which a name has room before `limit`, and where it then begins. */
const room = (share: number, width: number, limit: number): readonly [anchor: Anchor, from: number] | undefined =>
  share + width <= limit
    ? ["start", share]
    : share <= limit && share >= width
    ? ["end", share - width]
    : undefined

/** Above the lines, and not over each other, the newest first: names without room are left to the hint and the table. */
const markers = ({ labels, markers = [] }: Options): ReadonlyArray<Html> => {
  let limit = 100
  let limitOfPhone = 100
  return [...markers].reverse().map(({ at, name }) => {
    const share = rounded((at + 0.5) / labels.length * 100)
    const [width, ofPhone] = nameWidths(name)
    const place = room(share, width, limit)
    if (place !== undefined) limit = place[1]
    const onPhone = place === undefined ? undefined : room(share, ofPhone, limitOfPhone)
    const fitsPhone = onPhone !== undefined && onPhone[0] === place?.[0]
    if (fitsPhone) limitOfPhone = onPhone[1]
    return html`<g class="marker"><line x1="${share}%" x2="${share}%" y1=${top} y2=${top + plot}/>${
      place !== undefined &&
      html`<text x="${share}%" y=${top - 8} dx=${place[0] === "end" ? 2 : -2} text-anchor=${place[0]} class=${
        fitsPhone ? "" : "wide"
      }>${name.slice(0, mostOfName)}</text>`
    }</g>`
  }).reverse()
}

const marked = ({ markers = [] }: Options, i: number): string =>
  markers.filter(({ at }) => at === i).map(({ name }) => name).join(", ")

const legend = (series: ReadonlyArray<Series>): Html | false =>
  series.length > 1 &&
  html`<ul class="legend" aria-hidden="true">${
    series.map(({ before, name }, i) =>
      html`<li><svg width="12" height="12"><rect width="12" height="12" rx="2" class=${
        before === true ? "series before" : color(i)
      }/></svg> ${name}</li>`
    )
  }</ul>`

/** All that is known of a label, where a pointer rests anywhere above it: a point of a line is no target. */
const hints = (options: Options): ReadonlyArray<Html> => {
  const { figure = Table.number, labels, series } = options
  const width = 100 / labels.length
  return labels.map((label, i) => {
    const known = series.flatMap(({ name, values }) => {
      const value = values[i] ?? null
      return value === null ? [] : [`${name}: ${figure(value)}`]
    })
    const text = [label, ...known, marked(options, i)].filter((line) => line !== "").join("\n")
    return html`<rect class="slot" x="${rounded(width * i)}%" width="${rounded(width)}%" y="0" height=${top + plot}>${
      raw("<title>")
    }${text}${raw("</title>")}</rect>`
  })
}

const figures = (options: Options): Html => {
  const { axis, description, figure = Table.number, labels, series, title } = options
  const isMarked = options.markers !== undefined && options.markers.length > 0
  return html`<details class="figures"><summary>The figures of this chart</summary><p>${description}</p>${
    Table.table({
      caption: title,
      captionHidden: true,
      columns: [axis, ...series.map(({ name }) => ({ name, kind: "number" as const })), ...(isMarked ? ["Marks"] : [])],
      rows: labels.map((label, i) => [
        label,
        ...series.map(({ values }) => {
          const value = values[i] ?? null
          return value === null ? "–" : figure(value)
        }),
        ...(isMarked ? [marked(options, i)] : [])
      ]),
      empty: "No figures."
    })
  }</details>`
}

/**
 * Puts together a chart, or says that there is nothing to draw.
 *
 * @since 0.1.0
 * @category constructors
 */
export const frame = (
  options: Options,
  greatest: number,
  draw: (greatest: number) => ReadonlyArray<Html>
): Html => {
  const { description, id, labels, series, title } = options
  const isEmpty = labels.length === 0 || series.every(({ values }) => values.every((value) => !value))
  if (isEmpty) {
    return html`<figure class="chart"><figcaption>${title}</figcaption><p class="empty">Nothing to show yet.</p></figure>`
  }
  const marks = Scale.ticks(greatest, 4, options.whole ?? true)
  return html`<figure class="chart">
<figcaption>${title}</figcaption>
${legend(series)}
<svg class="plot" width="100%" height=${height} role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${title}</title><desc id="${id}-text">${description}</desc>
${grid(marks, options.figure ?? Scale.short)}${draw(marks.at(-1) ?? 1)}${markers(options)}${marksBelow(options)}${
    hints(options)
  }
</svg>
${figures(options)}
</figure>`
}
