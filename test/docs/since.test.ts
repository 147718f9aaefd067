/** Whatever a program can import says since when: that is what a reader of a change log looks for. */
import * as fs from "node:fs"
import * as path from "node:path"
import { expect, it } from "vitest"
import { files, placeOf, root } from "./Markdown.js"

const exported =
  /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type(?! \{)|enum|namespace) (\w+)/gm

/** The comment right before a place; between the two may stand what is for the linter. */
const commentBefore = (text: string, at: number): string => {
  const before = text.slice(0, at).replace(/(?:^\/\/ .*\n)+$/m, "")
  return before.endsWith("*/\n") ? before.slice(before.lastIndexOf("/**")) : ""
}

const headOf = (text: string): string => text.startsWith("/**") ? text.slice(0, text.indexOf("*/")) : ""

it("every export and every module says since when it is there", () => {
  const src = path.join(root, "src")
  const silent = files(src, ".ts").flatMap((file) => {
    const text = fs.readFileSync(file, "utf8")
    if (file.startsWith(path.join(src, "internal")) || headOf(text).includes("@internal")) return []
    const seen = new Set<string>()
    const exports = [...text.matchAll(exported)].filter(({ 1: name = "", index }) => {
      // Of overloads, and of a type and a value with one name, the first says it for all.
      const isFirst = !seen.has(name)
      seen.add(name)
      return isFirst && !/@since|@internal/.test(commentBefore(text, index))
    })
    return [
      ...(headOf(text).includes("@since") ? [] : [`${path.relative(root, file)}: the module`]),
      ...exports.map((match) => `${placeOf(file, text, match.index)}: ${match[1]}`)
    ]
  })
  expect(silent).toEqual([])
})
