import * as fs from "node:fs"
import * as path from "node:path"
import ts from "typescript"

/** Every pattern of the redaction, as source: those written down and those put together when their modules are loaded. */
export const patterns = async (): Promise<ReadonlyArray<readonly [file: string, source: string]>> => {
  const directory = path.resolve(import.meta.dirname, "../../src/collection/redaction")
  const found: Array<readonly [string, string]> = []
  for (const name of fs.readdirSync(directory)) {
    const text = fs.readFileSync(path.join(directory, name), "utf8")
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        found.push([name, node.text.slice(1, node.text.lastIndexOf("/"))])
      }
      node.forEachChild(visit)
    }
    visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true))
  }
  const Plain = globalThis.RegExp
  globalThis.RegExp = new Proxy(Plain, {
    construct: (target, [source, flags]) => {
      if (typeof source === "string") found.push(["built", source])
      return new target(source, flags)
    }
  })
  try {
    await import("../../src/collection/redaction/Rules.js")
  } finally {
    globalThis.RegExp = Plain
  }
  return found
}

/** How often at most, and how the quantifier is written, at `at`; null where there is none. */
const quantifierAt = (source: string, at: number): { readonly max: number; readonly length: number } | null => {
  const [text = "", to] = /^(?:[*+?]|\{\d+(?:,(\d*))?\})\??/.exec(source.slice(at)) ?? []
  if (text === "") return null
  if (text[0] === "*" || text[0] === "+") return { max: Infinity, length: text.length }
  if (text[0] === "?") return { max: 1, length: text.length }
  const max = to === undefined ? Number.parseInt(text.slice(1)) : to === "" ? Infinity : Number(to)
  return { max, length: text.length }
}

/**
 * In how many ways, to the order of magnitude, a pattern can be repeated within a repetition: the parts in which one
 * quantifier without bound stands inside another. Those are what makes a search exponential.
 */
export const nestedRepetitions = (source: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const open: Array<{ readonly start: number; endless: boolean }> = [{ start: 0, endless: false }]
  let at = 0
  const quantify = (start: number, inner: boolean): void => {
    const quantifier = quantifierAt(source, at)
    const endless = quantifier !== null && quantifier.max === Infinity
    if (quantifier !== null) at += quantifier.length
    if (endless && inner) found.push(source.slice(start, at))
    if (endless || inner) open[open.length - 1]!.endless = true
  }
  while (at < source.length) {
    const start = at
    const character = source[at]
    if (character === "\\") {
      at += /^\\[pP]\{[^}]*\}/.exec(source.slice(at))?.[0].length ?? 2
      quantify(start, false)
    } else if (character === "[") {
      for (at++; source[at] !== "]"; at++) if (source[at] === "\\") at++
      at++
      quantify(start, false)
    } else if (character === "(") {
      at += /^\((?:\?(?:[:=!]|<[=!]))?/.exec(source.slice(at))![0].length
      open.push({ start, endless: false })
    } else if (character === ")") {
      at++
      const group = open.pop()!
      quantify(group.start, group.endless)
    } else {
      at++
      if (character !== "|" && character !== "^" && character !== "$") quantify(start, false)
    }
  }
  return found
}
