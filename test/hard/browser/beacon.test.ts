import { afterAll, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Page } from "playwright-core"
import * as Chromium from "./chromium.js"
import { names, open, run, type Site, site } from "./support.js"

const visit = (name: string): string => `beacon.track("visit", { name: ${JSON.stringify(name)} })`

const visitAll = (prefix: string, n: number): string => names(prefix, n).map(visit).join(";")

const visits = ({ events }: Site) => Effect.map(events("visit"), (all) => all.map(({ name }) => String(name)).sort())

/** Everything has arrived, and nothing twice. */
const arrived = (shop: Site, expected: ReadonlyArray<string>) =>
  Effect.map(Chromium.until(visits(shop), ({ length }) => length >= expected.length), (found) => {
    expect(found).toEqual(expected.toSorted())
  })

const setUp = Effect.gen(function*() {
  const shop = yield* site("beaconPage.ts")
  const context = yield* Chromium.newContext()
  const said: Array<string> = []
  return { shop, context, said, open: open(context, shop, said) }
})

const status = (page: Page) => Chromium.step("status", () => page.evaluate(() => window.beacon!.status()))

/** What another tab has written to `localStorage` is seen a little later, in Chromium: a tab has to hear of the consent. */
const consented = (page: Page) =>
  Effect.map(Chromium.until(status(page), ({ enabled }) => enabled), ({ enabled }) => expect(enabled).toBe(true))

const leavings = 20
let atOnce = 0

afterAll(() =>
  console.log(`beacon: left right after an event, delivered before any other visit: ${atOnce} of ${leavings}`)
)

layer(Chromium.layer, { excludeTestServices: true, timeout: "60 seconds" })(
  "a beacon in Chromium, under a strict CSP, with the collector at another origin",
  (it) => {
    it.scoped("stores and sends nothing before consent, and nothing after it is withdrawn", () =>
      Effect.gen(function*() {
        const { open, said, shop } = yield* setUp
        const page = yield* open
        yield* run(page, `${visit("early")}; beacon.flush()`)
        expect(yield* run(page, "[localStorage.length, sessionStorage.length]")).toEqual([0, 0])
        yield* run(page, "beacon.enable(); beacon.disable()")
        yield* run(page, `${visit("late")}; beacon.flush()`)
        yield* Chromium.step("leaving", () => page.goto(`${shop.url}/elsewhere`))
        expect(shop.requests).toEqual([])
        expect(said).toEqual([])
      }))

    it.scoped("keeps events while offline, and sends them when the network is back", () =>
      Effect.gen(function*() {
        const { context, open, shop } = yield* setUp
        const page = yield* open
        yield* run(page, "beacon.enable()")
        yield* Chromium.step("offline", () => context.setOffline(true))
        yield* run(page, `${visitAll("a", 5)}; beacon.flush()`)
        expect((yield* status(page)).pending).toBe(5)
        yield* Chromium.step("online", () => context.setOffline(false))
        yield* arrived(shop, names("a", 5))
      }))

    it.scoped("has five tabs of one origin deliver every event once", () =>
      Effect.gen(function*() {
        const { open, said, shop } = yield* setUp
        const tabs = [0, 1, 2, 3, 4]
        const pages = yield* Effect.all(tabs.map(() => open), { concurrency: 5 })
        yield* run(pages[0]!, "beacon.enable()")
        yield* Effect.forEach(pages, consented, { concurrency: 5 })
        yield* Effect.forEach(pages, (page, tab) => run(page, visitAll(`t${tab}`, 20)), { concurrency: 5 })
        yield* arrived(shop, tabs.flatMap((tab) => names(`t${tab}`, 20)))
        expect(said).toEqual([])
      }))

    it.scoped("works for as long as the page lasts where storage is denied", () =>
      Effect.gen(function*() {
        const { context, open, said, shop } = yield* setUp
        yield* Chromium.step("denying storage", () =>
          context.addInitScript(
            ["localStorage", "sessionStorage"].map((part) =>
              `Object.defineProperty(window, "${part}", { get() { throw new DOMException("no", "SecurityError") } })`
            ).join(";")
          ))
        const page = yield* open
        yield* run(page, `beacon.enable(); ${visit("a")}`)
        yield* arrived(shop, ["a"])
        expect((yield* status(page)).lasting).toBe(false)
        expect(said).toEqual([])
      }))

    it.scoped("a tab that is closed while its request is under way loses and doubles nothing", () =>
      Effect.gen(function*() {
        const { open, shop } = yield* setUp
        const page = yield* open
        yield* run(page, "beacon.enable()")
        shop.setLine("deaf")
        yield* run(page, visitAll("a", 10))
        expect(yield* Chromium.until(Effect.sync(() => shop.requests.length), (n) => n > 0)).toBe(1)
        yield* Chromium.step("closing", () => page.close())
        shop.setLine("open")
        const next = yield* open
        expect((yield* Chromium.until(status(next), ({ pending }) => pending === 0)).pending).toBe(0)
        yield* arrived(shop, names("a", 10))
      }))

    it.scoped("sends Web Vitals with their ratings when the page is left", () =>
      Effect.gen(function*() {
        const { open, said, shop } = yield* setUp
        const page = yield* open
        yield* run(page, "beacon.enable()")
        yield* Chromium.step("a visit", async () => {
          await page.reload()
          await page.getByRole("button").click()
          // An interaction is told of after the next picture, and looked at when the page is idle, which it is only once it has
          // been painted: of a page that is left before that there is no INP.
          await page.evaluate(() =>
            new Promise<void>((resolve) =>
              requestAnimationFrame(() =>
                new PerformanceObserver(() => requestIdleCallback(() => resolve())).observe({
                  type: "first-input",
                  buffered: true
                })
              )
            )
          )
          await page.goto(`${shop.url}/elsewhere`)
        })
        const wanted = ["CLS", "FCP", "INP", "LCP", "TTFB"]
        const vitals = yield* Chromium.until(
          shop.events("web_vital"),
          (all) => wanted.every((name) => all.some(({ metric }) => metric === name))
        )
        expect([...new Set(vitals.map(({ metric }) => metric))].sort()).toEqual(wanted)
        for (const { rating } of vitals) expect(["good", "needs-improvement", "poor"]).toContain(rating)
        expect(said).toEqual([])
      }))

    it.scoped(
      "delivers what is tracked in the turn in which the page is left, or at the next visit",
      () =>
        Effect.gen(function*() {
          const shop = yield* site("beaconPage.ts")
          const all = names("a", leavings)
          yield* Effect.forEach(all, (name, i) =>
            Effect.scoped(Effect.gen(function*() {
              const context = yield* Chromium.newContext()
              const page = yield* open(context, shop)
              yield* run(page, `beacon.enable(); ${visit(name)}; ${i % 2 === 0 ? "location.href = '/elsewhere'" : ""}`)
              if (i % 2 === 1) yield* Chromium.step("closing", () => page.close())
              const found = yield* Chromium.until(visits(shop), (found) => found.includes(name), "10 seconds")
              if (found.includes(name)) atOnce++
              else yield* open(context, shop)
              yield* Chromium.until(visits(shop), (found) => found.includes(name))
            })), { concurrency: 4 })
          expect(yield* visits(shop)).toEqual(all)
          expect(atOnce).toBeGreaterThanOrEqual(leavings - 1)
        })
    )
  }
)
