/**
 * A whole page: one heading, landmarks, a link past the navigation, nothing from elsewhere.
 *
 * @since 0.1.0
 */
import { type Child, type Html, html, raw } from "./Html.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Link {
  readonly href: string
  readonly name: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly title: string
  /** A sentence or two below the title. */
  readonly lead: Child
  /** What all pages belong to. */
  readonly product: string
  /** Beside the product's name on every page. */
  readonly state?: Child
  readonly links: ReadonlyArray<Link>
  /** Which of the links leads here. */
  readonly current: string
  /** Addresses, seen from the page. */
  readonly stylesheet: string
  readonly script?: string | undefined
  readonly main: Child
  readonly foot?: Child
}

/** The icon is empty and part of the page: no browser has to ask for one. */
const icon = raw("<link rel=\"icon\" href=\"data:,\">")

const navigation = ({ current, links }: Options): Html =>
  html`<nav aria-label="Pages"><ul>${
    links.map(({ href, name }) =>
      html`<li><a href=${href} aria-current=${href === current ? "page" : "false"}>${name}</a></li>`
    )
  }</ul></nav>`

/**
 * @since 0.1.0
 * @category constructors
 */
export const page = (options: Options): Html =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${options.title} · ${options.product}</title>
${icon}<link rel="stylesheet" href=${options.stylesheet}>
${options.script !== undefined && html`<script src=${options.script} defer></script>`}
</head>
<body>
<a class="unseen skip" href="#main">To the content</a>
<header class="top"><div>
<p class="product">${options.product} ${options.state}</p>
${navigation(options)}
</div></header>
<main id="main" tabindex="-1">
<h1>${options.title}</h1>
<p class="lead">${options.lead}</p>
${options.main}
</main>
<footer class="foot">${options.foot}</footer>
</body>
</html>
`

/**
 * A section with a heading. With a name for `live` its content is renewed in place while the page is open.
 *
 * @since 0.1.0
 * @category constructors
 */
export const card = (title: string, content: Child, live?: string): Html => {
  const id = title.toLowerCase().replace(/[^a-z0-9]+/g, "-")
  return html`<section class="card" aria-labelledby=${id}>
<h2 id=${id}>${title}</h2>
${live === undefined ? content : html`<div id=${live} data-live="">${content}</div>`}
</section>
`
}

/**
 * A section whose content brings its own heading, such as a chart.
 *
 * @since 0.1.0
 * @category constructors
 */
export const panel = (content: Child): Html => html`<div class="card">${content}</div>\n`

/**
 * A row of figures that are to be seen first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const tiles = (entries: ReadonlyArray<readonly [name: string, value: Child]>): Html =>
  html`<ul class="tiles">${entries.map(([name, value]) => html`<li><b>${value}</b><span>${name}</span></li>\n`)}</ul>`

/**
 * How well something is, in a word and a colour.
 *
 * @since 0.1.0
 * @category models
 */
export type Tone = "good" | "warn" | "bad" | "plain"

/**
 * @since 0.1.0
 * @category constructors
 */
export const badge = (tone: Tone, text: Child): Html => html`<span class="badge ${tone}">${text}</span>`

/**
 * A message above the content, read aloud when it appears.
 *
 * @since 0.1.0
 * @category constructors
 */
export const notice = (tone: Tone, text: Child): Html =>
  html`<p class="notice ${tone}" role=${tone === "bad" ? "alert" : "status"}>${text}</p>`

/**
 * A moment in milliseconds since the epoch, as it is read and as a program reads it; a dash where there is none.
 *
 * @since 0.1.0
 * @category constructors
 */
export const time = (millis: number | null): Html => {
  if (millis === null || !Number.isFinite(millis) || Math.abs(millis) > 8.64e15) return html`–`
  const iso = new Date(millis).toISOString()
  return html`<time datetime=${iso}>${iso.slice(0, 19).replace("T", " ")}Z</time>`
}
