import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import { chromium } from "playwright-core"
import { Rollups } from "../../../src/collector/index.js"
import { type Client, event, start, tempDir, uuid4 } from "../../collector/support.js"

const paths = [
  "/",
  "/events",
  "/usage",
  "/performance",
  "/errors",
  "/errors?group=f1",
  "/audience",
  "/funnel?s1=feature_used&s2=command_executed",
  "/ingest",
  "/docs"
]

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

const hostile = ["<img src=x onerror=alert(1)>", "</table><script>alert(1)</script>", "x".repeat(120), "=1+1"]

const events = (day: number) =>
  Array.from({ length: 12 + day % 7 * 3 }, (_, i) => {
    const timestamp = Date.now() - day * 86_400_000 - i * 60_000
    const common = { timestamp, sessionId: uuid4(), app: { name: "ax", version: day > 14 ? "1.0.0" : "1.1.0" } }
    const name = hostile[i % 9] ?? ["export", "search", "rename", "preview", "share"][i % 5]
    return i % 4 === 0
      ? event({
        ...common,
        eventType: "command_executed",
        eventData: { command: name, duration: 20 + i * 7, success: i !== 8 }
      })
      : i % 11 === 10
      ? event({
        ...common,
        eventType: "error_occurred",
        eventData: {
          errorType: "TimeoutError",
          severity: "critical",
          category: "network",
          fingerprint: "f1",
          recoverable: true
        }
      })
      : event({ ...common, eventData: { featureName: name, enabled: true } })
  })

const fill = (client: Client) =>
  Effect.zipRight(
    Effect.forEach(Array.from({ length: 40 }, (_, day) => day), (day) => client.post(events(day))),
    client.use(Effect.flatMap(Rollups.Rollups, (rollups) => rollups.fold))
  )

/** A folder for pictures, when they are to be looked at. */
const shots = process.env["DASHBOARD_SHOTS"]

const browser = Effect.acquireRelease(
  Effect.promise(() =>
    chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync"
      ]
    })
  ),
  (browser) => Effect.promise(() => browser.close())
)

describe("The dashboard in Chromium", () => {
  it.scopedLive(
    "is signed in to by keyboard; every page, at three widths, light and dark, has no axe finding, loads nothing from elsewhere and fits",
    () =>
      Effect.gen(function*() {
        const dir = yield* tempDir
        const client = yield* start(`sqlite:${dir}/collector.db`)
        yield* fill(client)
        const chrome = yield* browser
        const problems: Array<string> = []
        yield* Effect.promise(async () => {
          for (const colorScheme of ["light", "dark"] as const) {
            const context = await chrome.newContext({ colorScheme, bypassCSP: false })
            const page = await context.newPage()
            page.on("console", (message) => problems.push(`console: ${message.text()}`))
            page.on("pageerror", (error) => problems.push(`error: ${error.message}`))
            page.on("dialog", (dialog) => problems.push(`dialog: ${dialog.message()}`))
            page.on("request", (request) => {
              if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) problems.push(`elsewhere: ${request.url()}`)
            })
            await page.goto(client.url)
            await page.keyboard.press("Tab")
            if (await page.evaluate(() => document.activeElement?.textContent) !== "To the content") {
              problems.push("the first stop of the keyboard is not the link to the content")
            }
            await page.focus("#key")
            await page.keyboard.type(client.keys.read)
            await Promise.all([page.waitForURL(`${client.url}/`), page.keyboard.press("Enter")])
            await page.waitForSelector("text=Sign out")
            for (const width of [390, 820, 1440]) {
              await page.setViewportSize({ width, height: 900 })
              for (const path of paths) {
                await page.goto(client.url + path)
                const at = `${path} ${width} ${colorScheme}`
                const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
                if (over > 0) problems.push(`${at}: ${over} px too wide`)
                if (await page.evaluate(() => document.querySelectorAll("script,img,iframe").length) > 0) {
                  problems.push(`${at}: an element that is not ours`)
                }
                // By the debugger: the page's own policy allows no script of a test.
                await page.evaluate(Fs.readFileSync(axeFile, "utf8"))
                const found = await page.evaluate(async () => {
                  // oxlint-disable-next-line typescript/no-explicit-any
                  const { violations } = await (window as any).axe.run()
                  return violations.filter(({ impact }: { readonly impact: string }) =>
                    impact === "serious" || impact === "critical"
                  ).map((one: { readonly id: string; readonly nodes: ReadonlyArray<{ readonly html: string }> }) =>
                    `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`
                  )
                })
                for (const one of found) problems.push(`${at}: ${one}`)
                if (shots !== undefined) {
                  await page.screenshot({
                    path: `${shots}/${path.replace(/\W+/g, "_")}-${width}-${colorScheme}.png`,
                    fullPage: true
                  })
                }
              }
            }
            await context.close()
          }
        })
        expect([...new Set(problems)]).toEqual([])
      }),
    180_000
  )
})
