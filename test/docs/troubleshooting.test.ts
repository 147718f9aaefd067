/** What the guide quotes is what the program says: every row of its tables is held against the words themselves. */
import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import * as StatusView from "../../src/cli/commands/statusView.js"
import * as StatusNode from "../../src/cli/StatusNode.js"
import * as Overrides from "../../src/consent/Overrides.js"
import * as Consent from "../../src/domain/Consent.js"
import * as Destination from "../../src/domain/Destination.js"
import type { DropReason } from "../../src/domain/Ledger.js"
import * as ConsentFile from "../../src/node/ConsentFile.js"
import { explain } from "../../src/node/FileFailure.js"
import * as NodeHttpFailure from "../../src/node/NodeHttpFailure.js"
import * as Failures from "../../src/persistence/Sql/Failures.js"
import { noStats } from "../../src/persistence/SubmissionQueue.js"
import { notConsented } from "../../src/scheduling/Settling.js"
import * as Status from "../../src/Status.js"
import * as Answer from "../../src/submission/Answer.js"
import * as Endpoint from "../../src/submission/Endpoint.js"
import { make } from "../cli/world.js"
import { at, temporary } from "../node/support.js"
import { root } from "./Markdown.js"

const guide = fs.readFileSync(path.join(root, "docs/troubleshooting.md"), "utf8")

/** The cells of the table that begins with this header. */
const rowsOf = (header: string): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = guide.split("\n")
  const from = lines.findIndex((line) => line.startsWith(`| ${header} |`))
  expect(from, header).toBeGreaterThan(0)
  const rest = lines.slice(from + 2)
  return rest.slice(0, rest.findIndex((line) => !line.startsWith("|")))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
}

const quoted = (cell: string): string => /`([^`]+)`/.exec(cell)?.[1]?.replace(/ …$/, "") ?? cell

const reasons: Readonly<Record<Exclude<Consent.Reason, "consented">, true>> = {
  "not-asked": true,
  "opted-out": true,
  "do-not-track": true,
  "disabled-by-env": true,
  ci: true,
  unreadable: true,
  "policy-changed": true,
  project: true,
  "notice-failed": true,
  "not-loaded": true
}

const drops: Readonly<Record<DropReason, true>> = {
  overflow: true,
  invalid: true,
  oversize: true,
  store: true,
  consent: true,
  closed: true,
  expired: true,
  cleared: true,
  level: true,
  purged: true
}

const nobodyAsked = Consent.resolve({
  record: null,
  overrides: Overrides.none,
  policyVersion: 1,
  configuredMaxLevel: null
})

const statusOf = (stored: Partial<Status.Stored> = {}): Status.Status =>
  Status.make({
    effective: nobodyAsked,
    endpoint: null,
    dataDir: null,
    queueLimit: 10_000,
    stored: { ...Status.nothingStored, ...stored },
    uncommitted: {},
    warnings: []
  })

const shell = { interactive: false, progress: false, style: { color: false, columns: null }, lines: Stream.empty }

const shown = (status: Status.Status): string => StatusView.human(status, "ax")(shell)

describe("what the guide quotes is what the program says", () => {
  it("of every reason to be off", () => {
    const rows = rowsOf("`status` says off, because")
    expect(rows.map(([, reason]) => quoted(reason!)).sort()).toEqual(Object.keys(reasons).sort())
    for (const [text, reason] of rows) {
      const known = Object.keys(reasons).find((one): one is Exclude<Consent.Reason, "consented"> =>
        one === quoted(reason!)
      )
      const [said] = StatusView.why(known!, "ax").split(";")
      expect(text!.replaceAll("`", "")).toBe(said)
    }
  })

  it("of every reason to drop an event", () => {
    expect(rowsOf("dropped").map(([reason]) => quoted(reason!)).sort()).toEqual(Object.keys(drops).sort())
  })

  it.effect("of what keeps events from arriving", () =>
    Effect.gen(function*() {
      const world = yield* make
      const refused = Answer.classify(
        {
          status: 401,
          header: () => null,
          truncated: false,
          text: "{\"error\":{\"code\":\"unauthorized\",\"message\":\"no\"}}"
        },
        { ids: [], now: 0, secret: null }
      )
      const said: Readonly<Record<string, string>> = {
        "No endpoint is known to send to": (yield* world.run("enable", "--remote")).err,
        "cannot reach": NodeHttpFailure.fromError({ code: "ECONNREFUSED" }, "https://t.example.com", false).message,
        "the endpoint answered 401 unauthorized: it does not know the API key": "message" in refused
          ? String(refused.message)
          : "",
        "endpoint not consented to": notConsented,
        "the endpoint is plain http": Either.match(Endpoint.parse("http://example.com"), {
          onLeft: ({ message }) => message,
          onRight: () => ""
        }),
        Paused: shown({ ...statusOf(), submission: { ...statusOf().submission, paused: "x" } }),
        "Sending  off: nothing leaves this machine": shown(statusOf()).replace(/ {2,}/g, "  ")
      }
      expect(rowsOf("it says").map(([text]) => quoted(text!))).toEqual(Object.keys(said))
      for (const [text, words] of Object.entries(said)) expect(words).toContain(text)
    }))

  it.scopedLive("of the disk", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      fs.writeFileSync(path.join(directory, "consent.json"), "{{{")
      const damaged = yield* Effect.flip(ConsentFile.make(at(directory)).read)
      fs.rmSync(path.join(directory, "consent.json"))
      const store = new Sqlite(path.join(directory, "telemetry.db"))
      store.pragma("user_version = 999")
      store.close()
      const { warnings } = yield* StatusNode.read({ app: { name: "ax", version: "1" }, dataDir: directory })
      const ofCode = (code: string) => Failures.toStoreError({ code }).message
      const waiting = { pending: 8000, retrying: 0, leased: 0, dead: 0, total: 8000, oldestQueuedAt: null }
      const nearlyFull = statusOf({
        destinations: [{ id: "default", counts: waiting, state: Destination.initial, stats: noStats }]
      })
      const said: Readonly<Record<string, string>> = {
        "the disk is full": ofCode("SQLITE_FULL"),
        "The store was damaged and set aside as": statusOf({ damaged: ["x"] }).warnings.join(),
        "the store was written by a newer version of the library": warnings.join(),
        "the store cannot be written": ofCode("SQLITE_READONLY"),
        "consent.json cannot be used": explain("consent.json", { code: "EROFS" }),
        "consent.json is damaged": damaged.message,
        "another process holds the store": ofCode("SQLITE_BUSY"),
        "the native SQLite cannot be loaded":
          Failures.toStoreError(Failures.unloadable({ code: "ERR_DLOPEN_FAILED" })).message,
        "The queue holds 8000 of at most 10000 events": nearlyFull.warnings.join()
      }
      expect(rowsOf("`status` warns").map(([text]) => quoted(text!))).toEqual(Object.keys(said))
      for (const [text, words] of Object.entries(said)) expect(words).toContain(text)
    }))
})
