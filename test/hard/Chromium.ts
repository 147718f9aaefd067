/** Chromium for the tests of pages, and what a page must not do. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import { type Browser, chromium, type Page } from "playwright-core"

/** Flags without which it calls its maker at every start. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

export const browser: Effect.Effect<Browser, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => chromium.launch({ executablePath: "/usr/bin/chromium", args: quiet })),
  // One that does not close is ended with this process; an unfinished goodbye says nothing of what is tested.
  (browser) => Effect.promise(() => browser.close()).pipe(Effect.interruptible, Effect.timeoutOption("20 seconds"))
)

/** Notes what a page of ours never does: words in the console, errors, dialogs, and requests to other machines. */
export const watch = (page: Page, problems: Array<string>): void => {
  page.on("console", (message) => problems.push(`console: ${message.text()}`))
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`))
  page.on("dialog", (dialog) => problems.push(`dialog: ${dialog.message()}`))
  page.on("request", (request) => {
    if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) problems.push(`elsewhere: ${request.url()}`)
  })
}

/** Pixels by which the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** What axe-core finds serious or critical, with the element. */
export const accessibility = async (page: Page): Promise<ReadonlyArray<string>> => {
  // By the debugger: the page's own policy allows no script of a test.
  await page.evaluate(Fs.readFileSync(axeFile, "utf8"))
  return page.evaluate(async () => {
    // oxlint-disable-next-line typescript/no-explicit-any
    const { violations } = await (window as any).axe.run()
    return violations.filter(({ impact }: { readonly impact: string }) => impact === "serious" || impact === "critical")
      .map((one: { readonly id: string; readonly nodes: ReadonlyArray<{ readonly html: string }> }) =>
        `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`
      )
  })
}
