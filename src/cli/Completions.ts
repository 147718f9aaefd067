/**
 * Completion for bash, and for zsh by way of its bash emulation. The parser's own script loses its place after the first
 * word of a program that has a dash in its name.
 *
 * @since 0.1.0
 */
import type { Arity, Node } from "./Grammar.js"

interface Place {
  readonly path: string
  readonly node: Node
}

const places = (node: Node, path = ""): ReadonlyArray<Place> => [
  { path, node },
  ...Object.entries(node.children).flatMap(([word, child]) => places(child, `${path} ${word}`))
]

const fileOptions: Readonly<Record<string, string>> = { "data-dir": "-d", output: "-f" }

const values = (name: string, arity: Arity): string | null => {
  if (typeof arity === "object") return `-W "${arity.join(" ")}"`
  const files = fileOptions[name]
  return files ?? (arity === "flag" ? null : "-W \"\"")
}

const valueCases = ({ node, path }: Place): ReadonlyArray<string> =>
  Object.entries(node.options).flatMap(([name, arity]) => {
    const found = values(name, arity)
    return found === null ? [] : [`    "${path} --${name}") COMPREPLY=($(compgen ${found} -- "$cur")); return ;;`]
  })

const wordCase = ({ node, path }: Place): string =>
  `    "${path}") words="${
    [...Object.keys(node.children), ...Object.keys(node.options).map((name) => `--${name}`), "--help"].join(" ")
  }" ;;`

/**
 * @since 0.1.0
 * @category formatting
 */
export const bash = (program: string, root: Node): string => {
  const all = places(root)
  const name = `_${program.replace(/\W/g, "_")}_complete`
  return [
    `${name}() {`,
    "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" path=\"\" words=\"\" i",
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    "    case \"$path ${COMP_WORDS[i]}\" in",
    `      ${all.slice(1).map(({ path }) => `"${path}"`).join("|")}) path="$path \${COMP_WORDS[i]}" ;;`,
    "    esac",
    "  done",
    "  case \"$path $prev\" in",
    ...all.flatMap(valueCases),
    "  esac",
    "  case \"$path\" in",
    ...all.map(wordCase),
    "  esac",
    "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))",
    "}",
    `complete -F ${name} ${program}`
  ].join("\n")
}

/**
 * @since 0.1.0
 * @category formatting
 */
export const zsh = (program: string, root: Node): string =>
  ["autoload -U +X bashcompinit && bashcompinit", bash(program, root)].join("\n")
