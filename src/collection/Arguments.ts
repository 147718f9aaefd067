/**
 * The arguments of a command, without what a person typed: only the names of flags are kept.
 *
 * @since 0.1.0
 */

const longFlag = /^--[A-Za-z][A-Za-z0-9-]{0,39}/
const shortFlag = /^-[A-Za-z]/

/**
 * The names of the flags among `args`, in order, each once. Values, positional words and everything after `--` are left
 * out; of `-pSECRET` only `-p` is kept, because what follows a short flag may be its value.
 *
 * @example
 * import { flagNames } from "effect-telemetry/collection/Arguments"
 *
 * flagNames(["--query=secret", "-n", "5", "file.txt"]) // ["--query", "-n"]
 *
 * @since 0.1.0
 * @category getters
 */
export const flagNames = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (const arg of args) {
    if (arg === "--") break
    const name = (longFlag.exec(arg) ?? shortFlag.exec(arg))?.[0]
    if (name !== undefined) names.add(name)
  }
  return [...names]
}
