import type * as SqlClient from "@effect/sql/SqlClient"
import * as Sql from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { build } from "esbuild"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Path from "node:path"
import { type Browser, chromium } from "playwright-core"
import type { Client } from "../../collector/support.js"

/** A browser that talks to nobody but the pages of the test. */
export const browser: Effect.Effect<Browser, never, Scope.Scope> = Effect.acquireRelease(
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

export const bundle = (file: string): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() =>
      build({
        entryPoints: [Path.join(import.meta.dirname, file)],
        bundle: true,
        minify: true,
        write: false,
        format: "iife",
        logLevel: "warning"
      })
    ),
    ({ outputFiles }) => outputFiles[0]?.text ?? ""
  )

type Page = readonly [type: string, text: string]

/** A site of its own origin; `page` of the path. */
export const site = (
  page: (path: string) => Page,
  connect: string
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<Http.Server>((resume) => {
        const server = Http.createServer((request, response) => {
          const [type, text] = page(new URL(request.url ?? "/", "http://localhost").pathname)
          response.writeHead(200, {
            "content-type": type,
            "content-security-policy":
              `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${connect}`
          }).end(text)
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.async<void>((resume) => {
          server.closeAllConnections()
          server.close(() => resume(Effect.void))
        })
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  )

export interface Row {
  readonly type: string
  readonly data: string
}

export const stored = (client: Client): Effect.Effect<ReadonlyArray<Row>> =>
  Effect.orDie(client.use(Effect.flatMap(
    Sql.SqlClient,
    (sql: SqlClient.SqlClient) => sql<Row>`SELECT type, data FROM events ORDER BY time`
  )))

/** Asks again until it holds; the test's own time is the limit. */
export const until = <A>(ask: Effect.Effect<A>, holds: (value: A) => boolean): Effect.Effect<A> =>
  Effect.repeat(Effect.tap(ask, () => Effect.sleep("25 millis")), { until: holds })
