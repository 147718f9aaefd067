/**
 * The frames of a stack by which an error is known again: the program's own, without what differs between engines, builds and
 * machines. Reads the formats of V8 (Node, Chromium), SpiderMonkey (Firefox) and JavaScriptCore (Safari).
 *
 * @since 0.1.0
 */

/** Characters of a stack that are read: enough for the frames that count. */
const maxStack = 8 * 1024

/** Frames that decide. Below them are those who called, who may be many. */
const maxFrames = 3

/** V8 puts type and message first, and a message may look like a frame. */
const maxHead = 200

/** Longer lines are not frames. */
const maxLine = 800

const v8 = /^\s{0,100}at (?:(.{1,300}?) \()?(.{1,1000}?)(?::\d{1,9}){1,2}\)?$/
const others = /^([^@]{0,300})@(.{1,1000}?)(?::\d{1,9}){1,2}$/
const bare = /^((?:https?|file|webpack(?:-internal)?):\/\/.{1,1000}?)(?::\d{1,9}){1,2}$/

/** Of the engine, of the platform, of an extension, or of somebody else's package. */
const foreign =
  /^(?:node|bun|ext|deno|resource|chrome|native|[a-z]{1,20}-extension):|[\\/](?:node_modules|\.yarn)[\\/]|[\\/]vendors?[-.~][^\\/]*$|^internal[\\/]|\[native code\]|<anonymous>$/

interface Frame {
  readonly name: string
  readonly location: string
  readonly isAsync: boolean
}

const parse = (line: string): Frame | null => {
  if (line.length > maxLine) return null
  const found = v8.exec(line)
  if (found !== null) {
    const [, called, place = ""] = found
    const isAsync = (called ?? place).startsWith("async ")
    return { name: called ?? "", location: place.replace(/^async /, ""), isAsync }
  }
  const named = others.exec(line)
  if (named !== null) return { name: named[1]!, location: named[2]!, isAsync: /^async(?:\*| )/.test(named[1]!) }
  const alone = bare.exec(line)
  return alone === null ? null : { name: "", location: alone[1]!, isAsync: false }
}

/** Names that engines give to what has none. */
const nameless = /^(?:<anonymous>|anonymous|default|(?:global|module|eval) code|\?)$/

/** A minifier's: it will be another in the next build. */
const minified = /^(?:.{0,2}|(?=.*[\dA-Z$_])(?=.*[a-z\d]).{3})$/

/** `async Object.Parser.parse [as run]`, `async*Parser.prototype.parse` and `parse` are all `parse`; no name is no name. */
const functionName = (name: string): string => {
  if (name.endsWith("<")) return ""
  const last = name.replace(/ \[as .{1,100}\]$/, "").replace(/^.{0,200}\*/, "").split(/[./]/).pop() ?? ""
  const short = last.replace(/^(?:(?:async|new|get|set|static) )+/, "").replace(/^#/, "")
  return nameless.test(short) || minified.test(short) ? "" : short.replace(/\d{1,20}/g, "#")
}

const hash = /[-._](?:(?=[a-z]{0,40}\d)[a-z0-9_]{6,40}|(?=[\w-]{0,7}\d|[\w-]{0,7}[A-Z][\w-]{0,6}[A-Z])[\w-]{8})(?=\.)/

/** `…/src/app/main-3f9a2c1b.js?v=2` → `main`: the source and what it is compiled to are one. */
const fileName = (location: string): string => {
  const path = location.replace(/ line \d{1,9} > .{0,1000}$/, "").replace(/[?#].{0,1000}$/, "")
  const name = path.split(/[\\/]/).pop() ?? ""
  return name.replace(hash, "").replace(/\.[cm]?[jt]sx?$/, "").replace(/\d{1,20}/g, "#")
}

/** The first set with something in it. */
const first = (...sets: ReadonlyArray<ReadonlySet<string>>): ReadonlyArray<string> =>
  [...sets.find((set) => set.size > 0) ?? []].slice(0, maxFrames)

/**
 * The frames that decide, as `function file`, nearest first, up to where a recursion begins anew: its depth makes no
 * difference. Frames without a name, and those that only awaited what failed, count where there are no others: engines
 * differ in which of them they remember.
 *
 * @since 0.1.0
 * @category normalization
 */
export const normalize = (stack: string, message = ""): ReadonlyArray<string> => {
  const text = stack.slice(0, maxStack)
  const head = message === "" ? -1 : text.slice(0, message.length + maxHead).indexOf(": " + message)
  const named = new Set<string>()
  const unnamed = new Set<string>()
  const awaiting = new Set<string>()
  let awaited = false
  for (const line of text.slice(head === -1 ? 0 : head + message.length + 2).split("\n")) {
    const frame = parse(line)
    if (frame === null || foreign.test(frame.location)) continue
    awaited ||= frame.isAsync
    const name = functionName(frame.name)
    const frames = awaited ? awaiting : name === "" ? unnamed : named
    const shown = `${name} ${fileName(frame.location)}`
    if (frames === named && named.has(shown)) break
    frames.add(shown)
    if (named.size === maxFrames) break
  }
  return first(named, unnamed, awaiting)
}
