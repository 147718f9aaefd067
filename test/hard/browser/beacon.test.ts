import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import type { BrowserContext, Page } from "playwright-core"
import type { Beacon } from "../../../src/beacon/index.js"
import { Keys } from "../../../src/collector/Keys.js"
import { start, tempDir } from "../../collector/support.js"
import { browser, bundle, site, stored, until } from "./beaconPage.js"

declare const beacon: Beacon<{ readonly visit: { readonly number: "number"; readonly note: "string?" } }>

/** The page of another origin than the collector, with a key that names it. */
const setup = Effect.gen(function*() {
  const collector = yield* start(`sqlite:${Path.join(yield* tempDir, "collector.db")}`)
  const script = yield* bundle("pages/beacon.ts")
  let key = ""
  const html = () =>
    `<!doctype html><html lang="en" data-endpoint="${collector.url}/v1/events" data-key="${key}">` +
    "<title>Shop</title><script src=\"/page.js\"></script><h1>Shop</h1><button>Buy</button></html>"
  const url = yield* site(
    (path) =>
      path === "/page.js"
        ? ["text/javascript", script]
        : ["text/html", path === "/elsewhere" ? "<!doctype html><title>Elsewhere</title>" : html()],
    collector.url
  )
  const created = collector.use(Effect.flatMap(Keys, (keys) => keys.create({ role: "ingest", origins: [url] })))
  key = (yield* Effect.orDie(created)).key
  const context = yield* Effect.acquireRelease(
    Effect.flatMap(browser, (browser) => Effect.promise(() => browser.newContext())),
    (context) => Effect.promise(() => context.close())
  )
  const rows = Effect.map(
    stored(collector),
    (rows) => rows.filter(({ type }) => type === "visit").map(({ data }): number => JSON.parse(data).number)
  )
  return { collector, url, context, rows }
})

const open = (context: BrowserContext, url: string): Effect.Effect<Page> =>
  Effect.promise(async () => {
    const page = await context.newPage()
    await page.goto(url)
    return page
  })

const visit = (page: Page, number: number) =>
  Effect.promise(() => page.evaluate((number) => beacon.track("visit", { number }), number))

const enable = (page: Page) => Effect.promise(() => page.evaluate(() => beacon.enable()))

describe("a beacon in Chromium", () => {
  it.scopedLive("sends and stores nothing before consent, and nothing after it is withdrawn", () =>
    Effect.gen(function*() {
      const { context, url } = yield* setup
      const page = yield* open(context, url)
      const requests: Array<string> = []
      page.on("request", (request) => requests.push(request.url()))
      yield* visit(page, 1)
      yield* Effect.promise(() => page.evaluate(() => beacon.flush()))
      assert.deepStrictEqual(
        yield* Effect.promise(() => page.evaluate(() => [localStorage.length, sessionStorage.length])),
        [0, 0]
      )
      yield* enable(page)
      yield* Effect.promise(() => page.evaluate(() => beacon.disable()))
      yield* visit(page, 2)
      yield* Effect.promise(() => page.goto(`${url}/elsewhere`))
      assert.deepStrictEqual(requests, [`${url}/elsewhere`])
    }))

  it.scopedLive("keeps events while offline, and sends them when the network is back", () =>
    Effect.gen(function*() {
      const { context, rows, url } = yield* setup
      const page = yield* open(context, url)
      yield* enable(page)
      yield* Effect.promise(() => context.setOffline(true))
      for (let number = 0; number < 5; number++) yield* visit(page, number)
      yield* Effect.promise(() => page.evaluate(() => beacon.flush()))
      assert.isAtLeast((yield* Effect.promise(() => page.evaluate(() => beacon.status()))).pending, 5)
      yield* Effect.promise(() => context.setOffline(false))
      const all = yield* until(rows, (rows) => rows.length === 5)
      assert.deepStrictEqual(all.toSorted(), [0, 1, 2, 3, 4])
    }))

  it.scopedLive("has five tabs of one origin deliver every event once", () =>
    Effect.gen(function*() {
      const { context, rows, url } = yield* setup
      const pages = yield* Effect.all(Array.from({ length: 5 }, () => open(context, url)))
      yield* enable(pages[0]!)
      yield* Effect.all(
        pages.map((page, tab) =>
          Effect.promise(() =>
            page.evaluate((tab) => {
              for (let i = 0; i < 20; i++) beacon.track("visit", { number: tab * 20 + i })
            }, tab)
          )
        ),
        { concurrency: "unbounded" }
      )
      const all = yield* until(rows, (rows) => rows.length >= 100)
      assert.deepStrictEqual(all.toSorted((a, b) => a - b), Array.from({ length: 100 }, (_, number) => number))
    }))

  it.scopedLive("works for as long as the page lasts where storage is denied", () =>
    Effect.gen(function*() {
      const { context, rows, url } = yield* setup
      yield* Effect.promise(() =>
        context.addInitScript(() => {
          for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(globalThis, name, {
              get: () => {
                throw new DOMException("denied", "SecurityError")
              }
            })
          }
        })
      )
      const page = yield* open(context, url)
      yield* enable(page)
      yield* visit(page, 7)
      assert.deepStrictEqual(yield* until(rows, (rows) => rows.length > 0), [7])
      assert.isFalse((yield* Effect.promise(() => page.evaluate(() => beacon.status()))).lasting)
    }))

  it.scopedLive("sends Web Vitals with their ratings when the page is left, and leaves the console alone", () =>
    Effect.gen(function*() {
      const { collector, context, url } = yield* setup
      const page = yield* open(context, url)
      const lines: Array<string> = []
      page.on("console", (line) => lines.push(line.text()))
      page.on("pageerror", (error) => lines.push(error.message))
      yield* enable(page)
      yield* Effect.promise(async () => {
        await page.reload()
        await page.getByRole("button").click()
        await page.goto(`${url}/elsewhere`)
      })
      const vitals = yield* until(
        Effect.map(
          stored(collector),
          (rows) => rows.filter(({ type }) => type === "web_vital").map(({ data }) => JSON.parse(data))
        ),
        (vitals) => ["LCP", "CLS", "INP", "TTFB", "FCP"].every((name) => vitals.some(({ metric }) => metric === name))
      )
      for (const { rating } of vitals) assert.include(["good", "needs-improvement", "poor"], rating)
      assert.deepStrictEqual(lines, [])
    }))
})
