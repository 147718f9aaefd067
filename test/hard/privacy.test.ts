import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { layer } from "../../src/node/TelemetryNode.js"
import { Telemetry } from "../../src/Telemetry.js"
import { secrets } from "../collection/secrets.js"
import { temporary } from "../node/support.js"

/** Everything in a directory, as one run of bytes: the database, its log, and what else there is. */
const bytesOf = (directory: string): string =>
  fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), "latin1")).join("\n")

const marker = (n: number) => `zqmarker${n}q`

const tracked = Effect.gen(function*() {
  const telemetry = yield* Telemetry
  yield* telemetry.enable({ level: "full" })
  for (const [n, { secret, text = secret }] of [...secrets, ...secrets].entries()) {
    const noted = `${marker(n)} ${text}`
    yield* telemetry.trackError("TypeError", noted, noted, { [text]: text, list: [{ note: text }] })
    yield* telemetry.trackQuery("text", text, 1, 2, false)
    yield* telemetry.trackCommand("run", ["--out", text], 1, 0)
  }
  yield* telemetry.flush
  return telemetry
})

describe("what is on disk", () => {
  it.scoped("holds none of a hundred tracked secrets, and after clearing none of the markers", () =>
    Effect.gen(function*() {
      const dataDir = yield* temporary
      yield* Effect.gen(function*() {
        const telemetry = yield* tracked
        const before = bytesOf(dataDir)
        expect(before).toContain(marker(7))
        for (const { kind, secret } of secrets) {
          expect(before.includes(Buffer.from(secret).toString("latin1")), kind).toBe(false)
        }
        const { events } = yield* telemetry.clear
        expect(events).toBe(secrets.length * 6)
        expect(bytesOf(dataDir)).not.toContain("zqmarker")
      }).pipe(Effect.provide(layer({ app: { name: "ax", version: "1" }, dataDir, worker: false, automatic: false })))
      expect(bytesOf(dataDir)).not.toContain("zqmarker")
    }))
})

const program = path.resolve(import.meta.dirname, "e2e/programs/off.mjs")

/** The trace is Linux's; `.ci/run` installs it. */
const isTraceable = process.platform === "linux"

interface Traced {
  readonly reason: string
  readonly calls: ReadonlyArray<string>
}

/** Runs the program under a trace of what it does with files and the network. */
const trace = (directory: string, variables: Readonly<Record<string, string>>): Traced => {
  const log = path.join(os.tmpdir(), `et-trace-${process.pid}`)
  const { CI: _, ...rest } = process.env
  const out = execFileSync(
    "strace",
    [
      "-f",
      "-qq",
      "-e",
      "trace=network,openat,open,creat,mkdir,mkdirat,rename,unlink,stat,lstat,statx,newfstatat",
      "-o",
      log,
      process.execPath,
      program
    ],
    { encoding: "utf8", env: { ...rest, ...variables, TELEMETRY_DATA_DIR: path.join(directory, "data") } }
  )
  const calls = fs.readFileSync(log, "utf8").split("\n")
  fs.rmSync(log)
  return { reason: out.trim(), calls }
}

const isOfNetwork = (call: string): boolean =>
  /\b(?:connect|sendto|sendmsg|bind|listen|getpeername)\(/.test(call) || /\bsocket\(AF_INET/.test(call)

const written = (call: string): boolean =>
  /\b(?:mkdir|mkdirat|creat|rename|unlink)\(|O_(?:WRONLY|RDWR|CREAT)/.test(call)

describe.skipIf(!isTraceable)("a program with telemetry off", () => {
  const withdrawn = JSON.stringify({
    version: 1,
    state: "withdrawn",
    epochs: [],
    optedOutAt: 5,
    installationId: null,
    noticeShownAt: null
  })
  const ways: ReadonlyArray<readonly [string, Readonly<Record<string, string>>, string | null]> = [
    ["not-asked", {}, null],
    ["do-not-track", { DO_NOT_TRACK: "1" }, null],
    ["disabled-by-env", { TELEMETRY_DISABLED: "1" }, null],
    ["ci", { CI: "true" }, null],
    ["opted-out", {}, withdrawn],
    ["unreadable", {}, "{"]
  ]

  it.scoped.each(ways)(
    "touches no network and no file but the record: %s",
    ([reason, variables, consent]) =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const data = path.join(directory, "data")
        if (consent !== null) {
          fs.mkdirSync(data, { mode: 0o700 })
          fs.writeFileSync(path.join(data, "consent.json"), consent, { mode: 0o600 })
        }
        const before = fs.existsSync(data) ? bytesOf(data) : null
        const traced = trace(directory, variables)
        expect(traced.reason).toBe(reason)
        expect(traced.calls.filter(isOfNetwork)).toEqual([])
        expect(traced.calls.length).toBeGreaterThan(500)
        const ours = traced.calls.filter((call) => call.includes(data))
        expect(ours.filter(written)).toEqual([])
        const names = new Set(ours.flatMap((call) => /"[^"]*\/data\/?([^"]*)"/.exec(call)?.[1] ?? []))
        for (const name of names) expect(["", "consent.json", "settings.json"]).toContain(name)
        expect(traced.calls.filter((call) => call.includes("better_sqlite3"))).toEqual([])
        expect(fs.existsSync(data) ? bytesOf(data) : null).toBe(before)
      })
  )
})
