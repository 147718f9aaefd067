import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { codeOfSignal } from "../../src/cli/Run.js"
import { make, type Ran } from "./world.js"

const document = (ran: Ran): Record<string, unknown> => {
  expect(ran.out.split("\n")).toHaveLength(1)
  return JSON.parse(ran.out)
}

const track = ["track", "feature_used", "--data", "{\"featureName\":\"x\",\"enabled\":true}", "--json"] as const

describe("status", () => {
  it.effect("gives every key of the contract, before anything was asked", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run("status", "--json")
      expect(ran.code).toBe(0)
      const status = document(ran)
      expect(Object.keys(status)).toEqual(expect.arrayContaining([
        "enabled",
        "reason",
        "level",
        "remote",
        "endpoint",
        "optedOutAt",
        "installationId",
        "dataDir",
        "store",
        "queue",
        "submission",
        "dropped"
      ]))
      expect(status).toMatchObject({ enabled: false, reason: "not-asked", optedOutAt: null })
      expect(Object.keys(Object(status["queue"]))).toEqual(
        ["pending", "retrying", "leased", "dead", "total", "oldestQueuedAt"]
      )
    }))

  it.effect("is a document even where the telemetry cannot be opened", () =>
    Effect.gen(function*() {
      const world = yield* make
      world.broken = "settings.json is damaged: delete it."
      const ran = yield* world.run("status", "--json", "--data-dir", "/d")
      expect(ran.code).toBe(0)
      expect(document(ran)).toMatchObject({ enabled: false, reason: "unreadable", dataDir: "/d" })
      expect(ran.err).toContain("settings.json is damaged")
      const other = yield* world.run("submit", "--json")
      expect([other.code, other.out, other.err]).toEqual([1, "", "settings.json is damaged: delete it."])
    }))

  it.effect("is a document, and every other command one line, even after a defect", () =>
    Effect.gen(function*() {
      const world = yield* make
      world.defect = "a bug\n    at somewhere"
      const ran = yield* world.run("status", "--json")
      expect(document(ran)).toMatchObject({ enabled: false, reason: "unreadable" })
      const other = yield* world.run("queue", "--json")
      expect([other.code, other.err]).toEqual([1, "Something unexpected happened: a bug"])
    }))

  it.effect("tells a person why and what to do", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run("status")
      expect(ran.out).toContain("off (nobody was asked yet; \"effect-telemetry enable\" turns it on)")
      expect(ran.out).not.toContain("\u001b")
    }))
})

