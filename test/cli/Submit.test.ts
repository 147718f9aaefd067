import { describe, expect, it } from "@effect/vitest"
import type * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Cli from "../../src/cli/Run.js"
import * as TelemetryNode from "../../src/node/TelemetryNode.js"
import { type Service, Telemetry } from "../../src/Telemetry.js"
import { temporary } from "../node/support.js"

const layerIn = (dataDir: string) =>
  TelemetryNode.layer({ app: { name: "ax", version: "2.0.0" }, dataDir, worker: false, automatic: false })

const within = <A, E>(dataDir: string, use: (telemetry: Service) => Effect.Effect<A, E>) =>
  Effect.flatMap(Telemetry, use).pipe(Effect.provide(layerIn(dataDir)))

/** What `submit --json` answers, with its exit code. */
const submit = (dataDir: string) =>
  Effect.gen(function*() {
    const out: Array<string> = []
    const inner = yield* Effect.console
    const console: Console.Console = {
      ...inner,
      log: (...args) => Effect.sync(() => void out.push(args.join(" "))),
      error: () => Effect.void
    }
    const code = yield* Cli.run(["submit", "--json"], { layer: () => layerIn(dataDir) }).pipe(
      Effect.withConsole(console)
    )
    return { code, report: JSON.parse(out.join("")) }
  })

describe("submit --json where nothing may be sent", () => {
  it.scopedLive("says why in the words of submitNow: nobody asked, no consent to sending, opted out", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* temporary}/data`
      const agree = Effect.gen(function*() {
        const { code, report } = yield* submit(dataDir)
        expect(code).toBe(1)
        expect(report.lastError).toBe((yield* within(dataDir, (telemetry) => telemetry.submitNow)).lastError)
        return report.lastError
      })
      expect(yield* agree).toBe("telemetry is off: not-asked")
      yield* within(dataDir, (telemetry) => telemetry.enable({}))
      expect(yield* agree).toBe("sending is not consented to: run enable --remote")
      yield* within(dataDir, (telemetry) => telemetry.disable({}))
      expect(yield* agree).toBe("telemetry is off: opted-out")
    }))
})
