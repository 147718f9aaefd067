/** The shop: a list of products, a page for each, a basket, and telemetry that is asked for in the footer. */
import { type Client, create } from "effect-telemetry/browser"
import * as RoutePattern from "effect-telemetry/browser/RoutePattern"

interface Product {
  readonly id: string
  readonly name: string
  readonly price: number
}

const { endpoint = "", key: apiKey = "" } = document.documentElement.dataset

const basket: Array<Product> = []

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

const element = (tag: string, text: string, children: ReadonlyArray<Node> = []): HTMLElement => {
  const made = document.createElement(tag)
  made.append(text, ...children)
  return made
}

const button = (text: string, testId: string, act: () => void): HTMLElement => {
  const made = element("button", text)
  made.dataset["testid"] = testId
  made.addEventListener("click", act)
  return made
}

const link = (text: string, href: string): HTMLElement => {
  const made = document.createElement("a")
  made.href = href
  made.append(text)
  return made
}

const show = (...children: ReadonlyArray<Node>): void => byId("main").replaceChildren(...children)

const ask = async <A>(path: string): Promise<A> => {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`${location.href} could not be filled: ${path} answered ${response.status}`)
  return response.json()
}

const priceOf = ({ price }: Product): string => `${price.toFixed(2)} €`

const card = (product: Product): HTMLElement =>
  element("li", "", [link(product.name, `/products/${product.id}`), element("div", priceOf(product))])

/** What a slow handler looks like from outside. */
const busyFor = (millis: number): void => {
  const end = performance.now() + millis
  while (performance.now() < end);
}

const start = (telemetry: Client): void => {
  const list = async (): Promise<void> => {
    const query = new URLSearchParams(location.search).get("q") ?? ""
    const products = await ask<ReadonlyArray<Product>>(`/api/products?q=${encodeURIComponent(query)}`)
    if (query !== "") telemetry.track("catalogue_searched", { results: products.length })
    show(
      element("h1", query === "" ? "Everything for tea" : `${products.length} found`),
      element("ul", "", products.map(card))
    )
  }

  const product = async (id: string): Promise<void> => {
    const found = await ask<Product & { readonly offers?: ReadonlyArray<Product> }>(`/api/products/${id}`)
    const add = (): void => {
      basket.push(found)
      byId("count").textContent = String(basket.length)
      telemetry.track("basket_changed", { items: basket.length })
      telemetry.trackFeature("basket", "added")
    }
    show(
      element("h1", found.name),
      element("p", priceOf(found)),
      Object.assign(
        element("div", "", [
          button("Into the basket", "add", add),
          button("Compare prices", "compare", () => show(card(found.offers![0]!))),
          button("Work out the postage", "postage", () => {
            busyFor(350)
            telemetry.trackFeature("postage", "worked out")
          })
        ]),
        { className: "buttons" }
      )
    )
  }

  const basketPage = async (): Promise<void> =>
    show(element("h1", "Basket"), element("ul", "", basket.map(card)), element("p", `${basket.length} things`))

  const render = async (): Promise<void> => {
    const began = performance.now()
    const [, kind, id = ""] = location.pathname.split("/")
    await (kind === "products" ? product(id) : kind === "basket" ? basketPage() : list())
    telemetry.track("page_viewed", { route: RoutePattern.make(location.pathname), duration: performance.now() - began })
  }

  const go = (address: string): void => {
    history.pushState(null, "", address)
    void render()
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("a") : null
    if (target === null || target.origin !== location.origin) return
    event.preventDefault()
    go(target.href)
  })
  byId("search").addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) go(`/?q=${encodeURIComponent(target.value)}`)
  })
  addEventListener("popstate", () => void render())
  void render()
}

const consentSwitch = (telemetry: Client): void => {
  const box = byId("consent")
  const say = (): void => {
    const on = telemetry.isEnabled()
    byId("state").textContent = on ? "Thank you." : "Nothing is recorded."
    if (box instanceof HTMLInputElement) box.checked = on
  }
  box.addEventListener("change", () => {
    const wanted = box instanceof HTMLInputElement && box.checked
    const done = wanted
      ? telemetry.enable({ remote: true, level: "enhanced" })
      : telemetry.disable({ erase: true })
    void done.then(say, say)
  })
  say()
}

const main = async (): Promise<void> => {
  const telemetry = await create({
    app: { name: "shop", version: "1.0.0" },
    endpoint,
    apiKey,
    interval: "1 second",
    events: () => import("./Events.js").then(({ all }) => all),
    capture: [
      () => import("effect-telemetry/browser/WebVitals"),
      () => import("effect-telemetry/browser/BrowserErrors"),
      () => import("effect-telemetry/browser/BrowserBreadcrumbs")
    ]
  })
  consentSwitch(telemetry)
  start(telemetry)
  document.documentElement.dataset["ready"] = ""
}

void main()
