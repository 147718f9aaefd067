/**
 * Reads a command line: which command, which options, which arguments. The parser proper loses options that stand before a
 * subcommand's words; here they are found wherever they stand, and what is not known is refused.
 *
 * @since 0.1.0
 */
import { type Arity, builtIn, find, type Node, root } from "./Grammar.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CommandLine {
  /** The words of the command, such as `["queue", "list"]`; empty when none was given. */
  readonly words: ReadonlyArray<string>
  /** True for a flag, the text for an option with a value. */
  readonly options: ReadonlyMap<string, string | true>
  /** Options that may be given often, each time after the first. */
  readonly more: ReadonlyArray<readonly [name: string, value: string]>
  readonly args: ReadonlyArray<string>
}

/**
 * Why a command line cannot be understood, for a person.
 *
 * @since 0.1.0
 * @category models
 */
export interface Misuse {
  readonly _tag: "Misuse"
  readonly message: string
}

const misuse = (message: string): Misuse => ({ _tag: "Misuse", message })

/** How many letters must change to turn one word into the other; no more than a rough measure is needed. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}

const suggest = (word: string, known: ReadonlyArray<string>, prefix = ""): string => {
  const near = known.map((name) => ({ name, d: distance(word, name) })).sort((a, b) => a.d - b.d)[0]
  return near !== undefined && near.d <= 2 ? ` Did you mean "${prefix}${near.name}"?` : ""
}

interface Tokens {
  readonly plain: Array<string>
  readonly options: Map<string, string | true>
  readonly more: Array<readonly [name: string, value: string]>
}

/** Whether an option takes a value is the same in the whole tree. */
const everyOption = (node: Node): Readonly<Record<string, Arity>> =>
  Object.assign({}, node.options, ...Object.values(node.children).map(everyOption))

/** The options that may be meant: those of the command that stands there so far, or every one. */
const near = (plain: ReadonlyArray<string>): ReadonlyArray<string> =>
  Object.keys({ ...everyOption(find(plain) ?? root), ...builtIn })

/** Splits options from plain words. */
const tokenize = (argv: ReadonlyArray<string>): Tokens | Misuse => {
  const known = { ...everyOption(root), ...builtIn }
  const plain: Array<string> = []
  const options = new Map<string, string | true>()
  const more: Tokens["more"] = []
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i]!
    if (token === "--") {
      plain.push(...argv.slice(i + 1))
      break
    }
    if (token === "-h") {
      options.set("help", true)
      continue
    }
    if (!token.startsWith("-") || /^-\d*$/.test(token)) {
      plain.push(token)
      continue
    }
    const equals = token.indexOf("=")
    const name = (equals === -1 ? token : token.slice(0, equals)).replace(/^--/, "")
    const arity = Object.hasOwn(known, name) ? known[name] : undefined
    if (arity === undefined) {
      return misuse(`Unknown option "--${name.replace(/^-/, "")}".${suggest(name, near(plain), "--")}`)
    }
    if (arity === "flag") {
      if (equals !== -1) return misuse(`--${name} takes no value.`)
      options.set(name, true)
      continue
    }
    const value = equals === -1 ? argv[++i] : token.slice(equals + 1)
    if (value === undefined || (equals === -1 && value.startsWith("--"))) {
      return misuse(`--${name} needs a value.`)
    }
    const before = options.get(name)
    if (before !== undefined && arity === "texts") {
      more.push([name, value])
      continue
    }
    if (before !== undefined && before !== value) {
      return misuse(`--${name} was given twice, as "${before}" and as "${value}".`)
    }
    options.set(name, value)
  }
  return { plain, options, more }
}

const unfit = (arity: Arity, value: string | true): string | null => {
  if (value === true || arity === "flag" || arity === "text" || arity === "texts") return null
  if (arity === "integer") return /^-?\d{1,15}$/.test(value) ? null : "a whole number"
  return arity.includes(value) ? null : `one of ${arity.join(", ")}`
}

