/**
 * Help for the words that have others below them. That of a single command is the parser's.
 *
 * @since 0.1.0
 */
import type { Node } from "./Grammar.js"
import { pairs, type Style } from "./render/table.js"

const commands = (node: Node, prefix: string): ReadonlyArray<readonly [string, string]> =>
  Object.entries(node.children).map(([word, child]) => [
    `  ${prefix}${word}${Object.keys(child.children).length > 0 ? " …" : ""}`,
    child.about
  ])

/**
 * @since 0.1.0
 * @category formatting
 */
export const text = (program: string, words: ReadonlyArray<string>, node: Node, style: Style): string => {
  const path = [program, ...words].join(" ")
  return [
    `${path} COMMAND [--json] [--data-dir DIR]`,
    "",
    node.about,
    "",
    pairs(commands(node, ""), style),
    "",
    pairs([
      ["  --json", "One JSON document on standard output, remarks on standard error."],
      ["  --data-dir DIR", "Where everything is kept; TELEMETRY_DATA_DIR does the same."],
      ["  --help, --version", "Also after a command. --wizard asks for its options."],
      ["  --completions SHELL", "A completion script for bash, fish or zsh."]
    ], style),
    "",
    "Exit codes: 0 done, 1 failed, 2 bad usage, 3 done in part."
  ].join("\n")
}
