/** A command line of somebody's own, with telemetry's commands mounted. */
import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Cli from "../../../src/cli/Cli.js"
import * as CliRuntime from "../../../src/cli/CliRuntime.js"

const app = { name: "ax", version: "2.0.0" }
const build = Command.make("build", {}, () => Console.log("built"))
const broken = Command.make("broken", {}, () => Effect.fail(new RangeError("out of range")))
const wait = Command.make("wait", {}, () => Effect.zipRight(Console.log("waiting"), Effect.never))
const ax = Command.make("ax").pipe(Command.withSubcommands([build, broken, wait, Cli.make({ app })]))

Command.run(ax, app)(process.argv).pipe(Effect.provide(NodeContext.layer), CliRuntime.runMain)
