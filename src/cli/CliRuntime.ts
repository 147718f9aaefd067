/**
 * How a command line that telemetry's commands are mounted in is run and ends.
 *
 * @since 0.1.0
 */
import { isHelpRequested, isValidationError } from "@effect/cli/ValidationError"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import process from "node:process"
import { Failure } from "./Failure.js"
import { clean } from "./render/text.js"

/** What the parser refuses it has already explained itself. */
const report = (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  const error = Cause.squash(cause)
  if (Cause.isInterruptedOnly(cause) || isValidationError(error)) return Effect.void
  return error instanceof Failure ? Console.error(clean(error.message)) : Effect.logError(cause)
}

const codeOf = (cause: Cause.Cause<unknown>, interrupted: number): number => {
  if (Cause.isInterruptedOnly(cause)) return interrupted
  const error = Cause.squash(cause)
  if (error instanceof Failure) return error.exitCode
  return isValidationError(error) ? isHelpRequested(error) ? 0 : 2 : 1
}

/**
 * `NodeRuntime.runMain`, but a command of telemetry that fails says why in one line, what the parser refuses is said once, and the
 * program ends as the binary does: 0 done, 1 failed, 2 used wrongly, 3 done in part, 130 after SIGINT and 143 after SIGTERM.
 *
 * @example
 * import * as Command from "@effect/cli/Command"
 * import * as NodeContext from "@effect/platform-node/NodeContext"
 * import { Cli, CliRuntime } from "effect-telemetry/cli"
 * import * as Effect from "effect/Effect"
 *
 * const app = { name: "ax", version: "2.0.0" }
 * const ax = Command.make("ax").pipe(Command.withSubcommands([Cli.make({ app })]))
 *
 * export const main = () => Command.run(ax, app)(process.argv).pipe(Effect.provide(NodeContext.layer), CliRuntime.runMain)
 *
 * @since 0.1.0
 * @category running
 */
export const runMain = <A, E>(effect: Effect.Effect<A, E>): void => {
  let interrupted = 130
  process.once("SIGTERM", () => {
    interrupted = 143
  })
  NodeRuntime.runMain(Effect.tapErrorCause(effect, report), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : codeOf(exit.cause, interrupted))
  })
}
