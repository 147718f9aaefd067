import { describe, expect, it } from "@effect/vitest"
import type * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Service as HostService } from "../../src/cli/Host.js"
import * as Run from "../../src/cli/Run.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as TelemetryNode from "../../src/node/TelemetryNode.js"
import { Transport } from "../../src/submission/Transport.js"
import * as ScriptedTransport from "../../src/testing/ScriptedTransport.js"
import { temporary } from "../node/support.js"

/** The command line over a store on disk, with an endpoint by script. */
const world = Effect.gen(function*() {
  const dataDir = `${yield* temporary}/data`
  const scripted = yield* ScriptedTransport.make
  const layer: HostService["layer"] = () =>
    TelemetryNode.layer({
      app: { name: "ax", version: "2.0.0" },
      dataDir,
      worker: false,
      automatic: false,
      transports: { default: Layer.succeed(Transport, { ...scripted.transport, origin: "https://t.example.com" }) }
    })
  const run = (...argv: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const [out, err]: [Array<string>, Array<string>] = [[], []]
      const inner = yield* Effect.console
      const console: Console.Console = {
        ...inner,
        log: (...args) => Effect.sync(() => void out.push(args.join(" "))),
        error: (...args) => Effect.sync(() => void err.push(args.join(" ")))
      }
      const shell = {
        interactive: false,
        progress: false,
        style: { color: false, columns: null },
        lines: Stream.empty
      }
      const code = yield* Run.run(argv, { layer, shell }).pipe(Effect.withConsole(console))
      return { code, out: out.join("\n"), err: err.join("\n") }
    })
  yield* run("enable", "--remote", "--endpoint", "https://t.example.com/v1/events")
  yield* run("track", "feature_used", "--data", "{\"featureName\":\"export\"}")
  yield* scripted.failNext(1, Outcome.ContentRefused({ status: 422, message: "no such feature" }))
  return { run, scripted }
})

describe("dead letters", () => {
  it.scopedLive("are listed with the reason, told by queue why, put back, and sent when the cause is mended", () =>
    Effect.gen(function*() {
      const { run, scripted } = yield* world
      const refused = yield* run("submit", "--json")
      expect(JSON.parse(refused.out)).toMatchObject({ submitted: 0, rejected: 1, remaining: 0 })
      expect((yield* run("queue", "list")).err).toContain("The queue is empty.")
      const { items: [dead] } = JSON.parse((yield* run("queue", "dead", "--json")).out)
      expect(dead).toMatchObject({ id: 1, eventType: "feature_used", state: "dead" })
      expect(dead.lastError).toContain("no such feature")
      expect((yield* run("queue", "dead")).out).toContain("no such feature")
      expect((yield* run("queue", "why", "1")).out).toMatch(/no such feature[^]*now: dead/)

      expect((yield* run("queue", "requeue", "1")).out).toBe("1 dead letter put back into the queue")
      expect((yield* run("queue", "why", "1")).out).toContain("now: pending")
      expect(JSON.parse((yield* run("submit", "--json")).out)).toMatchObject({ submitted: 1, remaining: 0 })
      expect((yield* run("queue", "why", "1")).out).toMatch(/1 accepted, 0 refused\nnow: delivered/)
      expect((yield* scripted.events).map(({ type }) => type)).toEqual(["feature_used"])
    }))

  it.scopedLive("that are not there are said not to be", () =>
    Effect.gen(function*() {
      const { run } = yield* world
      expect(yield* run("queue", "requeue", "7")).toMatchObject({
        code: 1,
        out: "",
        err: "No dead letter has this number: see queue dead."
      })
      yield* run("submit")
      const some = yield* run("queue", "requeue", "1", "7")
      expect(some).toMatchObject({
        code: 0,
        out: "1 dead letter put back into the queue",
        err: "1 number named no dead letter."
      })
    }))

  it.scopedLive("are in the log of requests like what was accepted: when, where it went, how it ended", () =>
    Effect.gen(function*() {
      const { run } = yield* world
      yield* run("submit")
      yield* run("queue", "requeue")
      yield* run("submit")
      const { requests } = JSON.parse((yield* run("queue", "sent", "--json")).out)
      expect(requests).toMatchObject([
        { place: "https://t.example.com", events: 1, accepted: 1, rejected: 0, error: null },
        { place: "https://t.example.com", events: 1, accepted: 0, error: expect.stringContaining("no such feature") }
      ])
      expect((yield* run("queue", "sent", "--limit", "1")).out).toMatch(/Z {2}https:\/\/t\.example\.com +1 .* 1 +0 +-/)
    }))
})
