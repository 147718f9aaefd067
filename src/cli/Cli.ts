/**
 * The telemetry commands, to be mounted in the command line of an application.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as OwnCommand from "../node/OwnCommand.js"
import { collector } from "./CollectorCommands.js"
import { common, described, withInherited } from "./Flags.js"
import * as Host from "./Host.js"
import * as LocalCommands from "./LocalCommands.js"
import { detect, type Service as ShellService, Shell } from "./Shell.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends Host.Options {
  /** The word the commands are mounted under; `telemetry` by default. */
  readonly name?: string | undefined
  /** What a person types before the words of a command, for hints: by default the application's name and `name`. */
  readonly invocation?: string | undefined
  /** What is known of the terminal; by default what is found. */
  readonly shell?: ShellService | undefined
}

/**
 * The words that failed end in a `Failure` with `exitCode` and a one-line `message`, which `CliRuntime.runMain` knows.
 *
 * @example
 * import * as Command from "@effect/cli/Command"
 * import { Cli } from "effect-telemetry/cli"
 *
 * export const ax = Command.make("ax").pipe(
 *   Command.withSubcommands([Cli.make({ app: { name: "ax", version: "2.0.0" } })])
 * )
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options) => {
  const name = options.name ?? "telemetry"
  const host = Host.make(options, options.invocation ?? `${options.app.name} ${name}`)
  return Command.make(name, common).pipe(
    described(""),
    Command.withSubcommands([...LocalCommands.all, collector]),
    Command.transformHandler((effect, given) => Effect.zipRight(OwnCommand.begin, withInherited(effect, given))),
    Command.provideEffect(Shell, options.shell === undefined ? detect : Effect.succeed(options.shell)),
    Command.provideSync(Host.Host, host)
  )
}
