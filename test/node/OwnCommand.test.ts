import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import type * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Cli from "../../src/cli/Cli.js"
import * as CommandTelemetry from "../../src/cli/CommandTelemetry.js"
import * as TelemetryNode from "../../src/node/TelemetryNode.js"
import { Telemetry } from "../../src/Telemetry.js"
import { temporary } from "./support.js"

const app = { name: "ax", version: "2.0.0" }
const shell = { interactive: false, progress: false, style: { color: false, columns: null }, lines: Stream.empty }

const silent = (console: Console.Console): Console.Console => ({
  ...console,
  log: () => Effect.void,
  error: () => Effect.void
})

/** One run of a command line with telemetry's commands in it, as a process of its own would. */
const host = (dataDir: string) => {
  const build = Command.make("build", {}, () => Effect.void)
  const ax = Command.make("ax").pipe(Command.withSubcommands([build, Cli.make({ app, shell, name: "privacy" })]))
  const main = CommandTelemetry.instrument(ax, Command.run(ax, app))
  return (...args: ReadonlyArray<string>) =>
    Effect.consoleWith((console) => Effect.withConsole(main(["node", "ax", ...args]), silent(console))).pipe(
      Effect.provide(Layer.merge(TelemetryNode.layer({ app, dataDir, worker: false }), NodeContext.layer))
    )
}

const recorded = (dataDir: string) =>
  Effect.flatMap(Telemetry, (telemetry) => Stream.runCollect(telemetry.export({}))).pipe(
    Effect.provide(TelemetryNode.layer({ app, dataDir, worker: false, automatic: false })),
    Effect.map((events) => [...events].map(({ eventType }) => eventType))
  )

describe("telemetry's own commands in an instrumented command line", () => {
  it.scopedLive("record neither themselves nor a session: after clear nothing is stored", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* temporary}/data`
      const run = host(dataDir)
      const at = ["--data-dir", dataDir]
      yield* run("privacy", "enable", "--level", "full", ...at)
      expect(yield* recorded(dataDir)).toEqual([])
      yield* run("build")
      const all = ["session_started", "environment", "command_executed", "session_ended"]
      expect(yield* recorded(dataDir)).toEqual(all)
      yield* run("privacy", "queue", "list", ...at)
      expect(yield* recorded(dataDir)).toEqual(all)
      yield* run("privacy", "clear", "--yes", ...at)
      yield* run("privacy", "status", ...at)
      expect(yield* recorded(dataDir)).toEqual([])
      yield* run("build")
      expect(yield* recorded(dataDir)).toEqual(all)
    }))
})
