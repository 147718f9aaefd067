/**
 * JSON on a page.
 *
 * @since 0.1.0
 */
import { type Html, html } from "../../web/Html.js"

/** What redaction puts in the place of something: `[email]`, `[user]`, `[home-path]`. */
const token = /(\[[a-z]+(?:-[a-z]+)*\])/

/**
 * Text in which what redaction has put there stands out.
 *
 * @since 0.1.0
 * @category formatting
 */
export const marked = (text: string): Html =>
  html`${text.split(token).map((part, i) => i % 2 === 1 ? html`<mark>${part}</mark>` : part)}`

/**
 * A value as JSON over several lines, marked.
 *
 * @since 0.1.0
 * @category formatting
 */
export const pretty = (value: unknown): Html => marked(JSON.stringify(value, null, 2) ?? "")
