/**
 * The same error under the same short name, whatever changes between two of its occurrences: line numbers, ids, paths,
 * hashes in file names, quoted values. Made of names from the stack where there is one, else of the words of the message.
 *
 * @since 0.1.0
 */

/** Characters of a stack that are read: enough for the frames that count. */
const maxStack = 8 * 1024

/** Characters of a message that are read. */
const maxMessage = 1000

/** Frames that decide. Below them are the event loop and whoever called. */
const maxFrames = 5

const replacements: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'`<>]{1,500}/gi, "<url>"],
  [/[^\s"'`<>@]{1,64}@[^\s"'`<>@]{1,255}/g, "<address>"],
  [/"[^"\n]{0,500}"|'[^'\n]{0,500}'|`[^`\n]{0,500}`|“[^”\n]{0,500}”/g, "<value>"],
  [/(?:\b[a-z]:)?(?:\.{0,2}[\\/][^\s\\/:"'`<>()]{1,255}){1,40}[\\/]?(?::\d{1,9}){0,2}/gi, "<path>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>"],
  [/\b(?:0x[0-9a-f]{1,64}|(?=[a-f]{0,64}\d)[0-9a-f]{6,128})\b/gi, "<id>"],
  [/\b(?=[a-z_-]{0,64}\d)[a-z0-9_-]{12,128}\b/gi, "<id>"],
  [/\d{1,64}(?:[.,:]\d{1,64}){0,16}/g, "<n>"],
  [/\s{1,1000}/g, " "]
]

/**
 * The words of a message that stay the same: what differs from one occurrence to the next is replaced.
 *
 * @since 0.1.0
 * @category normalization
 */
export const normalizeMessage = (message: string): string => {
  let out = message.slice(0, maxMessage)
  for (const [pattern, name] of replacements) out = out.replace(pattern, name)
  return out.trim().toLowerCase()
}

const v8 = /^\s{0,100}at (?:async )?(?:(.{1,300}?) \()?(.{1,1000}?)(?::\d{1,9}){1,2}\)?$/
const others = /^(.{0,300}?)@(.{1,1000}?)(?::\d{1,9}){1,2}$/

const foreign = /^node:|[\\/]node_modules[\\/]|^internal[\\/]|^native$|<anonymous>$/

/** `…/src/app/main-3f9a2c1b.js?v=2` → `main.js`. */
const fileName = (location: string): string => {
  const name = location.replace(/[?#].{0,1000}$/, "").split(/[\\/]/).pop() ?? ""
  return name.replace(/[-._](?=[a-z]{0,40}\d)[a-z0-9_]{6,40}(?=\.)/i, "")
}

const functionName = (name: string | undefined): string =>
  (name ?? "").replace(/^(?:new |async |Object\.|Module\.|global(?:This)?\.|window\.)/, "").replace(
    / \[as .{1,100}\]$/,
    ""
  )
    .replace(/\d{1,20}/g, "#")

/**
 * The frames that decide: the program's own, at most five, as `function file`.
 *
 * @since 0.1.0
 * @category normalization
 */
export const normalizeStack = (stack: string): ReadonlyArray<string> => {
  const frames: Array<string> = []
  for (const line of stack.slice(0, maxStack).split("\n")) {
    if (frames.length === maxFrames) break
    const found = line.length > 1500 ? null : v8.exec(line) ?? others.exec(line)
    if (found === null || foreign.test(found[2]!)) continue
    frames.push(`${functionName(found[1])} ${fileName(found[2]!)}`)
  }
  return frames
}

/** 16 letters of a 64-bit hash (two lanes of multiply and mix). Letters only: no rule takes it for a number or a key. */
const hash = (text: string): string => {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  let out = ""
  for (const lane of [a, b]) for (let shift = 28; shift >= 0; shift -= 4) out += letters[(lane >>> shift) & 15]
  return out
}

const letters = "abcdefghijklmnop"

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (errorType: string, message: string, stack: string): string => {
  const frames = normalizeStack(stack)
  return hash(
    [errorType.slice(0, maxMessage), ...(frames.length > 0 ? frames : [normalizeMessage(message)])].join("\n")
  )
}
