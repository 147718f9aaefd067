/** Every example in the README, the guides and the docstrings compiles against the package as it is built. */
import * as fs from "node:fs"
import * as path from "node:path"
import ts from "typescript"
import { expect, it } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")

interface Example {
  readonly place: string
  readonly code: string
}

const files = (directory: string, extension: string): ReadonlyArray<string> =>
  fs.existsSync(directory)
    ? fs.readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(extension))
      .map((name) => path.join(directory, name))
    : []

const placeOf = (file: string, text: string, at: number): string =>
  `${path.relative(root, file)}:${text.slice(0, at).split("\n").length}`

const inMarkdown = (file: string): ReadonlyArray<Example> => {
  const text = fs.readFileSync(file, "utf8")
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    place: placeOf(file, text, match.index),
    code: match[1]!
  }))
}

const inDocstrings = (file: string): ReadonlyArray<Example> => {
  const text = fs.readFileSync(file, "utf8")
  return [...text.matchAll(/^ *\* @example\n((?: *\*(?: (?!@).*)?\n)+)/gm)].map((match) => ({
    place: placeOf(file, text, match.index),
    code: match[1]!.replace(/^ *\* ?/gm, "")
  }))
}

const examples = [
  ...inMarkdown(path.join(root, "README.md")),
  ...files(path.join(root, "docs"), ".md").flatMap(inMarkdown),
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
