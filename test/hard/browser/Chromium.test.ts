import { afterAll, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BrowserContext, CDPSession, Page } from "playwright-core"
import * as Chromium from "./chromium.js"
import { names, open, run, type Site, site, track, trackAll } from "./support.js"
import { type Longest, longestTask } from "./trace.js"

interface World {
  readonly shop: Site
  readonly context: BrowserContext
  /** What pages say in the console. */
  readonly said: Array<string>
  readonly open: Effect.Effect<Page>
}

const tasks: Array<Longest> = []

/** A line that is cut is reported by the browser itself; nothing a page could do about it. */
const ofTheBrowser = /^Failed to load resource: net::ERR_/

/** In a world of its own, where nothing is said in the console. How long its tasks are is printed at the end. */
const inWorld = (test: (world: World) => Effect.Effect<void, never, Scope.Scope | Chromium.Chromium>) =>
  Effect.gen(function*() {
    const shop = yield* site()
    const context = yield* Chromium.newContext()
    const said: Array<string> = []
    const [, longest] = yield* longestTask(test({ shop, context, said, open: open(context, shop, said) }))
    tasks.push(longest)
    expect(said.filter((text) => !ofTheBrowser.test(text))).toEqual([])
  })

/** Everything has arrived, and nothing twice. */
const arrived = ({ features }: Site, expected: ReadonlyArray<string>) =>
  Effect.map(Chromium.until(features, ({ length }) => length >= expected.length), (found) => {
    expect(found).toEqual(expected.toSorted())
  })

const session = (context: BrowserContext, page: Page): Effect.Effect<CDPSession> =>
  Chromium.step("a session", () => context.newCDPSession(page))

const deny = (context: BrowserContext, ...parts: ReadonlyArray<string>) =>
  Chromium.step("denying storage", () =>
    context.addInitScript(
      parts.map((part) =>
        `Object.defineProperty(window, "${part}", { get() { throw new DOMException("no", "SecurityError") } })`
      ).join(";")
    ))

const status = (page: Page) =>
  Chromium.step("status", () =>
    page.evaluate(async () => {
      const { dropped, queue } = await window.telemetry!.status()
      return { dropped: Object.values(dropped).reduce((sum, n) => sum + n, 0), pending: queue.pending }
    }))

const most = (of: keyof Longest): string => Math.max(0, ...tasks.map((task) => task[of])).toFixed(1)

afterAll(() => {
  console.log(
    `browser in Chromium, ${tasks.length} scenarios: longest task while scripts are loaded ${most("loading")} ms, ` +
      `otherwise ${most("running")} ms of processor time (with a debugger attached)`
  )
})

