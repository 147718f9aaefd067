import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { browser, open, site, until } from "./support.js"

const track = (name: string) =>
  `telemetry.track("feature_used", { featureName: ${JSON.stringify(name)}, enabled: true })`

const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}-${i}`).sort()

const setUp = Effect.gen(function*() {
  const chromium = yield* browser
  const shop = yield* site
  const context = yield* Effect.promise(() => chromium.newContext())
  return { shop, context }
})

describe("a page in Chromium, under a strict CSP", () => {
  it.scopedLive("sends what it tracks, without cookies, long tasks or a word in the console", () =>
    Effect.gen(function*() {
      const { context, shop } = yield* setUp
      const said: Array<string> = []
      const page = yield* open(context, shop, said)
      yield* Effect.promise(() => page.evaluate("longest = 0"))
      yield* Effect.promise(() => page.evaluate(names("a", 20).map(track).join(";")))
      expect(yield* until(shop.features, ({ length }) => length === 20)).toEqual(names("a", 20))
      expect(shop.requests.filter(({ cookies }) => cookies)).toEqual([])
      expect(said).toEqual([])
      expect(yield* Effect.promise(() => page.evaluate("longest"))).toBeLessThanOrEqual(50)
    }))

  it.scopedLive("keeps what is tracked offline and sends it when the network is back", () =>
    Effect.gen(function*() {
      const { context, shop } = yield* setUp
      const page = yield* open(context, shop)
      yield* Effect.promise(() => context.setOffline(true))
      yield* Effect.promise(() => page.evaluate([...names("a", 10).map(track), "telemetry.flush()"].join(";")))
      yield* Effect.promise(() => page.evaluate("telemetry.submitNow()"))
      expect(yield* shop.features).toEqual([])
      yield* Effect.promise(() => context.setOffline(false))
      expect(yield* until(shop.features, ({ length }) => length === 10)).toEqual(names("a", 10))
    }))

  it.scopedLive("delivers what is tracked right before the page is left, or on the next visit", () =>
    Effect.gen(function*() {
      const { context, shop } = yield* setUp
      const runs = 25
      let atOnce = 0
      for (let i = 0; i < runs; i++) {
        const page = yield* open(context, shop)
        yield* Effect.promise(() => page.evaluate(`${track(`a-${i}`)}; location.href = "about:blank"`))
        yield* Effect.promise(() => page.waitForURL("about:blank"))
        // Looked at before any other page is opened, which would take over what the beacon did not deliver.
        const found = yield* until(shop.features, (all) => all.includes(`a-${i}`)).pipe(
          Effect.timeoutOption("2 seconds")
        )
        if (found._tag === "Some") atOnce++
        yield* Effect.promise(() => page.close())
      }
      yield* open(context, shop)
      expect(yield* until(shop.features, ({ length }) => length === runs)).toEqual(names("a", runs))
      expect(atOnce).toBeGreaterThanOrEqual(runs - 1)
    }))

  it.scopedLive("loses nothing that was committed when the renderer crashes", () =>
    Effect.gen(function*() {
      const { context, shop } = yield* setUp
      shop.setAway(true)
      const page = yield* open(context, shop)
      yield* Effect.promise(() => page.evaluate(`${names("a", 30).map(track).join(";")}; telemetry.flush()`))
      const cdp = yield* Effect.promise(() => context.newCDPSession(page))
      yield* Effect.promise(() => Promise.race([page.waitForEvent("crash"), cdp.send("Page.crash")]).catch(() => {}))
      shop.setAway(false)
      yield* open(context, shop)
      expect(yield* until(shop.features, ({ length }) => length === 30)).toEqual(names("a", 30))
    }))

  it.scopedLive("lets one of five tabs submit at a time, and every event arrives once", () =>
    Effect.gen(function*() {
      const { context, shop } = yield* setUp
      const pages = yield* Effect.forEach([0, 1, 2, 3, 4], () => open(context, shop))
      yield* Effect.forEach(
        pages,
        (page, i) => Effect.promise(() => page.evaluate(names(`t${i}`, 20).map(track).join(";"))),
        { concurrency: 5 }
      )
      const all = [0, 1, 2, 3, 4].flatMap((i) => names(`t${i}`, 20)).sort()
      expect(yield* until(shop.features, ({ length }) => length === 100)).toEqual(all)
      const sent = shop.requests.filter(({ beacon }) => !beacon).sort((a, b) => a.began - b.began)
      expect(sent.filter(({ began }, i) => i > 0 && began < sent[i - 1]!.ended)).toEqual([])
    }))

  it.scopedLive("works from memory where IndexedDB is denied, without a word in the console", () =>
    Effect.gen(function*() {
      const { context, shop } = yield* setUp
      const said: Array<string> = []
      const deny =
        `Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("no", "SecurityError") } })`
      yield* Effect.promise(() => context.addInitScript(deny))
      const page = yield* open(context, shop, said)
      yield* Effect.promise(() => page.evaluate(names("a", 5).map(track).join(";")))
      expect(yield* until(shop.features, ({ length }) => length === 5)).toEqual(names("a", 5))
      expect(said).toEqual([])
    }))
})
