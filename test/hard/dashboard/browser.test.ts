import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Page } from "playwright-core"
import { Alerts } from "../../../src/collector/index.js"
import { type Client, event, start, tempDir, uuid4 } from "../../collector/support.js"
import * as Chromium from "../Chromium.js"

const paths = [
  "/",
  "/events",
  "/usage",
  "/performance",
  "/errors",
  "/errors?group=f1",
  "/audience",
  "/funnel?s1=command_executed&s2=feature_used&s3=feature_used:share",
  "/ingest",
  "/alerts",
  "/events?type=command_executed",
  "/docs"
]

const hostile = ["<img src=x onerror=alert(1)>", "</table><script>alert(1)</script>", "x".repeat(120), "=1+1"]

const installations = Array.from({ length: 60 }, uuid4)

const pick = <A>(values: ReadonlyArray<A>, n: number): A => values[n % values.length]!

/** A plausible product: weekdays are busier, one release is slower, people come back. */
const events = (day: number) => {
  const version = day > 14 ? "1.0.0" : "1.1.0"
  const weekend = new Date(Date.now() - day * 86_400_000).getUTCDay() % 6 === 0
  return Array.from({ length: (weekend ? 5 : 12) + Math.round((40 - day) / 5) }, (_, s) => {
    const n = day * 31 + s * 7
    const common = {
      sessionId: uuid4(),
      level: "enhanced",
      installationId: pick(installations, n + (n % 3) * day),
      app: { name: s % 6 === 5 ? "shop" : "ax", version }
    }
    const at = (i: number) => ({
      ...common,
      timestamp: Date.now() - day * 86_400_000 - s * 1_200_000 - (20 - i) * 1_000
    })
    const slow = version === "1.1.0" ? 1.4 : 1
    const of = (i: number, eventType: string, eventData: object) => event({ ...at(i), eventType, eventData })
    const talks = n % 5 === 0
    return [
      of(0, "environment", {
        os: pick(["linux", "darwin", "win32"], n),
        arch: pick(["x64", "arm64"], n >> 1),
        runtime: "node",
        runtimeVersion: pick(["20.20.2", "22.9.0"], n),
        cpuCount: 8,
        memoryClass: "8-16 GB",
        ci: false
      }),
      of(1, "command_executed", {
        command: pick(["build", "search", "index", ...hostile], n),
        args: ["--fast"],
        duration: (20 + n % 97 * 7) * slow,
        exitCode: n % 13 === 0 ? 1 : 0
      }),
      of(2, "feature_used", {
        featureName: pick(["export", "search", "rename", "preview", "share", ...hostile], n),
        enabled: true
      }),
      ...(s % 2 === 0 ? [of(3, "feature_used", { featureName: "share", enabled: true })] : []),
      of(4, "web_vital", {
        metric: pick(["LCP", "CLS", "INP", "TTFB", "FCP"], n),
        value: n % 4_000,
        rating: pick(["good", "good", "needs-improvement", "poor"], n)
      }),
      of(5, "provider_call", { provider: pick(["north", "south"], n), success: n % 17 !== 0, duration: 300 + n % 900 }),
      ...(talks
        ? [
          of(6, "conversation", { conversationId: `c${n}`, phase: "started" }),
          of(7, "conversation", {
            conversationId: `c${n}`,
            phase: "ended",
            messageCount: 2 + n % 9,
            averageMessageLength: 80,
            completed: true
          }),
          of(8, "suggestion", { suggestionType: "rename", outcome: "shown" }),
          of(9, "suggestion", {
            suggestionType: "rename",
            outcome: n % 2 === 0 ? "accepted" : "dismissed",
            timeToInteract: 900 + n
          })
        ]
        : []),
      ...(n % 6 === 0
        ? [of(10, "error_occurred", {
          errorType: pick(["TimeoutError", "TypeError"], n),
          message: pick(["the provider did not answer in time", hostile[0]!], n >> 2),
          fatal: false,
          severity: pick(["ERROR", "CRITICAL"], n),
          category: "network",
          fingerprint: pick(["f1", "f2", "f3"], n),
          count: 1
        })]
        : [])
    ]
  }).flat()
}

/** An alert of a long name that fires. */
const alarm = (client: Client) =>
  Effect.gen(function*() {
    const rule = yield* Alerts.Rule.make({
      kind: "events",
      name: "more than we are used to ".repeat(4).trim(),
      app: "ax",
      above: "1",
      window: "day",
      url: "https://hooks.example/x"
    })
    yield* client.use(Alerts.Rules.add(rule, { sign: false }))
    yield* client.use(Effect.flatMap(Alerts.Alerts, ({ run }) => run))
  })

const fill = (client: Client) =>
  Effect.zipRight(
    Effect.forEach(Array.from({ length: 40 }, (_, day) => day), (day) =>
      Effect.map(client.post(events(day)), ({ body }) => expect(body.rejected).toBe(0))),
    Effect.orDie(alarm(client))
  )

/** By keyboard, from the form that is open; it leads to this address. */
const signIn = async (page: Page, client: Client, address: string) => {
  await page.focus("#key")
  await page.keyboard.type(client.keys.read)
  await Promise.all([page.waitForURL(client.url + address), page.keyboard.press("Enter")])
}

/** A folder for pictures, when they are to be looked at. */
const shots = process.env["DASHBOARD_SHOTS"]

