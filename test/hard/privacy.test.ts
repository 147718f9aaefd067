import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import type * as Consent from "../../src/domain/Consent.js"
import { layer } from "../../src/node/TelemetryNode.js"
import { Telemetry } from "../../src/Telemetry.js"
import { type Secret, secrets } from "../collection/secrets.js"
import { granted, temporary } from "../node/support.js"
import * as Children from "./e2e/Children.js"

/** Everything in a directory, as one run of bytes: the database, its log, and what else there is. */
const bytesOf = (directory: string): string =>
  fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), "latin1")).join("\n")

const marker = (n: number) => `zqmarker${n}q`

/** A hundred: those of every kind, and addresses up to that number. */
const tracked: ReadonlyArray<Secret> = [
  ...secrets,
  ...Array.from({ length: 100 - secrets.length }, (_, n) => ({
    kind: "an e-mail address",
    token: "[email]",
    secret: `person.${n}@firm-${n}.example.org`
  }))
]

/** What to look for: two or three letters alone turn up by chance in a checksum, so those are looked for with what stood around them. */
const needle = ({ secret, text = secret }: Secret): string => {
  const at = text.indexOf(secret)
  const around = secret.length < 6 ? 3 : 0
  return Buffer.from(text.slice(Math.max(0, at - around), at + secret.length + around)).toString("latin1")
}

/** Which of the secrets are in these bytes, in whatever file and place. */
const foundIn = (bytes: string): ReadonlyArray<string> =>
  tracked.filter((one) => bytes.includes(needle(one))).map(({ kind }) => kind)

const here = (dataDir: string) => layer({ app: { name: "ax", version: "1" }, dataDir, worker: false, automatic: false })

const trackAll = Effect.gen(function*() {
  const telemetry = yield* Telemetry
  yield* telemetry.enable({ level: "full" })
  for (const [n, { secret, text = secret }] of [...tracked, ...tracked].entries()) {
    const noted = `${marker(n)} ${text}`
    yield* telemetry.trackError("TypeError", noted, noted, { [text]: text, list: [{ note: text }] })
    yield* telemetry.trackQuery("text", text, 1, 2, false)
    yield* telemetry.trackCommand("run", ["--out", text], 1, 0)
  }
  yield* telemetry.flush
  return telemetry
})

/** Tracks every secret in a process that is killed at its `nth` write, and gives back what it leaves. */
const killed = (directory: string, nth: number) =>
  Effect.promise(async () => {
    const given = path.join(directory, "secrets.json")
    fs.writeFileSync(given, JSON.stringify(tracked.map(({ secret, text = secret }) => text)))
    const dataDir = path.join(directory, "data")
    const child = Children.start("strace", [
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-e",
      "trace=pwrite64",
      "-e",
      `inject=pwrite64:signal=SIGKILL:when=${nth}`,
      process.execPath,
      path.join(Children.programs, "secrets.mjs")
    ], { DATA_DIR: dataDir, SECRETS: given })
    const { code, signal } = await child.ended
    expect(signal ?? code, child.err()).toBe("SIGKILL")
    return dataDir
  })

/** The trace is Linux's; `.ci/run` installs it. */
const isTraceable = process.platform === "linux"

describe("what is on disk", () => {
  it.scoped("holds none of a hundred tracked secrets, and after clearing none of the markers", () =>
    Effect.gen(function*() {
      const dataDir = yield* temporary
      yield* Effect.gen(function*() {
        const telemetry = yield* trackAll
        const before = bytesOf(dataDir)
        expect(before.includes(marker(7))).toBe(true)
        expect(foundIn(before)).toEqual([])
        const { events } = yield* telemetry.clear
        expect(events).toBe(tracked.length * 6)
        expect(bytesOf(dataDir).includes("zqmarker")).toBe(false)
      }).pipe(Effect.provide(here(dataDir)))
      expect(bytesOf(dataDir).includes("zqmarker")).toBe(false)
    }))
})

describe.skipIf(!isTraceable)("the directory of a process that was killed as it wrote", () => {
  it.scoped.each([150, 400, 1000, 2000])(
    "holds none of the secrets, before it is opened again and after, and no marker once cleared: write %i",
    (nth) =>
      Effect.gen(function*() {
        const dataDir = yield* killed(yield* temporary, nth)
        expect(fs.readdirSync(dataDir)).toContain("telemetry.db-wal")
        const dump = path.join(yield* temporary, "dump")
        fs.cpSync(dataDir, dump, { recursive: true })
        expect(bytesOf(dump).includes("zqmarker")).toBe(true)
        expect(foundIn(bytesOf(dump))).toEqual([])
        yield* Effect.gen(function*() {
          const telemetry = yield* Telemetry
          const exported = yield* Stream.runCollect(telemetry.export({}))
          expect(Chunk.size(exported)).toBeGreaterThan(0)
          expect(foundIn(JSON.stringify(Chunk.toReadonlyArray(exported)))).toEqual([])
          expect(foundIn(bytesOf(dump))).toEqual([])
          yield* telemetry.clear
          expect(bytesOf(dump).includes("zqmarker")).toBe(false)
        }).pipe(Effect.provide(here(dump)))
        expect(bytesOf(dump).includes("zqmarker")).toBe(false)
      })
  )
})

interface Way {
  readonly reason: Consent.Reason
  readonly how: string
  readonly variables?: Readonly<Record<string, string>>
  /** The consent record; by default nobody was asked. */
  readonly consent?: string
  /** The project file in the directory the program is started in. */
  readonly project?: string
  readonly program?: "off.mjs" | "unnoticed.mjs" | "looking.mjs"
  /** System calls that are made to fail. */
  readonly inject?: string
}

