/**
 * A figure of a table on a ground that is the stronger the greater it is.
 *
 * @since 0.1.0
 */
import { type Html, html } from "../Html.js"
import * as Scale from "../Scale.js"

/**
 * The share as text, on one of six grounds. `open`: of a time that is not over.
 *
 * @since 0.1.0
 * @category constructors
 */
export const cell = (part: number, whole: number, open = false): Html => {
  const share = Scale.percent(part, whole)
  return html`<span class="heat h${Math.min(Math.ceil(share / 20), 5)}${open && " open"}">${Math.round(share)} %${
    open && html`<span class="unseen"> so far</span>`
  }</span>`
}