describe("usage", () => {
  it.effect("refuses an unknown command, option or argument with 2 and nothing on standard output", () =>
    Effect.gen(function*() {
      const world = yield* make
      for (
        const argv of [
          ["statsu"],
          ["status", "--nope"],
          ["status", "extra"],
          ["queue", "why"],
          ["queue", "requeue", "x"],
          ["debug", "preview"],
          ["submit", "extra"],
          ["queue", "lst"],
          ["stats", "--by", "year"],
          ["stats", "--from", "yesterday"],
          ["stats", "--from", "2026-11-20", "--to", "2026-11-20"],
          ["stats", "--json", "--format", "chart"],
          ["stats", "--usage", "--compare"],
          ["stats", "--type", "submission", "--dimension"],
          ["track", "x", "--count", "many"],
          ["track", "x", "--count", "0"],
          ["track"],
          ["config", "get"],
          ["config", "get", "nope"],
          ["config", "set", "level"],
          ["collector", "keys", "create"],
          ["collector", "alerts", "add"],
          ["collector", "alerts", "add", "--kind", "weather"],
          ["collector", "alerts", "remove"],
          ["export", "--force"],
          ["export", "--json", "--format", "csv"],
          ["catalog", "--json", "--format", "markdown"],
          ["debug"],
          ["--json"]
        ]
      ) {
        const ran = yield* world.run(...argv)
        expect([argv, ran.code, ran.out]).toEqual([argv, 2, ""])
        expect(ran.err).not.toBe("")
        expect(ran.err).not.toContain("\u001b")
        expect(ran.err).not.toMatch(/\n {4}at /)
      }
    }))

  it.effect("says which argument is missing and what it is, in one line", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run("queue", "why")
      expect([ran.code, ran.out]).toEqual([2, ""])
      expect(ran.err).toMatch(/^"queue why" needs ID: a number of queue list, or the id of an event\. .*--help.*$/)
    }))

  it.effect("explains itself once", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run("stats", "--by", "year")
      expect(ran.err.trim().split("\n").filter((line) => line !== "")).toHaveLength(1)
    }))

  it.effect("shows the commands when there is no command, with 2; on request with 0", () =>
    Effect.gen(function*() {
      const world = yield* make
      expect((yield* world.run()).code).toBe(2)
      const help = yield* world.run("--help")
      expect(help.code).toBe(0)
      for (const name of ["status", "enable", "export", "collector"]) expect(help.out).toContain(name)
      expect(help.out).not.toContain("\u001b")
      expect((yield* world.run("enable", "--help")).out).toContain("--api-key-stdin")
      expect((yield* world.run("queue", "why", "--help")).out).toContain("\n$ effect-telemetry queue why [--json]")
    }))

  it.effect("completes for bash", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run("--completions", "bash")
      expect(ran.code).toBe(0)
      expect(ran.out).toContain("COMPREPLY")
    }))

  it.effect("takes --data-dir and --json wherever they stand", () =>
    Effect.gen(function*() {
      const world = yield* make
      yield* world.run("queue", "--json", "--data-dir", "/a", "list")
      yield* world.run("--data-dir=/b", "--json", "config", "list")
      yield* world.run("clear", "--yes", "--data-dir", "/c", "--json")
      yield* world.run("--data-dir", "/d", "status")
      expect(world.dirs).toEqual(["/a", "/b", "/c", "/d"])
    }))

  it("ends with the codes of signals, and a server that is told to stop with 0", () => {
    expect(codeOfSignal(["submit"], "SIGINT")).toBe(130)
    expect(codeOfSignal(["submit"], "SIGTERM")).toBe(143)
    expect(codeOfSignal(["--json", "collector", "serve", "--port", "0"], "SIGTERM")).toBe(0)
  })
})

describe("enable and disable", () => {
  it.effect("records the consent asked for and prints the new status", () =>
    Effect.gen(function*() {
      const world = yield* make
      world.input(["sk-secret"])
      const ran = yield* world.run(
        "enable",
        "--remote",
        "--level",
        "full",
        "--endpoint",
        "https://t.example.com/v1/events",
        "--api-key-stdin",
        "--json"
      )
      expect(document(ran)).toMatchObject({ enabled: true, level: "full", remote: true })
      expect(ran.code).toBe(0)
      const config = yield* world.run("config", "list", "--json")
      expect(document(config)).toEqual({
        "remote-endpoint": "https://t.example.com/v1/events",
        "api-key": "<redacted>"
      })
      expect((yield* world.run("config", "get", "api-key")).out).toBe("<redacted>")
      const off = yield* world.run("disable", "--json")
      expect(document(off)).toMatchObject({ enabled: false, reason: "opted-out", optedOutAt: 5 })
    }))

  it.effect("without a level means basic, and asks nobody where nobody can answer", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run("enable")
      expect(ran.code).toBe(0)
      expect(world.consent).toMatchObject({ enabled: true, level: "basic", remote: false })
    }))

  it.effect("does not consent to sending where no endpoint is known", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run("enable", "--remote", "--json")
      expect([ran.code, ran.out]).toEqual([2, ""])
      expect(ran.err).toContain("--endpoint URL")
      expect(world.consent.enabled).toBe(false)
    }))

  it.effect("changes nothing when the endpoint is refused, or the key is missing", () =>
    Effect.gen(function*() {
      const world = yield* make
      const plain = yield* world.run("enable", "--remote", "--endpoint", "http://evil.example.com/v1")
      expect(plain.code).toBe(1)
      const keyless = yield* world.run("enable", "--api-key-stdin")
      expect(keyless.code).toBe(2)
      expect(world.consent.enabled).toBe(false)
      expect((yield* world.run("config", "--json")).out).toBe("{}")
    }))
})

