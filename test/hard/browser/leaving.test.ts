import { afterAll, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Chromium from "./chromium.js"
import { open, run, type Site, site, track } from "./support.js"

/** Of each way to leave; `LEAVINGS=50` makes a hundred of them. */
const runs = Number(process.env["LEAVINGS"] ?? 20)
/** Several at a time, so that it does not take long; each in a context of its own, so that none takes over for another. */
const atATime = 5

/** A hundred take a minute on a quiet machine; much more on one that others keep busy. */
const limit = 900_000

const figures: Array<string> = []
let late = 0

/** An event, and in the same turn the page is left: for another one, or closed. Gives whether it arrived by that alone. */
const leave = (shop: Site, name: string, how: "navigated" | "closed") =>
  Effect.scoped(Effect.gen(function*() {
    const context = yield* Chromium.newContext()
    const page = yield* open(context, shop)
    if (how === "navigated") {
      yield* run(page, `${track(name)}; location.href = "/elsewhere"`)
      yield* Chromium.step("leaving", () => page.waitForURL("**/elsewhere"))
    } else {
      yield* run(page, track(name))
      yield* Chromium.step("closing", () => page.close())
    }
    const found = yield* Chromium.until(shop.features, (all) => all.includes(name), "10 seconds")
    const atOnce = found.includes(name)
    if (!atOnce) {
      yield* open(context, shop)
      yield* Chromium.until(shop.features, (all) => all.includes(name))
    }
    return atOnce
  }))

const count = (how: "navigated" | "closed") =>
  Effect.gen(function*() {
    const shop = yield* site()
    const all = Array.from({ length: runs }, (_, i) => `${how}-${i}`)
    const atOnce = yield* Effect.forEach(all, (name) => leave(shop, name, how), { concurrency: atATime })
    const n = atOnce.filter((one) => one).length
    figures.push(`${how} ${n} of ${runs}`)
    // Whatever did not arrive at once has by now, by the next visit; and nothing twice.
    expect(yield* shop.features).toEqual(all.toSorted())
    late += runs - n
    // One may be late, of a hundred as of fewer.
    expect(late).toBeLessThanOrEqual(1)
  })

afterAll(() => console.log(`left right after an event, delivered before any other visit: ${figures.join(", ")}`))

layer(Chromium.layer, { excludeTestServices: true, timeout: "60 seconds" })("a page that is left", (it) => {
  it.scoped("for another one delivers what was tracked in the same turn", () => count("navigated"), limit)
  it.scoped("by closing its tab delivers what was tracked right before", () => count("closed"), limit)
})
