import * as SqlClient from "@effect/sql/SqlClient"
import { expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as path from "node:path"
import type { Page } from "playwright-core"
import * as Shop from "../../../scratchpad/shop/Shop.js"
import { Rollups } from "../../../src/collector/index.js"
import { tempDir } from "../../collector/support.js"
import * as Chromium from "./chromium.js"

/** A folder for pictures, when they are to be looked at. */
const shots = process.env["SHOP_SHOTS"]

const shoot = (page: Page, name: string): Promise<unknown> =>
  shots === undefined ? Promise.resolve() : page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true })

const typed = "teapot for grandma Hildegard"

/** What a person typed, looked at or is told apart by: it must not be found anywhere. */
const secrets = [typed, "Hildegard", "?q=", "q=teapot", "48151623", "90210777", "Teapot", "bone china"]

const select = (shop: Shop.Shop, type: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ readonly data: string }>`SELECT data FROM events WHERE type = ${type}`
  ).pipe(
    Effect.provide(shop.context),
    Effect.orDie,
    Effect.map((rows) => rows.map(({ data }) => JSON.parse(data)))
  )

/** Looks around, searches, buys, meets an error and a slow button, and leaves. */
const visit = async (page: Page, url: string): Promise<void> => {
  await page.goto(url)
  await page.getByRole("heading", { name: "Everything for tea" }).waitFor()
  await page.getByTestId("consent").check()
  await page.getByText("Thank you.").waitFor()
  // What a page measures before it is asked is not kept: first paint and first byte are those of the next one.
  await page.reload()
  await page.getByRole("heading", { name: "Everything for tea" }).waitFor()
  await shoot(page, "list")
  await page.getByRole("link", { name: "Teapot, 1.2 l" }).click()
  await page.getByTestId("add").click()
  await shoot(page, "product")
  await page.getByTestId("compare").click()
  await page.getByTestId("postage").click()
  await page.getByLabel("Search").fill(typed)
  await page.getByLabel("Search").press("Enter")
  await page.getByRole("heading", { name: "0 found" }).waitFor()
  await page.getByLabel("Search").fill("cup")
  await page.getByLabel("Search").press("Enter")
  await page.getByRole("link", { name: "Cup of bone china" }).click()
  await page.getByTestId("add").click()
  await page.getByTestId("basket").click()
  await page.getByRole("heading", { name: "Basket" }).waitFor()
  await page.goto("about:blank")
}

const textOf = async (page: Page, address: string, name: string): Promise<string> => {
  await page.goto(address)
  await shoot(page, name)
  return page.locator("main").innerText()
}

layer(Chromium.layer, { excludeTestServices: true, timeout: "60 seconds" })("the shop of the example", (it) => {
  it.scoped(
    "is seen on the dashboard: vitals, errors, usage; and nothing that was typed or bought is kept",
    () =>
      Effect.gen(function*() {
        const dir = yield* tempDir
        const scope = yield* Scope.make()
        const shop = yield* Scope.extend(Shop.make(`sqlite:${path.join(dir, "collector.db")}`), scope)
        const context = yield* Chromium.newContext()
        const said: Array<string> = []
        const page = yield* Chromium.newPage(context, said)
        const early: Array<string> = []
        page.on("request", (request) => {
          if (request.url().startsWith(shop.collector.url)) early.push(request.method())
        })
        yield* Chromium.step("looking without consent", async () => {
          await page.goto(shop.url)
          await page.getByRole("link", { name: "Strainer" }).click()
          await page.getByTestId("add").click()
          await page.goto("about:blank")
        })
        expect(early).toEqual([])
        expect(
          yield* Chromium.step("storage", async () => {
            await page.goto(shop.url)
            return page.evaluate("indexedDB.databases().then(({ length }) => length + localStorage.length)")
          })
        ).toBe(0)

        yield* Chromium.step("the visit", () => visit(page, shop.url))
        const vitals = yield* Chromium.until(
          select(shop, "web_vital"),
          (all) => ["LCP", "CLS", "INP", "TTFB", "FCP"].every((name) => all.some(({ metric }) => metric === name))
        )
        expect(vitals.map(({ metric }) => metric)).toEqual(expect.arrayContaining(["LCP", "CLS", "INP", "TTFB", "FCP"]))
        const searches = yield* Chromium.until(select(shop, "catalogue_searched"), ({ length }) => length === 2)
        expect(searches.map(({ results }) => results).sort()).toEqual([0, 1])
        const views = yield* Chromium.until(select(shop, "page_viewed"), ({ length }) => length >= 5)
        expect([...new Set(views.map(({ route }) => route))].sort()).toEqual(["/", "/basket", "/products/:id"])
        expect(yield* select(shop, "error_occurred")).toMatchObject([{ errorType: "TypeError", count: 1 }])
        // The page's own error is the page's to print; of ours there is none.
        expect(said).toEqual([expect.stringContaining("TypeError")])

        yield* Effect.provide(Effect.flatMap(Rollups.Rollups, ({ fold }) => fold), shop.context)
        const team = yield* Effect.flatMap(Chromium.newContext(), Chromium.newPage)
        const { url, readKey } = shop.collector
        const shown = yield* Chromium.step("the dashboard", async () => {
          await team.goto(url)
          await team.fill("#key", readKey)
          await Promise.all([team.waitForURL(`${url}/`), team.keyboard.press("Enter")])
          await team.waitForSelector("text=Sign out")
          return {
            overview: await textOf(team, `${url}/`, "overview"),
            events: await textOf(team, `${url}/events`, "events"),
            usage: await textOf(team, `${url}/usage`, "usage"),
            speed: await textOf(team, `${url}/performance`, "speed"),
            errors: await textOf(team, `${url}/errors`, "errors")
          }
        })
        expect(shown.errors).toMatch(/TypeError/)
        for (const metric of ["LCP", "CLS", "INP", "TTFB", "FCP"]) expect(shown.speed).toContain(metric)
        expect(shown.usage).toMatch(/basket/)
        expect(shown.usage).toMatch(/postage/)
        expect(shown.events).toMatch(/page_viewed/)

        yield* Scope.close(scope, Exit.void)
        const kept = fs.readdirSync(dir).map((name) => fs.readFileSync(path.join(dir, name)))
        expect(kept.some((bytes) => bytes.includes("page_viewed"))).toBe(true)
        expect(secrets.filter((secret) => kept.some((bytes) => bytes.includes(secret)))).toEqual([])
      }),
    240_000
  )
})