layer(Chromium.layer, { excludeTestServices: true, timeout: "60 seconds" })(
  "a page in Chromium, under a strict CSP, with the collector at another origin",
  (it) => {
    it.scoped("sends what it tracks, without cookies, by a key that names its origin", () =>
      inWorld(({ open, shop }) =>
        Effect.gen(function*() {
          const page = yield* open
          yield* run(page, `record(${JSON.stringify(names("a", 200))})`)
          yield* arrived(shop, names("a", 200))
          expect(new Set(shop.requests.map(({ origin }) => origin))).toEqual(new Set([shop.url]))
          expect(shop.requests.filter(({ cookies }) => cookies)).toEqual([])
        })
      ))

    it.scoped("keeps what is tracked offline and sends it when the network is back", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          const page = yield* open
          yield* Chromium.step("offline", () => context.setOffline(true))
          yield* run(page, `${trackAll("a", 10)}; telemetry.flush()`)
          yield* run(page, "telemetry.submitNow()")
          expect(yield* shop.features).toEqual([])
          yield* Chromium.step("online", () => context.setOffline(false))
          yield* arrived(shop, names("a", 10))
        })
      ))

    it.scoped("a tab that is closed while its request is under way loses and doubles nothing", () =>
      inWorld(({ open, shop }) =>
        Effect.gen(function*() {
          const page = yield* open
          shop.setLine("deaf")
          yield* run(page, `${trackAll("a", 30)}; telemetry.flush()`)
          expect(yield* Chromium.until(Effect.sync(() => shop.requests.length), (n) => n > 0)).toBe(1)
          yield* run(page, trackAll("b", 5))
          yield* Chromium.step("closing the tab", () => page.close())
          shop.setLine("open")
          const next = yield* open
          const left = Effect.map(status(next), ({ pending }) => pending)
          expect(yield* Chromium.until(left, (pending) => pending === 0)).toBe(0)
          yield* arrived(shop, [...names("a", 30), ...names("b", 5)])
          expect(shop.requests.filter(({ beacon }) => !beacon).length).toBeGreaterThan(1)
        })
      ))

    it.scoped("loses nothing that was committed when the renderer crashes", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          shop.setLine("cut")
          const page = yield* open
          yield* run(page, `${trackAll("a", 30)}; telemetry.flush()`)
          const cdp = yield* session(context, page)
          yield* Chromium.step("the crash", () =>
            Promise.all([
              page.waitForEvent("crash"),
              Promise.race([cdp.send("Page.crash"), page.waitForEvent("crash")])
                .catch(() => {})
            ]))
          shop.setLine("open")
          yield* open
          yield* arrived(shop, names("a", 30))
        })
      ))

    it.scoped("lets one of five tabs submit at a time, and every event arrives once", () =>
      inWorld(({ open, shop }) =>
        Effect.gen(function*() {
          const tabs = [0, 1, 2, 3, 4]
          const pages = yield* Effect.all(tabs.map(() => open), { concurrency: 5 })
          yield* Effect.forEach(pages, (page, i) => run(page, trackAll(`t${i}`, 20)), { concurrency: 5 })
          yield* arrived(shop, tabs.flatMap((i) => names(`t${i}`, 20)))
          const sent = shop.requests.filter(({ beacon }) => !beacon).toSorted((a, b) => a.began - b.began)
          expect(sent.filter(({ began }, i) => i > 0 && began < sent[i - 1]!.ended)).toEqual([])
        })
      ))

    it.scoped("keeps in memory what a full storage refuses, and stores it when there is room again", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          const page = yield* open
          shop.setLine("cut")
          yield* run(page, `${trackAll("a", 5)}; telemetry.flush()`)
          const cdp = yield* session(context, page)
          const quota = (quotaSize?: number) =>
            Chromium.step("the quota", () =>
              cdp.send("Storage.overrideQuotaForOrigin", {
                origin: shop.url,
                ...(quotaSize === undefined ? {} : { quotaSize })
              }))
          yield* quota(1)
          yield* run(page, "localStorage.setItem('hog', 'x'.repeat(5 * 1024 * 1024 - localStorage.length - 3_000))")
          yield* run(page, trackAll("b", 20))
          // It is not committed, and does not hold the page up for ever.
          yield* run(page, "telemetry.flush()")
          yield* run(page, trackAll("c", 1))
          yield* quota()
          yield* run(page, "localStorage.removeItem('hog')")
          shop.setLine("open")
          yield* arrived(shop, [...names("a", 5), ...names("b", 20), ...names("c", 1)])
          expect(yield* Chromium.until(status(page), ({ pending }) => pending === 0)).toEqual({
            dropped: 0,
            pending: 0
          })
        })
      ))

    it.scoped("goes on without telemetry where a part of its code cannot be loaded, and tries again", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          const parts = /\/Opened-\w+\.js$/
          yield* Chromium.step("a part is missing", () => context.route(parts, (route) => route.abort()))
          const page = yield* open
          yield* run(page, `${trackAll("a", 5)}; telemetry.flush()`)
          expect(yield* run(page, "telemetry.status().then(({ enabled, reason }) => ({ enabled, reason }))")).toEqual({
            enabled: false,
            reason: "not-loaded"
          })
          expect(yield* run(page, "telemetry.enable().then(() => null, ({ message }) => message)")).toMatch(
            /could not be loaded \(.*\/Opened-/
          )
          expect(yield* run(page, "indexedDB.databases().then(({ length }) => length + localStorage.length)")).toBe(0)
          yield* Chromium.step("it is back", () => context.unroute(parts))
          yield* run(page, "reopen()")
          yield* run(page, trackAll("b", 5))
          yield* arrived(shop, names("b", 5))
        })
      ))

    it.scoped("works from memory where IndexedDB is denied", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          yield* deny(context, "indexedDB")
          yield* run(yield* open, trackAll("a", 5))
          yield* arrived(shop, names("a", 5))
        })
      ))

    it.scoped("works from memory where all storage is denied", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          yield* deny(context, "indexedDB", "localStorage", "sessionStorage")
          yield* run(yield* open, trackAll("a", 5))
          yield* arrived(shop, names("a", 5))
        })
      ))

    it.scoped("goes on when the clock is set back by a day and forward by three", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          yield* Chromium.step("a clock to be set", () =>
            context.addInitScript("const real = Date.now; window.shift = 0; Date.now = () => real() + window.shift"))
          const page = yield* open
          const set = (days: number) =>
            `window.shift = ${days} * 86_400_000`
          yield* run(page, trackAll("a", 5))
          yield* arrived(shop, names("a", 5))
          yield* run(page, `${set(-1)}; ${trackAll("b", 5)}`)
          yield* arrived(shop, [...names("a", 5), ...names("b", 5)])
          yield* run(page, `${set(2)}; ${trackAll("c", 5)}`)
          yield* arrived(shop, ["a", "b", "c"].flatMap((prefix) => names(prefix, 5)))
        })
      ))

    it.scoped("goes on when the clock is set back while the collector is away", () =>
      inWorld(({ context, open, shop }) =>
        Effect.gen(function*() {
          yield* Chromium.step("a clock to be set", () =>
            context.addInitScript("const real = Date.now; window.shift = 0; Date.now = () => real() + window.shift"))
          const page = yield* open
          shop.setLine("cut")
          const failed = Chromium.step("the failure", () =>
            page.evaluate(async () =>
              (await window.telemetry!.status()).submission.lastError
            ))
          yield* run(page, trackAll("a", 5))
          expect(
            yield* Chromium.until(failed, (error) =>
              error !== null)
          ).not.toBeNull()
          yield* run(page, `window.shift = -86_400_000; ${track("b-0")}`)
          yield* run(page, "telemetry.flush()")
          shop.setLine("open")
          yield* arrived(shop, [...names("a", 5), "b-0"])
        })
      ))
  }
)
