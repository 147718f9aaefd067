import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core"
import { browser } from "../Chromium.js"

/** A real Chromium, one for all the tests of a file: each has contexts of its own, which share nothing. */
export class Chromium extends Context.Tag("test/Chromium")<Chromium, Browser>() {}

export const layer: Layer.Layer<Chromium> = Layer.scoped(Chromium, browser)

/**
 * Something the browser is asked to do: it says what did not end, instead of hanging, though it is asked where nothing else
 * can be interrupted, as when a scope is closed.
 */
export const step = <A>(
  what: string,
  act: () => Promise<A>,
  limit: Duration.DurationInput = "40 seconds"
): Effect.Effect<A> =>
  Effect.interruptible(Effect.promise(act)).pipe(
    Effect.timeoutFail({ duration: limit, onTimeout: () => new Error(`did not end: ${what}`) }),
    Effect.orDie
  )

export const newContext = (
  options: BrowserContextOptions = {}
): Effect.Effect<BrowserContext, never, Chromium | Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(Chromium, (browser) => step("a new context", () => browser.newContext(options))),
    (context) => Effect.ignoreLogged(Effect.sandbox(step("closing a context", () => context.close(), "10 seconds")))
  )

/** A page whose console and uncaught errors are written down. */
export const newPage = (context: BrowserContext, said: Array<string> = []): Effect.Effect<Page> =>
  step("a new page", async () => {
    const page = await context.newPage()
    page.on("console", (message) => said.push(message.text()))
    page.on("pageerror", (error) => said.push(String(error)))
    return page
  })

/** Asks again until it holds; at last it gives what there is, so that the test can show it. */
export const until = <A, R>(
  look: Effect.Effect<A, never, R>,
  holds: (found: A) => boolean,
  limit: Duration.DurationInput = "40 seconds"
): Effect.Effect<A, never, R> =>
  Effect.repeat(Effect.delay(look, 50), { until: holds }).pipe(
    Effect.timeoutOption(limit),
    Effect.flatMap((found) => found._tag === "Some" ? Effect.succeed(found.value) : look)
  )