describe("track", () => {
  it.effect("is a counted no-op while telemetry is off", () =>
    Effect.gen(function*() {
      const world = yield* make
      const ran = yield* world.run(...track, "--count", "7")
      expect([ran.code, document(ran)]).toEqual([0, { tracked: 0, dropped: 7 }])
      world.input(["{}", "", "rubbish"])
      expect(document(yield* world.run("track", "--stdin", "--json"))).toEqual({ tracked: 0, dropped: 2 })
    }))

  it.effect("records as often as it is told", () =>
    Effect.gen(function*() {
      const world = yield* make
      yield* world.run("enable")
      const ran = yield* world.run(...track, "--count", "600")
      expect([ran.code, document(ran)]).toEqual([0, { tracked: 600, dropped: 0 }])
    }))

  it.effect("names the field that does not fit, and the types there are", () =>
    Effect.gen(function*() {
      const world = yield* make
      yield* world.run("enable")
      const bad = yield* world.run("track", "feature_used", "--data", "{\"featureName\":5}")
      expect(bad.code).toBe(2)
      expect(bad.err).toContain("featureName: expected a string")
      const unknown = yield* world.run("track", "no_such", "--json")
      expect(unknown.code).toBe(2)
      expect(unknown.err).toContain("feature_used")
      expect((yield* world.run("track", "feature_used", "--data", "{")).err).toContain("not valid JSON")
    }))

  it.effect("reads lines, reports bad ones by number, and says with 3 or 1 how many were bad", () =>
    Effect.gen(function*() {
      const world = yield* make
      yield* world.run("enable")
      const good = "{\"eventType\":\"feature_used\",\"eventData\":{\"featureName\":\"x\"}}"
      world.input([good, "rubbish", "", "{\"eventType\":5}", good])
      const some = yield* world.run("track", "--stdin", "--json")
      expect([some.code, document(some)]).toEqual([3, { tracked: 2, dropped: 2 }])
      expect(some.err).toContain("line 2: not a JSON object")
      expect(some.err).toContain("line 4: eventType: expected a string")
      world.input(["rubbish"])
      expect((yield* world.run("track", "--stdin")).code).toBe(1)
      world.input([good])
      expect((yield* world.run("track", "--stdin")).code).toBe(0)
      expect((yield* world.run("track", "x", "--stdin")).code).toBe(2)
    }))
})

describe("submit", () => {
  const on = Effect.gen(function*() {
    const world = yield* make
    yield* world.run("enable", "--remote", "--endpoint", "https://t.example.com/v1/events")
    return world
  })

  it.effect("ends with 0 when nothing is left, 3 when some are, 1 when none could be sent", () =>
    Effect.gen(function*() {
      const world = yield* on
      world.report = { submitted: 5, rejected: 1, failed: 0, remaining: 0, lastError: null }
      const all = yield* world.run("submit", "--json")
      expect([all.code, document(all)]).toEqual([0, world.report])
      world.report = { submitted: 5, rejected: 0, failed: 0, remaining: 2, lastError: null }
      const some = yield* world.run("submit", "--json")
      expect([some.code, document(some)]).toEqual([3, world.report])
      expect(some.err).toContain("2 events left: the rate limit is reached")
      world.report = { submitted: 0, rejected: 0, failed: 2, remaining: 2, lastError: "connection refused" }
      const none = yield* world.run("submit", "--json")
      expect(none.code).toBe(1)
      expect(none.err).toBe("Nothing was sent: connection refused.")
      world.report = { submitted: 0, rejected: 0, failed: 0, remaining: null, lastError: "the store is newer" }
      const unknown = yield* world.run("submit", "--json")
      expect([unknown.code, document(unknown)]).toEqual([1, world.report])
      expect((yield* world.run("submit")).out).toBe("0 sent, it is unknown how many are left")
      world.report = { submitted: 0, rejected: 0, failed: 0, remaining: 0, lastError: null }
      expect((yield* world.run("submit")).code).toBe(0)
    }))

  it.effect("says why it sends nothing: off, or no consent to sending", () =>
    Effect.gen(function*() {
      const world = yield* make
      const off = yield* world.run("submit", "--json")
      expect([off.code, document(off)]).toEqual([1, {
        submitted: 0,
        rejected: 0,
        failed: 0,
        remaining: 0,
        lastError: "telemetry is off: not-asked"
      }])
      expect(off.err).toContain("telemetry is off (not-asked)")
      yield* world.run("enable")
      expect((yield* world.run("submit")).err).toContain("enable --remote")
    }))
})

