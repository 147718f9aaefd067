import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as path from "node:path"
import type { Page } from "playwright-core"
import { layer } from "../../../src/node/TelemetryNode.js"
import { Telemetry } from "../../../src/Telemetry.js"
import { temporary } from "../../node/support.js"
import * as Chromium from "../Chromium.js"
import * as Children from "../e2e/Children.js"

const binary = path.join(import.meta.dirname, "../../../dist/bin.cjs")

/** Nobody listens there: what is sent waits to be tried again. */
const endpoint = "http://127.0.0.1:9/v1/events"

const hostile = "<img src=x onerror=alert(1)>"

const secret = "sk-proj-Zq3V7mWx2Lr8Kt5NbYc1HdEg"

/** A program of somebody who uses it for a while, in this directory. */
const used = (dataDir: string) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    yield* telemetry.enable({ level: "full", remote: true })
    for (let n = 0; n < 60; n++) {
      yield* telemetry.trackCommand(["build", "search", hostile][n % 3]!, ["--fast"], 20 + n * 3, n % 11 === 0 ? 1 : 0)
      yield* telemetry.trackFeature(["export", "rename"][n % 2]!, true)
      yield* telemetry.trackQuery("text", `for jane.${n}@firm.example`, n, 5, false)
      if (n % 9 === 0) {
        yield* telemetry.trackError("TypeError", `${hostile} with ${secret}`, "TypeError\n  at run (a.js:1)")
      }
    }
    yield* telemetry.submitNow
  }).pipe(
    Effect.provide(layer({ app: { name: "ax", version: "1" }, dataDir, endpoint, worker: false, automatic: false }))
  )

/** The panel over that directory, as a person starts it; answers the address that it prints. */
const panel = (dataDir: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = Children.start(process.execPath, [binary, "view", "--json", "--data-dir", dataDir], {
        TELEMETRY_ENDPOINT: endpoint
      })
      await child.says("listening")
      return { child, url: String(JSON.parse(child.out()).listening) }
    }),
    ({ child }) =>
      Effect.promise(async () => {
        child.process.kill("SIGINT")
        await child.ended
      })
  )

const paths = ["", "queue", "sent", "redaction?example=0", "usage", "errors", "sessions", "catalogue"]

/** A folder for pictures, when they are to be looked at. */
const shots = process.env["VIEW_SHOTS"]

const looksRight = async (page: Page, at: string, isMiddle: boolean): Promise<ReadonlyArray<string>> => {
  const over = await Chromium.overflow(page)
  const strangers = await page.evaluate(() => document.querySelectorAll("main script,img,iframe").length)
  if (shots !== undefined) await page.screenshot({ path: `${shots}/${at.replace(/\W+/g, "_")}.png`, fullPage: true })
  return [
    ...(over > 0 ? [`${over} px too wide`] : []),
    ...(strangers > 0 ? ["an element that is not ours"] : []),
    ...isMiddle ? [] : await Chromium.accessibility(page)
  ].map((problem) => `${at}: ${problem}`)
}

/** By keyboard alone, to what is named so. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press("Tab")
    if (await page.evaluate(() => document.activeElement?.textContent?.trim()) === name) return
  }
  throw new Error(`"${name}" is not reached by keyboard`)
}

describe("the local panel in Chromium", () => {
  it.scopedLive(
    "has no axe finding on any page, at three widths, light and dark; loads nothing from elsewhere, fits, and shows no markup of others",
    () =>
      Effect.gen(function*() {
        const dataDir = path.join(yield* temporary, "data")
        yield* used(dataDir)
        const { url } = yield* panel(dataDir)
        const chrome = yield* Chromium.browser
        const problems: Array<string> = []
        yield* Effect.promise(async () => {
          for (const colorScheme of ["light", "dark"] as const) {
            const context = await chrome.newContext({ colorScheme })
            const page = await context.newPage()
            Chromium.watch(page, problems)
            // Colours do not depend on the width.
            for (const width of colorScheme === "light" ? [390, 820, 1440] : [390]) {
              await page.setViewportSize({ width, height: 900 })
              await page.goto(`${url}queue`)
              const event = await page.getAttribute("main a[href^=\"event?\"]", "href")
              for (const one of [...paths, event!]) {
                await page.goto(url + one)
                const at = `${one.split("=")[0] || "overview"} ${width} ${colorScheme}`
                problems.push(...await looksRight(page, at, width === 820))
              }
            }
            await page.goto(`${url}redaction?example=0`)
            await page.click("text=Show what would be stored and sent")
            await page.waitForSelector("main >> text=[email]")
            // The words are there before the style is.
            await page.waitForLoadState("load")
            const again = await page.inputValue("#data")
            if (again.includes("\\u")) problems.push(`the form gives back what cannot be sent again: ${again}`)
            problems.push(...await looksRight(page, `redacted ${colorScheme}`, false))
            await context.close()
          }
        })
        expect([...new Set(problems)]).toEqual([])
      })
  )

  it.scopedLive("follows a program as it works, and turns it off by keyboard alone", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* temporary, "data")
      yield* used(dataDir)
      const { url } = yield* panel(dataDir)
      const page = yield* Effect.flatMap(Chromium.browser, (chrome) => Effect.promise(() => chrome.newPage()))
      const problems: Array<string> = []
      Chromium.watch(page, problems)
      yield* Effect.promise(() => page.goto(`${url}usage`))
      yield* Effect.promise(() => page.waitForSelector("body[data-connection=on]"))
      expect(yield* Effect.promise(() => page.textContent("main"))).not.toContain("just-now")
      yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.trackFeature("just-now", true)).pipe(
        Effect.provide(layer({ app: { name: "ax", version: "1" }, dataDir, endpoint, worker: false, automatic: false }))
      )
      yield* Effect.promise(() => page.waitForSelector("main >> text=just-now", { timeout: 20_000 }))
      yield* Effect.promise(async () => {
        await page.goto(url)
        await tabTo(page, "Turn everything off")
        await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")])
        expect(await page.textContent("#state-badge")).toBe("recording off")
      })
      const status = yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.status).pipe(
        Effect.provide(layer({ app: { name: "ax", version: "1" }, dataDir, endpoint, worker: false, automatic: false }))
      )
      expect(status.enabled).toBe(false)
      expect(status.reason).toBe("opted-out")
      expect(problems).toEqual([])
    }))
})
