/**
 * The parser proper, loaded for every command that needs it.
 *
 * @since 0.1.0
 */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import { isHelpRequested, isValidationError } from "@effect/cli/ValidationError"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Cli from "./Cli.js"
import type { Service as HostService } from "./Host.js"
import type { Service as ShellService } from "./Shell.js"

const platform = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeTerminal.layer,
  CliConfig.layer({ isCaseSensitive: true })
)

/**
 * Runs a command line that `CommandLine` has put in order. What the parser refuses it has already explained itself.
 *
 * @since 0.1.0
 * @category running
 */
export const run = (options: {
  readonly name: string
  readonly version: string
  readonly layer: HostService["layer"] | undefined
  readonly shell: ShellService
  readonly argv: ReadonlyArray<string>
}) => {
  const { argv, layer, name, shell, version } = options
  const command = Cli.make({ name, invocation: name, app: { name, version }, layer, shell })
  return Command.run(command, { name, version, executable: name })([name, name, ...argv]).pipe(
    Effect.as(0),
    Effect.catchIf(isValidationError, (error) => Effect.succeed(isHelpRequested(error) ? 0 : 2)),
    Effect.provide(platform)
  )
}
