/**
 * Figures as people read them.
 *
 * @since 0.1.0
 */
import { type Html, html } from "../../web/Html.js"
import * as Table from "../../web/Table.js"
import type { Interval } from "../Period.js"

/** @since 0.1.0 */
export const count = (n: number): string => Table.number(Math.round(n))

/** @since 0.1.0 */
export const share = (part: number | null): string => part === null ? "–" : `${Math.round(part * 1_000) / 10} %`

/** @since 0.1.0 */
export const ratio = (part: number, whole: number): number | null => whole > 0 ? part / whole : null

/** @since 0.1.0 */
export const amount = (n: number | null): string => n === null ? "–" : Table.number(Number(n.toPrecision(4)))

/** At most so many characters of a text, with a mark where there are more. @since 0.1.0 */
export const cut = (text: string, most: number): string => {
  const characters = [...text]
  return characters.length > most ? `${characters.slice(0, most).join("")}…` : text
}

/**
 * Milliseconds, in the unit that suits them.
 *
 * @since 0.1.0
 * @category formatting
 */
export const millis = (n: number | null): string =>
  n === null
    ? "–"
    : n < 1_000
    ? `${Number(n.toPrecision(3))} ms`
    : n < 60_000
    ? `${Number((n / 1_000).toPrecision(3))} s`
    : `${Number((n / 60_000).toPrecision(3))} min`

/**
 * What a change means: more events are neither good nor bad, more errors are bad.
 *
 * @since 0.1.0
 * @category models
 */
export type Better = "more" | "less" | "neither"

/**
 * The change from the period before, with its sign and in words.
 *
 * @since 0.1.0
 * @category conversions
 */
export const change = (now: number, before: number): string => {
  if (before === 0) return now === 0 ? "none before either" : "none before"
  const part = Math.round((now - before) / before * 1_000) / 10
  if (part === 0) return "as before"
  return part > 0 ? `+${Table.number(part)} %, more than before` : `−${Table.number(-part)} %, less than before`
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const delta = (now: number, before: number | undefined, better: Better): Html | false => {
  if (before === undefined) return false
  const isBetter = better === "neither" || now === before ? null : (now > before) === (better === "more")
  return html`<small class=${isBetter === null ? "" : isBetter ? "good" : "bad"}>${change(now, before)} (${
    count(before)
  })</small>`
}

/**
 * The name of a bucket, and the short one below a chart.
 *
 * @since 0.1.0
 * @category conversions
 */
export const bucket = (interval: Interval, start: number): readonly [label: string, mark: string] => {
  const iso = new Date(start).toISOString()
  switch (interval) {
    case "hour":
      return [`${iso.slice(0, 10)} ${iso.slice(11, 16)}`, iso.slice(11, 16)]
    case "day":
      return [iso.slice(0, 10), iso.slice(5, 10)]
    case "week":
      return [`Week of ${iso.slice(0, 10)}`, iso.slice(5, 10)]
    case "month":
      return [iso.slice(0, 7), iso.slice(0, 7)]
  }
}

/** @since 0.1.0 */
export const day = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** A day that is not broken over two lines. @since 0.1.0 */
export const date = (time: number): Html => html`<time datetime=${day(time)}>${day(time)}</time>`
