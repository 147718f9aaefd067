/**
 * The commands of an application's own command line as `command_executed` events: which command, the names of its flags, how
 * long it took and how it ended. No value and no word a person typed is kept: the words of a command are taken from its
 * declaration.
 *
 * @since 0.1.0
 */
import type * as Command from "@effect/cli/Command"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as CauseSummary from "../collection/errors/CauseSummary.js"
import { CommandExecuted } from "../domain/EventCatalog.js"
import { Telemetry } from "../Telemetry.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What the process ends with. Default: 0 for success, 130 for an interruption, else 1. */
  readonly exitCode?: ((exit: Exit.Exit<unknown, unknown>) => number) | undefined
}

/** A command as its package keeps it: alone, mapped, or with others beneath it. What is of another form has no name. */
interface Node {
  readonly name: string | null
  readonly children: ReadonlyArray<unknown>
}

const nodeOf = (descriptor: unknown): Node => {
  if (Predicate.hasProperty(descriptor, "command")) return nodeOf(descriptor.command)
  if (Predicate.hasProperty(descriptor, "parent") && Predicate.hasProperty(descriptor, "children")) {
    const { children } = descriptor
    return { name: nodeOf(descriptor.parent).name, children: Array.isArray(children) ? children : [] }
  }
  return {
    name: Predicate.hasProperty(descriptor, "name") && typeof descriptor.name === "string" ? descriptor.name : null,
    children: []
  }
}

/** As the parser goes: the first argument that is the name of a command beneath leads to it. */
const pathOf = (node: Node, args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const children = node.children.map(nodeOf)
  for (let i = 0; i < args.length; i++) {
    const child = children.find(({ name }) => name === args[i])
    if (child !== undefined && child.name !== null) return [child.name, ...pathOf(child, args.slice(i + 1))]
  }
  return []
}

const defaultExitCode = (exit: Exit.Exit<unknown, unknown>): number =>
  exit._tag === "Success" ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1

/**
 * Around what `Command.run` gives; it does, fails and is interrupted as before. `args` are those of the whole process, with the
 * program and the script before them.
 *
 * @example
 * import * as Command from "@effect/cli/Command"
 * import * as CommandTelemetry from "effect-telemetry/cli/CommandTelemetry"
 *
 * const build = Command.make("build")
 * const ax = Command.make("ax").pipe(Command.withSubcommands([build]))
 *
 * export const main = CommandTelemetry.instrument(ax, Command.run(ax, { name: "ax", version: "2.0.0" }))
 *
 * @since 0.1.0
 * @category instrumentation
 */
export const instrument = <Name extends string, R0, E0, A0, A, E, R>(
  command: Command.Command<Name, R0, E0, A0>,
  run: (args: ReadonlyArray<string>) => Effect.Effect<A, E, R>,
  options: Options = {}
) => {
  const root = nodeOf(command.descriptor)
  const exitCode = options.exitCode ?? defaultExitCode
  return (args: ReadonlyArray<string>): Effect.Effect<A, E, R | Telemetry> =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const started = yield* Clock.currentTimeNanos
      const given = args.slice(2)
      const record = (exit: Exit.Exit<A, E>) =>
        Effect.flatMap(Clock.currentTimeNanos, (ended) =>
          telemetry.track(CommandExecuted, {
            command: pathOf(root, given).join(" ") || (root.name ?? "command"),
            args: given,
            duration: Number(ended - started) / 1e6,
            exitCode: exitCode(exit),
            error: exit._tag === "Failure" ? CauseSummary.make(exit.cause)?.errorType : undefined
          }))
      return yield* Effect.onExit(
        run(args),
        (exit) => Effect.ignore(Effect.sandbox(Effect.suspend(() => record(exit))))
      )
    })
}
