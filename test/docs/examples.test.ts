/** Every example in the README, the guides and the docstrings compiles against the package as it is built. */
import * as fs from "node:fs"
import * as path from "node:path"
import ts from "typescript"
import { expect, it } from "vitest"
import { type Example, files, guides, placeOf, root } from "./Markdown.js"

const inDocstrings = (file: string): ReadonlyArray<Example> => {
  const text = fs.readFileSync(file, "utf8")
  return [...text.matchAll(/^ *\* @example\n((?: *\*(?: (?!@).*)?\n)+)/gm)].map((match) => ({
    place: placeOf(file, text, match.index),
    code: match[1]!.replace(/^ *\* ?/gm, ""),
    runs: false
  }))
}

const examples = [
  ...guides,
  ...files(path.join(root, "src"), ".ts").flatMap(inDocstrings)
]

it("every example compiles", () => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    root
  )
  const byFile = new Map(examples.map((example, i) => [path.join(root, "test", "docs", `example-${i}.mts`), example]))
  const host = ts.createCompilerHost({ ...options, incremental: false })
  const { fileExists, readFile } = host
  host.fileExists = (file) => byFile.has(file) || fileExists(file)
  host.readFile = (file) => byFile.get(file)?.code ?? readFile(file)
  const { tsBuildInfoFile: _, ...rest } = options
  const program = ts.createProgram(
    [...byFile.keys()],
    { ...rest, incremental: false, noUnusedLocals: false },
    host
  )
  const found = ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const example = byFile.get(diagnostic.file?.fileName ?? "")
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0
    return `${example?.place ?? diagnostic.file?.fileName} (+${line + 1}): ` +
      ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")
  })
  expect(examples.length).toBeGreaterThan(10)
  expect(found).toEqual([])
}, 120_000)
