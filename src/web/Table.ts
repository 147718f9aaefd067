/**
 * Tables: a caption, headers that say what they head, numbers to the right, and a frame of its own that scrolls where the
 * window is narrow.
 *
 * @since 0.1.0
 */
import { type Child, type Html, html, isHtml } from "./Html.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Column {
  readonly name: string
  /**
   * Default: text. `wide` is for what may be broken anywhere, such as messages; `bar` for what only shows a figure of the
   * same row again, and makes room where it is narrow.
   */
  readonly kind?: "text" | "number" | "code" | "wide" | "bar" | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly caption: string
  /** Not shown, but read aloud: where a heading above says the same. */
  readonly captionHidden?: boolean | undefined
  /** A text is the name of a column of texts. */
  readonly columns: ReadonlyArray<Column | string>
  /** The first cell of a row is its header. */
  readonly rows: ReadonlyArray<ReadonlyArray<Child>>
  /** Rows stay rows where it is narrow, and are scrolled past their headers: for figures that are compared down a column. */
  readonly keepsRows?: boolean | undefined
  /** Shown in place of a table without rows. */
  readonly empty: Child
}

const numbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 })

/**
 * `12,345.68`; a word where it is not known.
 *
 * @since 0.1.0
 * @category formatting
 */
export const number = (n: number | null): string => n === null ? "unknown" : numbers.format(n)

/** Where there is no room for it side by side, a row becomes a block; of figures alone more fit than of texts. */
const fit = (columns: ReadonlyArray<Column>): string => {
  const texts = columns.filter(({ kind }) => kind !== "number" && kind !== "bar").length
  const wide = columns.filter(({ kind }) => kind === "wide").length
  return wide > 1 || texts > 2 && columns.length > 3 ? "many" : columns.length > 4 ? "some" : ""
}

/** The roles say what a browser no longer does where rows are blocks. */
const cell = (column: Column, child: Child, first: boolean): Html => {
  const shown = typeof child === "number" ? number(child) : child
  const content = column.kind === "code" && !isHtml(shown) ? html`<code>${shown}</code>` : shown
  const kind = column.kind ?? "text"
  return first
    ? html`<th scope="row" role="rowheader" class=${kind} data-label=${column.name}><div>${content}</div></th>`
    : html`<td role="cell" class=${kind} data-label=${column.name}><div>${content}</div></td>`
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const table = (options: Options): Html => {
  if (options.rows.length === 0) return html`<p class="empty">${options.empty}</p>`
  const columns = options.columns.map((column): Column => typeof column === "string" ? { name: column } : column)
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${options.caption}>
<table role="table" class=${options.keepsRows === true ? "rows" : fit(columns)}>
<caption class=${options.captionHidden === true ? "unseen" : "caption"}>${options.caption}</caption>
<thead role="rowgroup"><tr role="row">${
    columns.map((column) =>
      html`<th scope="col" role="columnheader" class=${column.kind ?? "text"}>${column.name}</th>`
    )
  }</tr></thead>
<tbody role="rowgroup">${
    options.rows.map((row) => html`<tr role="row">${columns.map((column, i) => cell(column, row[i], i === 0))}</tr>\n`)
  }</tbody>
</table>
</div>`
}

/**
 * Names and values, one pair a row.
 *
 * @since 0.1.0
 * @category constructors
 */
export const pairs = (entries: ReadonlyArray<readonly [name: string, value: Child]>): Html =>
  html`<dl class="pairs">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`
