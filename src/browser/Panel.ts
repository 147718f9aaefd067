/**
 * A panel for those who build a page: what waits, what was sent, what was dropped and why, and the switches of consent. A
 * module of its own, so that nothing of it is in what a page ships.
 *
 * @since 0.1.0
 */
import { all as levels, type Level } from "../domain/Level.js"
import type { Status } from "../Status.js"
import type { Client } from "./Client.js"

/**
 * What the panel asks and tells: a {@link Client} is one.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = Pick<Client, "status" | "enable" | "disable" | "submitNow" | "clearQueue">

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What the panel is put into; the page's body by default. */
  readonly parent?: HTMLElement
  /** Milliseconds between looks while the panel is open and the page is seen; default 1,000. */
  readonly everyMillis?: number
}

const css = `:host{all:initial;position:fixed;right:1rem;bottom:1rem;z-index:2147483647;color-scheme:light dark}
section{font:14px/1.4 system-ui,sans-serif;background:Canvas;color:CanvasText;border:1px solid GrayText;border-radius:8px;
padding:.5rem .75rem;max-width:22rem;max-height:80vh;overflow:auto}
summary{font-weight:600;cursor:pointer}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
caption{text-align:left;font-weight:600}
th{font-weight:400;text-align:left}
td{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
fieldset{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;border:0;padding:0;margin:0}
button,select{font:inherit}
p{margin:.5rem 0;overflow-wrap:anywhere}`

/** Texts only ever become text nodes: nothing that was recorded can turn into markup. */
const element = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

type Figures = ReadonlyArray<readonly [name: string, value: string | number | null]>

const table = (caption: string, figures: Figures): HTMLTableElement => {
  const rows = figures.map(([name, value]) => {
    const head = element("th", name)
    head.scope = "row"
    return element("tr", head, element("td", String(value ?? "–")))
  })
  return element("table", element("caption", caption), element("tbody", ...rows))
}

const time = (at: number | null): string => at === null ? "–" : new Date(at).toLocaleTimeString()

const queueOf = ({ queue, submission }: Status): Figures => [
  ["waiting", queue.pending],
  ["to be tried again", queue.retrying],
  ["on the way", queue.leased],
  ["accepted", submission.totalSubmitted],
  ["refused for good", queue.dead],
  ["failed attempts", submission.totalFailed],
  ["next attempt", time(submission.nextAttemptAt)]
]

const droppedOf = ({ dropped }: Status): Figures =>
  Object.entries(dropped).filter(([, n]) => n > 0).map(([reason, n]) => [reason, n])

const stateOf = ({ enabled, level, reason, remote }: Status): string =>
  enabled ? `recording at level ${level}${remote ? " and sending" : ", not sending"}` : `off: ${reason}`

const remarksOf = ({ submission, warnings }: Status): ReadonlyArray<string> => [
  ...(submission.lastError === null ? [] : [submission.lastError]),
  ...(submission.paused === null ? [] : [`paused: ${submission.paused}`]),
  ...warnings
]

/** The first choice of a form that was not touched is what holds. */
const choice = (level: Level) => {
  const select = element("select", ...levels.map((name) => element("option", name)))
  select.value = level
  select.setAttribute("aria-label", "level")
  const remote = element("input")
  remote.type = "checkbox"
  return { select, remote, label: element("label", remote, " send") }
}

const button = (name: string, press: () => void): HTMLButtonElement => {
  const made = element("button", name)
  made.type = "button"
  made.addEventListener("click", press)
  return made
}

/**
 * Puts the panel into the page; answers how to take it away again.
 *
 * @example
 * import { create } from "effect-telemetry/browser"
 * import * as Panel from "effect-telemetry/browser/panel"
 *
 * const telemetry = await create({ app: { name: "shop", version: "2.0.0" } })
 * const remove = Panel.mount(telemetry)
 *
 * @since 0.1.0
 * @category constructors
 */
export const mount = (source: Source, { everyMillis = 1_000, parent = document.body }: Options = {}): () => void => {
  const host = element("div")
  const root = host.attachShadow({ mode: "open" })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]

  const state = element("p", "…")
  state.setAttribute("role", "status")
  const figures = element("div")
  const { label, remote, select } = choice("basic")
  const fill = (status: Status): void => {
    const text = stateOf(status)
    // The state is read aloud when it changes, and only then.
    if (state.textContent !== text) state.replaceChildren(text)
    figures.replaceChildren(
      table("Queue", queueOf(status)),
      ...(droppedOf(status).length === 0 ? [] : [table("Dropped", droppedOf(status))]),
      ...remarksOf(status).map((text) => element("p", text))
    )
  }
  const look = (): Promise<void> => source.status().then(fill)
  const after = (act: () => Promise<unknown>) => () => {
    act().then(look, (error: unknown) => state.replaceChildren(error instanceof Error ? error.message : String(error)))
  }
  const level = (): Level => levels.find((name) => name === select.value) ?? "basic"
  const details = element(
    "details",
    element("summary", "Telemetry"),
    state,
    element(
      "fieldset",
      element("legend", "Switches"),
      select,
      label,
      button("Turn on", after(() => source.enable({ level: level(), remote: remote.checked }))),
      button("Turn off", after(() => source.disable())),
      button("Turn off and erase", after(() => source.disable({ erase: true }))),
      button("Send now", after(() => source.submitNow())),
      button("Empty the queue", after(() => source.clearQueue()))
    ),
    figures
  )
  const section = element("section", details)
  section.setAttribute("aria-label", "Telemetry of this page")
  root.append(section)
  parent.append(host)

  details.addEventListener("toggle", after(() => Promise.resolve()))
  const timer = setInterval(() => {
    if (details.open && document.visibilityState === "visible") void look()
  }, everyMillis)
  void source.status().then((status) => {
    select.value = status.level
    remote.checked = status.remote
    fill(status)
  })
  return () => {
    clearInterval(timer)
    host.remove()
  }
}
