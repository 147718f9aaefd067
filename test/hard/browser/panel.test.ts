import { expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as esbuild from "esbuild"
import * as path from "node:path"
import type { Page } from "playwright-core"
import { accessibility } from "../Chromium.js"
import * as Chromium from "./chromium.js"
import { open, run, site, track } from "./support.js"

const named = "section[aria-label='Telemetry of this page']"

const shown = (page: Page) => Chromium.step("reading the panel", () => page.locator(named).innerText())

const shows = (page: Page, text: RegExp) =>
  Effect.map(Chromium.until(shown(page), (found) => text.test(found)), (found) => expect(found).toMatch(text))

const press = (page: Page, name: string) =>
  Chromium.step(`pressing ${name}`, () => page.getByRole("button", { name, exact: true }).press("Enter"))

const bundled = (entry: string) =>
  Effect.promise(async () => {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: import.meta.dirname,
      entryPoints: [path.join(import.meta.dirname, entry)],
      bundle: true,
      write: false,
      format: "esm",
      minify: true
    })
    return outputFiles[0]!.text
  })

layer(Chromium.layer, { excludeTestServices: true, timeout: "60 seconds" })(
  "the panel of a page in Chromium, under a strict CSP",
  (it) => {
    it.scoped("shows what waits, what was sent and what was dropped and why, and has the switches, by keyboard", () =>
      Effect.gen(function*() {
        const shop = yield* site("panelPage.ts")
        const context = yield* Chromium.newContext()
        const said: Array<string> = []
        const page = yield* open(context, shop, said)
        yield* Chromium.step("opening the panel", () => page.locator(`${named} summary`).press("Enter"))
        yield* shows(page, /off: not-asked/)
        yield* Chromium.step("choosing", async () => {
          await page.getByRole("combobox", { name: "level" }).selectOption("enhanced")
          await page.getByRole("checkbox", { name: "send" }).press("Space")
        })
        yield* press(page, "Turn on")
        yield* shows(page, /recording at level enhanced and sending/)
        yield* run(page, track("export"))
        yield* run(page, "telemetry.track('feature_used', { featureName: 7 })")
        yield* run(page, "telemetry.track('<img src=x onerror=alert(1)>', {})")
        yield* press(page, "Send now")
        yield* shows(page, /accepted\s+1/)
        yield* shows(page, /Dropped\s+(?:.*\s+)*?invalid\s+2/)
        expect(yield* shop.features).toEqual(["export"])
        expect(yield* Chromium.step("axe", () => accessibility(page))).toEqual([])
        yield* press(page, "Turn off")
        yield* shows(page, /off: opted-out/)
        expect(yield* run(page, "document.querySelectorAll('img').length")).toBe(0)
        expect(said).toEqual([])
      }))

    it.scoped("is in no page that does not ask for it", () =>
      Effect.gen(function*() {
        expect(yield* bundled("panelPage.ts")).toContain("Telemetry of this page")
        expect(yield* bundled("page.ts")).not.toContain("Telemetry of this page")
      }))
  }
)
