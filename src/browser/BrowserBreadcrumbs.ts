/**
 * What a person did before an error, as breadcrumbs: clicks by role and test id, navigation by route pattern, requests by
 * method, host and status. Never text that was typed or shown, and never the query of an address.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Breadcrumbs, type Service } from "../collection/Breadcrumbs.js"
import { Config } from "../TelemetryConfig.js"
import * as Observer from "./Observer.js"
import * as RoutePattern from "./RoutePattern.js"

const clickable = "[role],[data-testid],a,button,input,select,textarea,summary,label,option"

const roles: Readonly<Record<string, string>> = { A: "link", BUTTON: "button", SELECT: "listbox", TEXTAREA: "textbox" }

const word = (text: string): string => /^[a-z]{1,24}$/.test(text) ? text : "unknown"

const roleOf = (element: Element): string =>
  word(element.getAttribute("role") ?? roles[element.tagName] ?? element.tagName.toLowerCase())

/** Test ids are the developer's words; what is numbered in them may be a person's. */
const testIdOf = (element: Element): string | null => {
  const found = element.closest("[data-testid]")?.getAttribute("data-testid")
  return found === undefined || found === null ? null : found.slice(0, 60).replace(/\d+/g, "#")
}

const clicks = ({ unsafeAdd }: Service) =>
  Observer.listen(document, "click", ({ target }) => {
    const element = target instanceof Element ? target.closest(clickable) : null
    if (element === null) return
    const testId = testIdOf(element)
    unsafeAdd({ category: "click", data: { role: roleOf(element), ...(testId === null ? {} : { testId }) } })
  }, true)

const navigation = ({ unsafeAdd }: Service) =>
  Effect.gen(function*() {
    let from = RoutePattern.make(location.pathname)
    const moved = (): void => {
      const to = RoutePattern.make(location.pathname)
      if (to === from) return
      unsafeAdd({ category: "navigation", data: { from, to } })
      from = to
    }
    yield* Observer.listen(globalThis, "popstate", moved)
    yield* wrap(history, "pushState", (original) =>
      function(this: History, ...args: Parameters<History["pushState"]>) {
        original.apply(this, args)
        moved()
      })
    yield* wrap(history, "replaceState", (original) =>
      function(this: History, ...args: Parameters<History["replaceState"]>) {
        original.apply(this, args)
        moved()
      })
  })

/** Puts another function in the place of one, until the scope closes. Whoever wrapped ours since keeps it, as it was. */
const wrap = <T extends object, K extends keyof T>(target: T, name: K, around: (original: T[K]) => T[K]) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const owned = Object.hasOwn(target, name)
      const original = target[name]
      const ours = around(original)
      target[name] = ours
      return { original, ours, owned }
    }),
    ({ original, ours, owned }) =>
      Effect.sync(() => {
        if (target[name] !== ours) return
        if (owned) target[name] = original
        else Reflect.deleteProperty(target, name)
      })
  )

const addressOf = (input: RequestInfo | URL): URL =>
  new URL(input instanceof Request ? input.url : String(input), location.href)

const requests = ({ unsafeAdd }: Service, endpoint: string | null) =>
  Effect.suspend(() => {
    let open = true
    const note = (input: RequestInfo | URL, init: RequestInit | undefined, status: number | "failed"): void => {
      try {
        const { host, href } = addressOf(input)
        if (!open || (endpoint !== null && href.startsWith(endpoint))) return
        const method = init?.method ?? (input instanceof Request ? input.method : "GET")
        unsafeAdd({ category: "http", data: { method: method.toUpperCase().slice(0, 10), host, status } })
      } catch {
        // A request that cannot be read is the page's business.
      }
    }
    const around = (original: typeof fetch): typeof fetch => (input, init) => {
      const answer = original.call(globalThis, input, init)
      answer.then(({ status }) => note(input, init, status), () => note(input, init, "failed"))
      return answer
    }
    return Effect.zipRight(
      Effect.addFinalizer(() =>
        Effect.sync(() => {
          open = false
        })
      ),
      wrap<{ fetch: typeof fetch }, "fetch">(globalThis, "fetch", around)
    )
  })

const make = Effect.gen(function*() {
  const breadcrumbs = yield* Breadcrumbs
  const { endpoint } = yield* Config
  yield* clicks(breadcrumbs)
  yield* navigation(breadcrumbs)
  yield* requests(breadcrumbs, endpoint === null ? null : String(endpoint))
})

/**
 * Notes clicks, navigation and requests by `fetch`, for as long as the scope is open; afterwards `fetch` and the history are
 * the browser's own again. Kept at level full only. Requests to the telemetry endpoint are left out.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, Breadcrumbs | Config> = Layer.scopedDiscard(make)