describe("what is stored", () => {
  const filled = Effect.gen(function*() {
    const world = yield* make
    yield* world.run("enable", "--remote", "--endpoint", "https://t.example.com/v1/events")
    yield* world.run(...track, "--count", "12")
    return world
  })

  it.effect("is listed by queue, in one document whatever its length", () =>
    Effect.gen(function*() {
      const world = yield* filled
      const ran = yield* world.run("queue", "list", "--json")
      const { items } = JSON.parse(ran.out)
      expect(items).toHaveLength(12)
      expect(Object.keys(items[0])).toEqual(
        expect.arrayContaining(["id", "eventId", "eventType", "queuedAt", "attempts", "nextAttemptAt", "lastError"])
      )
      expect(JSON.parse((yield* world.run("queue", "--json", "--limit", "5")).out).items).toHaveLength(5)
      expect(JSON.parse((yield* world.run("queue", "dead", "--json")).out)).toEqual({ items: [] })
      const human = yield* world.run("queue", "list", "--limit", "3")
      expect(human.out.split("\n")).toHaveLength(4)
      expect(human.err).toContain("--limit")
      expect(document(yield* world.run("queue", "requeue", "--json"))).toEqual({ requeued: 0 })
    }))

  it.effect("is counted by stats, as table, chart and JSON", () =>
    Effect.gen(function*() {
      const world = yield* filled
      const ran = yield* world.run("stats", "--json", "--by", "day")
      expect(document(ran)).toEqual({
        rows: [{ bucket: "2023-11-14T00:00:00Z", eventType: "feature_used", count: 12, errors: 0 }]
      })
      expect((yield* world.run("stats", "--format", "json")).out).toBe(ran.out)
      expect((yield* world.run("stats")).out).toContain("feature_used")
      expect((yield* world.run("stats", "--format", "chart")).out).toContain("█")
      expect(document(yield* world.run("stats", "--json", "--from", "2024-01-01"))).toEqual({ rows: [] })
      const pipeline = document(yield* world.run("stats", "--type", "submission", "--json"))
      expect(pipeline["rows"]).toMatchObject([{ eventType: "submission", count: 0, errors: 0 }])
      expect(pipeline["ledger"]).toMatchObject({ capture: { offered: 12, recorded: 12 } })
    }))

  it.effect("is counted apart by dimension, beside the period before, and as usage", () =>
    Effect.gen(function*() {
      const world = yield* filled
      expect(document(yield* world.run("stats", "--json", "--dimension"))["rows"]).toMatchObject([
        { eventType: "feature_used", count: 12, dimension: expect.any(String) }
      ])
      const range = ["--from", "2023-11-14T12:00Z", "--to", "2023-11-15T12:00Z"]
      const compared = document(yield* world.run("stats", "--json", "--compare", ...range))
      expect(compared["rows"]).toMatchObject([{ eventType: "feature_used", count: 12, previousCount: 0, change: null }])
      expect((yield* world.run("stats", "--compare", ...range)).out).toMatch(/feature_used +12 +0 +new/)
      const later = ["--from", "2023-11-15T12:00Z", "--to", "2023-11-16T12:00Z"]
      expect((yield* world.run("stats", "--compare", ...later)).out).toContain("-100 %")
      expect(document(yield* world.run("stats", "--json", "--usage"))["features"]).toMatchObject([{ uses: 12 }])
      expect((yield* world.run("stats", "--usage")).out).toContain("adoption")
    }))

  it.effect("is exported as an array, as lines and as CSV", () =>
    Effect.gen(function*() {
      const world = yield* filled
      const array = JSON.parse((yield* world.run("export", "--json")).out)
      expect(array).toHaveLength(12)
      expect(Object.keys(array[0])).toEqual(
        ["id", "sessionId", "eventType", "eventData", "timestamp", "level", "sampleRate", "app", "schemaVersion"]
      )
      const lines = (yield* world.run("export", "--format", "ndjson")).out.split("\n")
      expect(lines.map((line) => JSON.parse(line))).toEqual(array)
      const csv = (yield* world.run("export", "--format", "csv")).out.split("\r\n")
      expect(csv).toHaveLength(13)
      expect(csv[1]).toContain(",'=cmd,1,1,\"{\"\"featureName\"\":\"\"x\"\",\"\"enabled\"\":true}\"")
      const empty = yield* world.run("export", "--to", "2000-01-01")
      expect(JSON.parse(empty.out)).toEqual([])
    }))

  it.effect("is erased only when that is meant", () =>
    Effect.gen(function*() {
      const world = yield* filled
      const unasked = yield* world.run("clear")
      expect([unasked.code, unasked.out]).toEqual([2, ""])
      expect(unasked.err).toContain("clear --yes")
      world.interactive(true)
      expect((yield* world.run("clear", "--json")).code).toBe(2)
      expect(document(yield* world.run("clear", "--queue-only", "--yes", "--json"))).toEqual({ events: 0, queue: 12 })
      expect(document(yield* world.run("clear", "--yes", "--json"))).toEqual({ events: 12, queue: 0 })
    }))

  it.effect("is not printed before it exists", () =>
    Effect.gen(function*() {
      const world = yield* make
      expect(document(yield* world.run("stats", "--type", "submission", "--json"))).toEqual({ rows: [] })
      expect((yield* world.run("queue")).err).toContain("empty")
      expect(document(yield* world.run("clear", "--yes", "--json"))).toEqual({ events: 0, queue: 0 })
    }))
})

