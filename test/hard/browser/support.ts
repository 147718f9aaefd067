import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as esbuild from "esbuild"
import * as http from "node:http"
import * as path from "node:path"
import type { BrowserContext, Page } from "playwright-core"
import { listen } from "../../../scratchpad/shop/Listen.js"
import { Keys } from "../../../src/collector/Keys.js"
import * as Collector from "../../collector/support.js"
import * as Chromium from "./chromium.js"

/** The program of a page, by path, in the files that a bundler makes of it. */
const bundle = (entry: string): Effect.Effect<ReadonlyMap<string, string>> =>
  Effect.promise(async () => {
    const built = await esbuild.build({
      absWorkingDir: import.meta.dirname,
      entryPoints: { app: path.join(import.meta.dirname, entry) },
      bundle: true,
      splitting: true,
      write: false,
      outdir: "/",
      format: "esm",
      target: "es2022",
      minify: true
    })
    return new Map(built.outputFiles.map((file) => [file.path, file.text]))
  })

/** What is between page and collector: nothing, a cut, or a collector whose answers do not arrive. */
export type Line = "open" | "cut" | "deaf"

export interface Request {
  readonly began: number
  ended: number
  readonly cookies: boolean
  readonly beacon: boolean
  /** The address of the page it came from. */
  readonly origin: string | undefined
}

export interface Site {
  readonly url: string
  /** Where the collector is: another origin than the page's. */
  readonly collector: string
  /** Every request with events that reached the collector. */
  readonly requests: Array<Request>
  readonly setLine: (line: Line) => void
  /** Data of the events of a type that the collector has. */
  readonly events: (type: string) => Effect.Effect<ReadonlyArray<{ readonly [field: string]: unknown }>>
  /** Names that `feature_used` events at the collector have. */
  readonly features: Effect.Effect<ReadonlyArray<string>>
}

/** Passes requests on to the collector, as the line allows. */
const forwarding = (to: string, requests: Array<Request>, line: () => Line): http.RequestListener => {
  const { hostname, port } = new URL(to)
  return (request, response) => {
    if (line() === "cut") return void request.socket.destroy()
    const { headers, method = "GET", url: path = "/" } = request
    const log: Request = {
      began: performance.now(),
      ended: Infinity,
      cookies: headers.cookie !== undefined,
      beacon: headers["content-type"]?.startsWith("text/plain") === true,
      origin: headers.origin
    }
    const onward = http.request({ hostname, port, path, method, headers }, (answer) => {
      log.ended = performance.now()
      // Known as arrived only when the collector has stored it.
      if (method === "POST") requests.push(log)
      if (method === "POST" && line() === "deaf") return void answer.resume()
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.on("error", () => response.destroy())
    request.pipe(onward)
  }
}

const policy = (collector: string): string => `default-src 'none'; script-src 'self'; connect-src ${collector}`

/**
 * A site of strict CSP, and the real collector at an origin of its own, reached with a key that names the site. `/elsewhere`
 * is a page without telemetry.
 */
export const site = (entry = "page.ts"): Effect.Effect<Site, never, Scope.Scope> =>
  Effect.gen(function*() {
    const collector = yield* Collector.collector()
    const scripts = yield* bundle(entry)
    const requests: Array<Request> = []
    let line: Line = "open"
    let key = ""
    const front = yield* listen(forwarding(collector.url, requests, () => line))
    const html = (): string =>
      `<!doctype html><html lang="en" data-endpoint="${front}/v1/events" data-key="${key}"><title>shop</title>` +
      "<h1>Shop</h1><button>Buy</button><script type=\"module\" src=\"/app.js\"></script></html>"
    const url = yield* listen((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://site")
      const script = scripts.get(pathname)
      const [type, body] = script !== undefined
        ? ["text/javascript", script]
        : ["text/html", pathname === "/elsewhere" ? "<!doctype html><title>elsewhere</title>" : html()]
      response.writeHead(200, {
        "content-type": type,
        "content-security-policy": policy(front),
        "set-cookie": "a=b; path=/"
      }).end(body)
    })
    const made = collector.use(Effect.flatMap(Keys, (keys) => keys.create({ role: "ingest", origins: [url] })))
    key = (yield* Effect.orDie(made)).key
    const events: Site["events"] = (type) =>
      collector.use(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql<{ readonly data: string }>`SELECT data FROM events WHERE type = ${type}`
        )
      ).pipe(Effect.orDie, Effect.map((rows) => rows.map(({ data }) => JSON.parse(data))))
    return {
      url,
      collector: front,
      requests,
      setLine: (next) => {
        line = next
      },
      events,
      features: Effect.map(events("feature_used"), (all) => all.map(({ featureName }) => String(featureName)).sort())
    }
  })

/** Opens the page and waits until telemetry runs there; whatever it says in the console is kept. */
export const open = (context: BrowserContext, site: Site, said: Array<string> = []): Effect.Effect<Page> =>
  Effect.tap(
    Chromium.newPage(context, said),
    (page) =>
      Chromium.step("opening the page", async () => {
        await page.goto(site.url)
        await page.waitForSelector("html[data-ready]", { state: "attached" })
      })
  )

/** What the page is told to do. */
export const run = (page: Page, script: string): Effect.Effect<unknown> =>
  Chromium.step(script.slice(0, 80), () => page.evaluate(script))

export const track = (name: string): string =>
  `telemetry.track("feature_used", { featureName: ${JSON.stringify(name)}, enabled: true })`

export const names = (prefix: string, n: number): ReadonlyArray<string> =>
  Array.from({ length: n }, (_, i) => `${prefix}-${i}`).sort()

export const trackAll = (prefix: string, n: number): string => names(prefix, n).map(track).join(";")