/** What is missing behind the words of a command, too much or of another kind. */
const misplaced = (command: string, node: Node, args: ReadonlyArray<string>): string | null => {
  const many = node.args.some(({ count }) => count === "any")
  const [missing] = node.args.filter(({ count }, i) => count === "one" && i >= args.length)
  if (missing !== undefined) return `"${command}" needs ${missing.name}: ${missing.about}.`
  const extra = many ? undefined : args[node.args.length]
  if (extra !== undefined) {
    const names = node.args.map(({ name }) => name).join(" ")
    return `"${command}" takes ${names === "" ? "no argument" : `only ${names}`}: "${extra}" is one too many.`
  }
  for (const [i, value] of args.entries()) {
    const argument = node.args[Math.min(i, node.args.length - 1)]
    if (argument?.arity === "integer" && unfit("integer", value) !== null) {
      return `${argument.name}: expected ${argument.about}, not "${value}".`
    }
  }
  return null
}

/**
 * Reads the words after the program's name.
 *
 * @since 0.1.0
 * @category parsing
 */
export const read = (argv: ReadonlyArray<string>): CommandLine | Misuse => {
  const tokens = tokenize(argv)
  if ("_tag" in tokens) return tokens
  const { more, options, plain } = tokens
  const words: Array<string> = []
  let node = root
  while (Object.keys(node.children).length > 0) {
    const word = plain[words.length]
    const child = word !== undefined && Object.hasOwn(node.children, word) ? node.children[word] : undefined
    if (word !== undefined && child === undefined) {
      const names = Object.keys(node.children)
      return misuse(
        `Unknown command "${[...words, word].join(" ")}".` +
          (suggest(word, names) || ` Use one of: ${names.join(", ")}.`)
      )
    }
    if (child === undefined) break
    words.push(word!)
    node = child
  }
  const args = plain.slice(words.length)
  const asks = [...options.keys()].some((name) => Object.hasOwn(builtIn, name))
  if (!asks && node.fallback !== undefined) {
    words.push(node.fallback)
    node = node.children[node.fallback]!
  }
  if (words.length === 0 && !asks && options.size > 0) return misuse("Which command?")
  if (!asks && words.length > 0 && Object.keys(node.children).length > 0) {
    return misuse(`"${words.join(" ")}" needs one of: ${Object.keys(node.children).join(", ")}.`)
  }
  for (const [name, value] of options) {
    const arity = Object.hasOwn(node.options, name) ? node.options[name] : builtIn[name]
    const complaint = arity === undefined ? null : unfit(arity, value)
    if (complaint !== null) return misuse(`--${name}: expected ${complaint}, not "${value}".`)
    if (!asks && !Object.hasOwn(node.options, name)) {
      const at = words.length === 0 ? "There is no command for it" : `"${words.join(" ")}" has no such option`
      return misuse(`--${name} cannot be used here. ${at}.`)
    }
  }
  if (asks) return { words, options, more, args }
  const command = words.join(" ")
  const absent = node.required.find((name) => !options.has(name))
  if (absent !== undefined) {
    const arity = node.options[absent]
    return misuse(`"${command}" needs --${absent}${typeof arity === "object" ? `: one of ${arity.join(", ")}` : ""}.`)
  }
  const complaint = misplaced(command, node, args)
  return complaint === null ? { words, options, more, args } : misuse(complaint)
}

/**
 * The same command line as the parser proper takes it without loss: words, then options, then arguments.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toArgv = (line: CommandLine): ReadonlyArray<string> => {
  const written = (name: string, value: string): ReadonlyArray<string> =>
    value.startsWith("-") && !value.includes("\n") ? [`--${name}=${value}`] : [`--${name}`, value]
  // What is given often must stand together, or the parser takes the second one for an argument.
  const options = [...line.options].flatMap(([name, value]) =>
    value === true
      ? Object.hasOwn(builtIn, name) ? [`--${name}`] : [`--${name}`, "true"]
      : [value, ...line.more.flatMap(([other, again]) => other === name ? [again] : [])].flatMap((one) =>
        written(name, one)
      )
  )
  return [
    ...line.words,
    ...options,
    ...(line.args.some((arg) => arg.startsWith("-")) ? ["--", ...line.args] : line.args)
  ]
}
