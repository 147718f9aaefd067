/**
 * What is around every page: navigation that keeps the scope, and the controls that change it.
 *
 * @since 0.1.0
 */
import { type Child, type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import { intervals } from "../Period.js"
import type { Section } from "./Section.js"
import { sections } from "./sections.js"
import * as State from "./State.js"
import * as Words from "./Words.js"

/**
 * What can be chosen from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Choices {
  readonly apps: ReadonlyArray<string>
  readonly versions: ReadonlyArray<string>
}

const stylesheet = "/page.css"

const select = (
  label: string,
  name: string,
  all: string,
  values: ReadonlyArray<string>,
  chosen: string | undefined
): Html =>
  html`<label>${label}<select name=${name}><option value="">${all}</option>${
    (chosen === undefined || values.includes(chosen) ? values : [chosen, ...values]).map((value) =>
      html`<option value=${value} ${value === chosen && "selected"}>${value}</option>`
    )
  }</select></label>`

const controls = (state: State.State, section: Section, { apps, versions }: Choices): Html => {
  const { interval, now, params, previous, range, scope } = state
  const own = range === "own"
  return html`<nav aria-label="Time"><ul class="choices">${
    Object.entries(State.ranges).map(([id, { name }]) =>
      html`<li><a href=${State.href(state, section.path, { range: id, from: null, to: null })} aria-current=${
        id === range ? "true" : "false"
      }>${name}</a></li>`
    )
  }<li><a href=${State.moved(state, section.path, "before")}>Earlier</a></li>${
    scope.to <= now && html`<li><a href=${State.moved(state, section.path, "after")}>Later</a></li>`
  }</ul></nav>
<form class="scope" method="get" action=${section.path} aria-label="What is shown">
<label>From<input type="date" name="from" value=${own ? Words.day(scope.from) : ""}></label>
<label>To<input type="date" name="to" value=${own ? Words.day(scope.to - 1) : ""}></label>
${!own && html`<input type="hidden" name="range" value=${range}>`}
${select("By", "interval", "what suits", intervals, interval)}
${apps.length > 1 && select("Application", "app", "all", apps, scope.app)}
${select("Version", "version", "all", versions, scope.version)}
${select("Compare", "compare", "with the period before", ["no"], previous === undefined ? "no" : undefined)}${
    State.stepNames.concat("of", "value", "type", "group", "in", "sort").map((name) =>
      params.get(name) !== null && html`<input type="hidden" name=${name} value=${params.get(name)}>`
    )
  }<button>Show</button>
</form>`
}

const signOut = html`<form method="post" action="/sign-out"><button>Sign out</button></form>`

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: {
  readonly section: Section
  readonly state: State.State
  readonly choices: Choices
  readonly content: Child
}): Html => {
  const { choices, content, section, state } = options
  const { from, to } = state.scope
  return Page.page({
    title: section.name,
    lead: html`${section.lead}${
      section.isTimeless !== true &&
      html` <span class="whole">${Words.day(from)} to ${Words.day(to - 1)}, UTC.</span>`
    }`,
    product: "Collector",
    state: signOut,
    links: sections.map(({ name, path }) => ({ name, href: State.href(state, path) })),
    current: State.href(state, section.path),
    stylesheet,
    main: html`${section.isTimeless !== true && controls(state, section, choices)}${content}`,
    foot:
      html`Every figure can be had by programs: <a href="/docs">the interface</a>. This page loads nothing from elsewhere.`
  })
}

/**
 * What to do where nothing has come in yet, with the key that one has already.
 *
 * @since 0.1.0
 * @category constructors
 */
export const first = (url: string, has: "read" | "none"): Html =>
  Page.card(
    "Nothing has come in yet",
    html`<ol><li>Make a key for programs${has === "none" && " and one for yourself"}:
<pre>effect-telemetry collector keys create --role ingest${
      has === "none" && "\neffect-telemetry collector keys create --role read"
    }</pre></li>
<li>Point a program at <code>${url}/v1/events</code>:
<pre>${`import { create } from "effect-telemetry/promise"
const telemetry = await create({
  app: { name: "my-app", version: "1.0.0" },
  endpoint: "${url}/v1/events",
  apiKey: "eti_…",
  remote: true,
  consent: "granted" // once the person has said yes
})
telemetry.trackFeature("export", true)
await telemetry.close()`}</pre></li>
<li>${has === "none" ? "Sign in here with the read key." : "Look again here."}</li></ol>`
  )

/**
 * @since 0.1.0
 * @category constructors
 */
export const signIn = (options: {
  readonly problem: string | null
  /** Path and query of the page that was asked for. */
  readonly to: string
  readonly isEmpty: boolean
  readonly url: string
}): Html =>
  Page.page({
    title: "Sign in",
    lead: "With a read or admin key of this collector.",
    product: "Collector",
    links: [{ href: options.to, name: "Sign in" }, { href: "/docs", name: "Interface" }],
    current: options.to,
    stylesheet,
    main: html`${options.problem !== null && Page.notice("bad", options.problem)}<div class="card sign-in">
<form method="post" action="/sign-in">
${options.to !== "/" && html`<input type="hidden" name="to" value=${options.to}>`}
<input type="text" name="username" autocomplete="username" value="key" hidden>
<label class="field" for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required maxlength="256">
<button class="main">Sign in</button>
</form>
<p class="quiet">A key bound to an application shows that application only. You stay signed in for seven days, or until the key
is revoked.</p></div>${options.isEmpty && first(options.url, "none")}`,
    foot: "This page loads nothing from elsewhere."
  })
