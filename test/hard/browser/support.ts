import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as esbuild from "esbuild"
import * as http from "node:http"
import * as path from "node:path"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import * as Collector from "../../collector/support.js"

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** A real Chromium, closed with the scope. */
export const browser: Effect.Effect<Browser, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => chromium.launch({ executablePath: "/usr/bin/chromium", args: flags })),
  (browser) => Effect.promise(() => browser.close())
)

const bundle = Effect.promise(async () => {
  const built = await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, "page.ts")],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    minify: true
  })
  return built.outputFiles[0]!.text
})

export interface Site {
  readonly url: string
  /** The page, with the ingest key. */
  readonly page: string
  /** Ids of every event the collector has, in the order of arrival. */
  readonly stored: Effect.Effect<ReadonlyArray<string>>
  /** Names that `feature_used` events at the collector have. */
  readonly features: Effect.Effect<ReadonlyArray<string>>
  /** While it is away, requests to the collector are cut. */
  readonly setAway: (away: boolean) => void
  /** Requests to the collector: which tab's header, when they began and ended. */
  readonly requests: Array<
    { readonly began: number; ended: number; readonly cookies: boolean; readonly beacon: boolean }
  >
}

const csp = "default-src 'none'; script-src 'self'; connect-src 'self'"

/** A site of strict CSP, and the real collector behind the same origin. */
export const site: Effect.Effect<Site, never, Scope.Scope> = Effect.gen(function*() {
  const collector = yield* Collector.collector()
  const script = yield* bundle
  const requests: Site["requests"] = []
  let away = false

  const forward = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    if (away) return void request.socket.destroy()
    const log = {
      began: performance.now(),
      ended: Infinity,
      cookies: request.headers.cookie !== undefined,
      beacon: request.headers["content-type"]?.startsWith("text/plain") === true
    }
    requests.push(log)
    const { hostname, port } = new URL(collector.url)
    const { method = "GET", url: path = "/" } = request
    const onward = http.request({ hostname, port, path, method, headers: request.headers }, (answer) => {
      log.ended = performance.now()
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.on("error", () => response.destroy())
    request.pipe(onward)
  }

  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site")
    if (pathname.startsWith("/v1/")) return forward(request, response)
    const type = pathname === "/app.js" ? "text/javascript" : "text/html"
    response.writeHead(200, { "content-type": type, "content-security-policy": csp, "set-cookie": "a=b; path=/" })
    response.end(pathname === "/app.js" ? script : "<!doctype html><title>shop</title><script src=/app.js></script>")
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.async<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  )
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`
  const rows = <A extends object>(select: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<A>, unknown>) =>
    Effect.orDie(collector.use(Effect.flatMap(SqlClient.SqlClient, select)))
  return {
    url,
    page: `${url}/#${collector.keys.ingest}`,
    stored: Effect.map(rows<{ id: string }>((sql) => sql`SELECT id FROM events`), (all) => all.map(({ id }) => id)),
    features: Effect.map(
      rows<{ data: string }>((sql) => sql`SELECT data FROM events WHERE type = 'feature_used'`),
      (all) => all.map(({ data }) => String(JSON.parse(data).featureName)).sort()
    ),
    setAway: (next) => {
      away = next
    },
    requests
  }
})

/** Opens the page and waits until telemetry runs there; whatever it says in the console is kept. */
export const open = (
  context: BrowserContext,
  site: Site,
  said: Array<string> = []
): Effect.Effect<Page> =>
  Effect.promise(async () => {
    const page = await context.newPage()
    page.on("console", (message) => said.push(message.text()))
    page.on("pageerror", (error) => said.push(String(error)))
    await page.goto(site.page)
    await page.waitForSelector("html[data-ready]", { state: "attached" })
    return page
  })

/** Asks again until it holds. */
export const until = <A>(look: Effect.Effect<A>, holds: (found: A) => boolean): Effect.Effect<A> =>
  Effect.repeat(Effect.delay(look, 50), { until: holds, times: 400 }).pipe(Effect.zipRight(look))
