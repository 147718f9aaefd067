import { beforeAll, describe, expect, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { execFile } from "node:child_process"
import * as path from "node:path"
import { storeName } from "../../src/node/Directories.js"
import { temporary } from "./support.js"

const at = (relative: string) => path.join(import.meta.dirname, relative)
const program = at("../../build/test/dying.cjs")

/** Bundled once: to load every source anew for each process takes seconds. */
beforeAll(() =>
  build({
    entryPoints: [at("programs/dying.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["better-sqlite3"],
    logLevel: "warning"
  })
)

const died = (way: string, dataDir: string) =>
  Effect.async<unknown>((resume) => {
    execFile(process.execPath, [program, way, dataDir], (error, stdout, stderr) => {
      resume(Effect.succeed({ code: error?.code ?? 0, signal: error?.signal ?? null, stdout, stderr }))
    })
  })

interface Stored {
  readonly errorType: string
  readonly message: string
  readonly fatal: boolean
  readonly severity: string
  readonly context: { readonly origin: string }
}

const stored = (dataDir: string): ReadonlyArray<Stored> => {
  const database = new Database(path.join(dataDir, storeName), { readonly: true })
  const rows = database.prepare<[], { readonly data: string }>("SELECT data FROM event ORDER BY seq").all()
  database.close()
  return rows.map(({ data }) => JSON.parse(data))
}

const fatal = {
  errorType: "RangeError",
  message: "mail to [email] failed",
  fatal: true,
  severity: "CRITICAL",
  context: { origin: "uncaughtException" }
}

const table: ReadonlyArray<readonly [way: string, recorded: ReadonlyArray<unknown>]> = [
  ["throws", [fatal]],
  ["throws under the façade", [fatal]],
  ["throws no error", [{ ...fatal, errorType: "Oops", message: "no error at all" }]],
  ["rejects", [{ ...fatal, errorType: "TypeError", message: "rejected", context: { origin: "unhandledRejection" } }]],
  ["throws with a listener of its own", [{ ...fatal, fatal: false }]],
  ["throws and is killed by a listener of its own", [{ ...fatal, fatal: false }]],
  ["rejects with a listener of its own", []],
  ["ends", []],
  ["repeats an error and ends", [{ errorType: "Repeated", count: 1 }, { errorType: "Repeated", count: 2 }]]
]

describe("a program that nobody saves", () => {
  for (const [way, recorded] of table) {
    it.scopedLive(`and that ${way} prints and ends as it would without telemetry, and the error is on disk`, () =>
      Effect.gen(function*() {
        const dataDir = yield* temporary
        const [without, withTelemetry] = yield* Effect.all([died(way, ""), died(way, dataDir)], { concurrency: 2 })
        expect(withTelemetry).toEqual(without)
        const found = stored(dataDir)
        expect(found).toHaveLength(recorded.length)
        expect(found).toMatchObject(recorded)
      }))
  }
})
