import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as CliOptions from "@effect/cli/Options"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import type * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as CommandTelemetry from "../../src/cli/CommandTelemetry.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"

class NoSuchIssue extends Data.TaggedError("NoSuchIssue")<{ readonly message: string }> {}

const token = CliOptions.text("token").pipe(CliOptions.optional)
const title = Args.text({ name: "title" }).pipe(Args.optional)

const command = (handler: Effect.Effect<void, NoSuchIssue>) => {
  const add = Command.make("add", { token, title }, () => handler)
  const issue = Command.make("issue").pipe(Command.withSubcommands([add, Command.make("list", {}, () => handler)]))
  return Command.make("ax", { verbose: CliOptions.boolean("verbose") }).pipe(
    Command.withDescription("A test"),
    Command.withSubcommands([issue, Command.make("login", { token }, () => handler)])
  )
}

const run = (
  handler: Effect.Effect<void, NoSuchIssue>,
  args: ReadonlyArray<string>,
  options?: CommandTelemetry.Options
) => {
  const ax = command(handler)
  const quiet = (console: Console.Console): Console.Console => ({ ...console, error: () => Effect.void })
  return Effect.consoleWith((console) => Effect.withConsole(invoke(ax, args, options), quiet(console)))
}

const invoke = (
  ax: ReturnType<typeof command>,
  args: ReadonlyArray<string>,
  options?: CommandTelemetry.Options
) =>
  CommandTelemetry.instrument(ax, Command.run(ax, { name: "ax", version: "2.0.0" }), options)(
    ["node", "/home/ada/ax.js", ...args]
  )

const executed = TelemetryTest.events(EventCatalog.CommandExecuted)
const live = Layer.merge(TelemetryTest.layer, NodeContext.layer)

describe("CommandTelemetry", () => {
  it.effect("records the words of the command, the names of its flags, and how long it took", () =>
    Effect.gen(function*() {
      const args = ["--verbose", "issue", "add", "--token", "t0psecret", "ada's title"]
      const fiber = yield* Effect.fork(run(Effect.sleep("150 millis"), args))
      yield* TestClock.adjust("150 millis")
      yield* Fiber.join(fiber)
      expect(yield* executed).toEqual([
        { command: "issue add", args: ["--verbose", "--token"], duration: 150, exitCode: 0 }
      ])
    }).pipe(Effect.provide(live)))

  it.effect("no value and no word of the person is kept, even where it looks like a command", () =>
    Effect.gen(function*() {
      yield* run(Effect.void, ["login", "--token=list"])
      yield* run(Effect.void, ["issue", "add", "list"])
      yield* Effect.exit(run(Effect.void, ["my-secret-word", "--my-flag=x"]))
      const recorded = yield* executed
      expect(recorded.map(({ args, command }) => [command, args])).toEqual([
        ["login", ["--token"]],
        ["issue add", []],
        ["ax", ["--my-flag"]]
      ])
      expect(JSON.stringify(recorded)).not.toMatch(/secret|"list"/)
    }).pipe(Effect.provide(live)))

  it.effect("fails as before, and the error is recorded by its tag alone", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(run(new NoSuchIssue({ message: "no issue of ada" }), ["issue", "list"]))
      expect(exit).toEqual(Exit.fail(new NoSuchIssue({ message: "no issue of ada" })))
      expect(yield* executed).toMatchObject([{ command: "issue list", exitCode: 1, error: "NoSuchIssue" }])
    }).pipe(Effect.provide(live)))

  it.effect("a bug, an interruption and an exit code of one's own", () =>
    Effect.gen(function*() {
      yield* Effect.exit(run(Effect.die(new TypeError("bug")), ["login"]))
      const fiber = yield* Effect.fork(run(Effect.never, ["login"]))
      yield* TestClock.adjust("1 millis")
      yield* Fiber.interrupt(fiber)
      yield* Effect.exit(run(new NoSuchIssue({ message: "" }), ["login"], { exitCode: () => 64 }))
      expect((yield* executed).map(({ error, exitCode }) => [error, exitCode])).toEqual([
        ["TypeError", 1],
        ["Interrupted", 130],
        ["NoSuchIssue", 64]
      ])
    }).pipe(Effect.provide(live)))

  it.effect("an exit code that cannot be told harms nobody", () =>
    Effect.gen(function*() {
      const exitCode = () => {
        throw new Error("hands off")
      }
      expect(yield* Effect.exit(run(Effect.void, ["login"], { exitCode }))).toEqual(Exit.void)
    }).pipe(Effect.provide(live)))
})
