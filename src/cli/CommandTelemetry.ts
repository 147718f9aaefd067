/**
 * {@link Operations.command} for a command line of `@effect/cli`: which command it is, is read from the words as they are
 * declared, so that no value and no word a person typed is kept. Where you know the name of the command yourself, use
 * `Operations.command`; the event is the same.
 *
 * @since 0.1.0
 */
import type * as Command from "@effect/cli/Command"
import type * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { Collector } from "../collection/Collector.js"
import * as Operations from "../collection/Operations.js"
import type { ConsentGate } from "../consent/ConsentGate.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Options = Pick<Operations.CommandOptions, "exitCode">

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
  return (args: ReadonlyArray<string>): Effect.Effect<A, E, R | Collector | ConsentGate> => {
    const given = args.slice(2)
    const name = pathOf(root, given).join(" ") || (root.name ?? "command")
    return Operations.command(name, { ...options, args: given })(run(args))
  }
}