interface Traced {
  readonly reason: string
  readonly calls: ReadonlyArray<string>
}

/** Runs the program under a trace of what it does with files and the network. */
const trace = (directory: string, { inject, program = "off.mjs", variables = {} }: Way) =>
  Effect.promise(async (): Promise<Traced> => {
    const log = path.join(directory, "trace")
    const child = Children.start(
      "strace",
      [
        "-f",
        "-qq",
        "-e",
        "trace=network,openat,open,creat,mkdir,mkdirat,rename,unlink,stat,lstat,statx,newfstatat,access,faccessat2",
        ...(inject === undefined ? [] : ["-e", `inject=${inject}`]),
        "-o",
        log,
        process.execPath,
        path.join(Children.programs, program)
      ],
      { ...variables, TELEMETRY_DATA_DIR: path.join(directory, "data") },
      { cwd: path.join(directory, "project") }
    )
    const { code } = await child.ended
    expect(code, child.err()).toBe(0)
    return { reason: child.out().trim(), calls: fs.readFileSync(log, "utf8").split("\n") }
  })

const isOfNetwork = (call: string): boolean =>
  /\b(?:connect|sendto|sendmsg|bind|listen|getpeername)\(/.test(call) || /\bsocket\(AF_INET/.test(call)

const written = (call: string): boolean =>
  /\b(?:mkdir|mkdirat|creat|rename|unlink)\(|O_(?:WRONLY|RDWR|CREAT)/.test(call)

const record = (given: Partial<Consent.ConsentRecord>): string => JSON.stringify({ ...granted(5), ...given })

/** A person who has said yes to everything: only what switches it off stands in the way. */
const everything = record({
  epochs: granted(5).epochs.map((epoch) => ({
    ...epoch,
    level: "full",
    remote: true,
    origin: "https://telemetry.example.com"
  })),
  installationId: "0197f3c2-0000-4000-8000-000000000002",
  hashKey: "0197f3c2"
})

const withdrawn = record({ state: "withdrawn", epochs: [], optedOutAt: 5 })

const ways: ReadonlyArray<Way> = [
  { reason: "not-asked", how: "nobody was asked" },
  { reason: "not-asked", how: "nobody was asked, looked at again and again", program: "looking.mjs" },
  {
    reason: "opted-out",
    how: "disable, looked at again and again",
    program: "looking.mjs",
    consent: withdrawn
  },
  { reason: "do-not-track", how: "DO_NOT_TRACK", variables: { DO_NOT_TRACK: "1" }, consent: everything },
  { reason: "disabled-by-env", how: "TELEMETRY_DISABLED", variables: { TELEMETRY_DISABLED: "1" }, consent: everything },
  { reason: "ci", how: "CI", variables: { CI: "true" }, consent: everything },
  { reason: "opted-out", how: "disable", consent: withdrawn },
  { reason: "unreadable", how: "a damaged record", consent: "{" },
  { reason: "unreadable", how: "a record of values nobody knows", consent: record({}).replace("basic", "most") },
  {
    reason: "unreadable",
    how: "a record that cannot be written",
    consent: everything,
    inject: "access,faccessat,faccessat2:error=EROFS"
  },
  { reason: "project", how: "a project file", consent: everything, project: "{\"enabled\":false}" },
  { reason: "project", how: "a damaged project file", consent: everything, project: "{\"enabled\":" },
  {
    reason: "notice-failed",
    how: "a notice that could not be shown",
    consent: everything,
    program: "unnoticed.mjs",
    variables: { NOTICE_FAILED: "1" }
  },
  {
    reason: "policy-changed",
    how: "a policy newer than the consent",
    consent: everything,
    program: "unnoticed.mjs",
    variables: { POLICY_VERSION: "2" }
  }
]

describe.skipIf(!isTraceable)("a program with telemetry off", () => {
  it.scoped.each(ways)(
    "touches no network and no file but the record: $reason, by $how",
    (way) =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const data = path.join(directory, "data")
        const project = path.join(directory, "project")
        fs.mkdirSync(project)
        if (way.project !== undefined) fs.writeFileSync(path.join(project, ".effect-telemetry.json"), way.project)
        if (way.consent !== undefined) {
          fs.mkdirSync(data, { mode: 0o700 })
          fs.writeFileSync(path.join(data, "consent.json"), way.consent, { mode: 0o600 })
        }
        const before = fs.existsSync(data) ? bytesOf(data) : null
        const traced = yield* trace(directory, way)
        expect(traced.reason).toBe(way.reason)
        expect(traced.calls.filter(isOfNetwork)).toEqual([])
        // The trace is one of the program: it shows how the package is loaded.
        expect(traced.calls.filter((call) => /\bopen(?:at)?\(.*\/dist\/.*\.js"/.test(call))).not.toEqual([])
        const ours = traced.calls.filter((call) => call.includes(data) || call.includes(project))
        expect(ours.filter(written)).toEqual([])
        // Is there a store of before? `status` shows what is in it; it was not opened here.
        const others = ours.filter((call) => !/\baccess\(.*\/telemetry\.db", F_OK\)/.test(call))
        const looks = ours.filter((call) => call.includes("consent.json")).length
        if (way.program === "looking.mjs") expect(looks).toBeGreaterThan(10)
        const names = new Set(others.flatMap((call) => /"[^"]*\/data\/?([^"]*)"/.exec(call)?.[1] ?? []))
        for (const name of names) expect(["", "consent.json", "settings.json"]).toContain(name)
        expect(traced.calls.filter((call) => call.includes("better_sqlite3"))).toEqual([])
        expect(fs.existsSync(data) ? bytesOf(data) : null).toBe(before)
      })
  )
})