describe("config, catalog and debug", () => {
  it.effect("sets, shows and unsets a setting", () =>
    Effect.gen(function*() {
      const world = yield* make
      expect(document(yield* world.run("config", "set", "batch-size", "50", "--json"))).toEqual({ "batch-size": "50" })
      expect((yield* world.run("config", "get", "batch-size")).out).toBe("50")
      expect(document(yield* world.run("config", "unset", "batch-size", "--json"))).toEqual({ "batch-size": null })
      expect(document(yield* world.run("config", "get", "batch-size", "--json"))).toEqual({ "batch-size": null })
      const refused = yield* world.run("config", "set", "batch-size", "0")
      expect(refused.code).toBe(1)
      expect(refused.err).toContain("batch-size")
      world.input(["sk-secret"])
      const secret = yield* world.run("config", "set", "api-key", "--stdin")
      expect(secret.out + secret.err).not.toContain("sk-secret")
      expect((yield* world.run("config", "set", "burst", "--", "-5")).code).toBe(1)
    }))

  it.effect("lists what is collected without opening anything", () =>
    Effect.gen(function*() {
      const world = yield* make
      const { events } = JSON.parse((yield* world.run("catalog", "--json")).out)
      expect(events.length).toBeGreaterThanOrEqual(15)
      expect(Object.keys(events[0])).toEqual(["type", "description", "purpose", "level", "fields"])
      expect(Object.keys(events[0].fields[0])).toEqual(["name", "type", "privacy"])
      expect((yield* world.run("catalog", "--format", "markdown")).out).toContain("# What is collected")
      expect((yield* world.run("catalog")).out).toContain("feature_used (basic)")
      expect(world.opened()).toBe(0)
    }))

  it.effect("keeps developer mode as a setting, and has nothing to tail while off", () =>
    Effect.gen(function*() {
      const world = yield* make
      expect(document(yield* world.run("debug", "on", "--json"))).toEqual({ debug: true })
      expect((yield* world.run("config", "get", "debug")).out).toBe("true")
      expect(document(yield* world.run("debug", "off", "--json"))).toEqual({ debug: false })
      const tail = yield* world.run("debug", "tail", "--json")
      expect([tail.code, tail.out]).toEqual([1, ""])
      expect(tail.err).toContain("not-asked")
    }))
})
