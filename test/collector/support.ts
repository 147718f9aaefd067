import type * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import type { Limits, Options } from "../../src/collector/index.js"
import { Collector, Keys, serve, type Services } from "../../src/collector/index.js"

export const uuid7 = (time: number): string => {
  const bytes = Crypto.randomBytes(16)
  bytes.writeUIntBE(time, 0, 6)
  bytes[6] = (bytes[6]! & 15) | 0x70
  bytes[8] = (bytes[8]! & 63) | 128
  const hex = bytes.toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

export const uuid4 = (): string => Crypto.randomUUID()

export const event = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: uuid7(Date.now()),
  sessionId: uuid4(),
  eventType: "feature_used",
  eventData: { featureName: "export", enabled: true },
  timestamp: Date.now(),
  level: "basic",
  sampleRate: 1,
  app: { name: "ax", version: "1.0.0" },
  schemaVersion: 1,
  ...changes
})

export const query = (duration: number, changes: Record<string, unknown> = {}) =>
  event({
    eventType: "query_performed",
    eventData: { queryType: "symbol", query: "q", resultCount: 1, duration, cached: false },
    ...changes
  })

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  readonly text: string
}

export const tempDir: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "collector-"))),
  (dir) => Effect.sync(() => Fs.rmSync(dir, { recursive: true, force: true }))
)

export interface Client {
  readonly url: string
  readonly keys: { readonly ingest: string; readonly read: string; readonly admin: string }
  readonly request: (path: string, init?: RequestInit) => Effect.Effect<Answer>
  readonly post: (events: unknown, headers?: Record<string, string>) => Effect.Effect<Answer>
  /** The body as it stands, or compressed. */
  readonly send: (
    body: string | Uint8Array,
    options?: { readonly headers?: Record<string, string>; readonly gzip?: boolean; readonly key?: string | null }
  ) => Effect.Effect<Answer>
  readonly rollups: (params: string, key?: string) => Effect.Effect<Answer>
  readonly context: Context.Context<Services>
  readonly use: <A, E>(effect: Effect.Effect<A, E, Services | SqlClient.SqlClient>) => Effect.Effect<A, E>
}

export const start = (
  database: string,
  options: Partial<Options> & { readonly limits?: Partial<Limits.Limits> } = {}
): Effect.Effect<Client, never, Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.orDie(serve({ database, port: 0, ...options }))
    const { url } = Context.get(context, Collector)
    const service = Context.get(context, Keys.Keys)
    const make = (role: Keys.Role) => Effect.map(Effect.orDie(service.create({ role })), ({ key }) => key)
    const keys = { ingest: yield* make("ingest"), read: yield* make("read"), admin: yield* make("admin") }
    const request: Client["request"] = (path, init) =>
      Effect.promise(async () => {
        const response = await fetch(url + path, init)
        const text = await response.text()
        let body: unknown
        try {
          body = JSON.parse(text)
        } catch {
          body = undefined
        }
        return { status: response.status, headers: response.headers, body, text }
      })
    const send: Client["send"] = (body, { gzip = false, headers = {}, key = keys.ingest } = {}) =>
      request("/v1/events", {
        method: "POST",
        body: gzip ? new Uint8Array(Zlib.gzipSync(body)) : typeof body === "string" ? body : new Uint8Array(body),
        headers: {
          "content-type": "application/json",
          ...(gzip ? { "content-encoding": "gzip" } : {}),
          ...(key === null ? {} : { "x-api-key": key }),
          ...headers
        }
      })
    return {
      url,
      keys,
      request,
      send,
      post: (events, headers = {}) => send(JSON.stringify({ events }), { headers }),
      rollups: (params, key = keys.read) => request(`/v1/rollups?${params}`, { headers: { "x-api-key": key } }),
      context,
      use: (effect) => Effect.provide(effect, context)
    }
  })

/** A kind of database, and how to get an empty one; one at a time is in use. */
export interface Backend {
  readonly name: string
  readonly empty: Effect.Effect<string, never, Scope.Scope>
  readonly limits?: Partial<Limits.Limits>
  readonly shared?: boolean
}

export const sqlite: Backend = {
  name: "SQLite",
  empty: Effect.map(tempDir, (dir) => `sqlite:${Path.join(dir, "collector.db")}`)
}

type StartOptions = Partial<Options> & { readonly limits?: Partial<Limits.Limits> }

export const startOn = (backend: Backend, database: string, options: StartOptions = {}) =>
  start(database, { shared: backend.shared, ...options, limits: { ...backend.limits, ...options.limits } })

/** A collector on an empty database. */
export const collectorOn =
  (backend: Backend) => (options: StartOptions = {}): Effect.Effect<Client, never, Scope.Scope> =>
    Effect.flatMap(backend.empty, (database) => startOn(backend, database, options))

export const collector = collectorOn(sqlite)

/** What comes back for bytes written to the socket as they are; the socket is closed by the server or after `millis`. */
export const raw = (url: string, bytes: string | Uint8Array, millis = 2_000): Effect.Effect<string> =>
  Effect.async((resume) => {
    const { hostname, port } = new URL(url)
    const socket = Net.connect(Number(port), hostname)
    let text = ""
    const timer = setTimeout(() => socket.destroy(), millis)
    socket.on("data", (part) => {
      text += part.toString("latin1")
    })
    socket.on("error", () => {})
    socket.on("close", () => {
      clearTimeout(timer)
      resume(Effect.succeed(text))
    })
    socket.write(bytes)
  })