describe("The dashboard in Chromium", () => {
  it.scopedLive(
    "is signed in to by keyboard; every page, at three widths, light and dark, has no axe finding, loads nothing from elsewhere and fits",
    () =>
      Effect.gen(function*() {
        const dir = yield* tempDir
        const client = yield* start(`sqlite:${dir}/collector.db`)
        yield* fill(client)
        const chrome = yield* Chromium.browser
        const problems: Array<string> = []
        yield* Effect.promise(async () => {
          for (const colorScheme of ["light", "dark"] as const) {
            const context = await chrome.newContext({ colorScheme, bypassCSP: false })
            const page = await context.newPage()
            Chromium.watch(page, problems)
            await page.goto(client.url)
            await page.keyboard.press("Tab")
            if (await page.evaluate(() => document.activeElement?.textContent) !== "To the content") {
              problems.push("the first stop of the keyboard is not the link to the content")
            }
            await signIn(page, client, "/")
            await page.waitForSelector("text=Sign out")
            await page.waitForSelector("text=firing")
            // Colours do not depend on the width.
            for (const width of colorScheme === "light" ? [390, 820, 1440] : [390]) {
              await page.setViewportSize({ width, height: 900 })
              for (const path of paths) {
                await page.goto(client.url + path)
                const at = `${path} ${width} ${colorScheme}`
                const over = await Chromium.overflow(page)
                if (over > 0) problems.push(`${at}: ${over} px too wide`)
                if (await page.evaluate(() => document.querySelectorAll("script,img,iframe").length) > 0) {
                  problems.push(`${at}: an element that is not ours`)
                }
                if (shots !== undefined) {
                  await page.screenshot({
                    path: `${shots}/${path.replace(/\W+/g, "_")}-${width}-${colorScheme}.png`,
                    fullPage: true
                  })
                }
                if (width === 820) continue
                for (const one of await Chromium.accessibility(page)) problems.push(`${at}: ${one}`)
              }
            }
            await context.close()
          }
        })
        expect([...new Set(problems)]).toEqual([])
      }),
    180_000
  )

  it.scopedLive(
    "is used by keyboard alone, from a link that somebody sent to a day that was chosen, and can be pointed at and printed",
    () =>
      Effect.gen(function*() {
        const dir = yield* tempDir
        const client = yield* start(`sqlite:${dir}/collector.db`)
        yield* fill(client)
        const chrome = yield* Chromium.browser
        const problems: Array<string> = []
        yield* Effect.promise(async () => {
          const page = await (await chrome.newContext()).newPage()
          Chromium.watch(page, problems)
          await page.goto(`${client.url}/events?range=90d`)
          await signIn(page, client, "/events?range=90d")

          // By a link on another site, as in a chat.
          await page.goto(`data:text/html,<a href="${client.url}/errors?range=7d">x</a>`)
          await Promise.all([page.waitForURL(`${client.url}/errors?range=7d`), page.click("a")])
          await page.waitForSelector("text=Sign out")

          await page.keyboard.press("Tab")
          await page.keyboard.press("Enter")
          expect(await page.evaluate(() => document.activeElement?.id)).toBe("main")
          await page.goto(`${client.url}/`)
          const stops: Array<string> = []
          for (let n = 0; n < 100; n++) {
            await page.keyboard.press("Tab")
            if (await page.evaluate(() => document.activeElement === document.body)) break
            const [name, outline] = await page.evaluate(() => {
              const one = document.activeElement
              if (!(one instanceof HTMLElement)) return ["", ""]
              const labels = one instanceof HTMLInputElement || one instanceof HTMLSelectElement ? one.labels : null
              const name = labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.textContent ?? ""
              // The button of a calendar is the browser's, and has a ring of its own.
              const isButton = one instanceof HTMLInputElement && one.type === "date" && !one.matches(":focus-visible")
              return [name.trim(), isButton ? "own" : getComputedStyle(one).outlineStyle]
            })
            if (name === "" || outline === "none") problems.push(`stop ${n} (${name}): ${outline}`)
            stops.push(name ?? "")
          }
          expect(stops.slice(0, 3)).toEqual(["To the content", "Sign out", "Overview"])
          expect(stops.at(-1)).toBe("the interface")
          expect(stops.indexOf("From")).toBeGreaterThan(stops.indexOf("Earlier"))
          expect(stops.indexOf("Show")).toBeGreaterThan(stops.indexOf("Compare"))

          // Typed as a person does, while a range is chosen.
          await page.goto(`${client.url}/events?range=90d`)
          const day = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10)
          const [year, month, date] = day.split("-")
          for (const name of ["from", "to"]) {
            await page.focus(`input[name=${name}]`)
            await page.keyboard.type(`${month}${date}${year}`)
          }
          await Promise.all([page.waitForURL(/from=/), page.keyboard.press("Enter")])
          expect(await page.textContent(".lead")).toContain(`${day} to ${day}, UTC`)
          await page.click("text=Later")
          expect(await page.inputValue("input[name=from]")).toBe(
            new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
          )

          await page.goto(`${client.url}/?range=90d`)
          const told = await page.evaluate(() => {
            const plot = document.querySelector(".plot")!
            plot.scrollIntoView()
            const { height, left, top, width } = plot.getBoundingClientRect()
            return document.elementFromPoint(left + width - 2, top + height / 3)?.querySelector("title")?.textContent
          })
          expect(told).toMatch(/^\d{4}-\d\d-\d\d, so far\nEvents: [\d,]+\nPeriod before: 0$/)
          await page.emulateMedia({ media: "print" })
          for (const selector of [".plot", ".tiles", "h1", ".lead"]) expect(await page.isVisible(selector)).toBe(true)
          for (const selector of [".top", "main nav", ".scope", ".exports"]) {
            expect(await page.isVisible(selector), selector).toBe(false)
          }
        })
        expect(problems).toEqual([])
      }),
    120_000
  )
})
