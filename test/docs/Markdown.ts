/** Code in the README and the guides. What is marked `ts run` is a program that is run as it stands. */
import * as fs from "node:fs"
import * as path from "node:path"

export const root = path.resolve(import.meta.dirname, "../..")

export interface Example {
  readonly place: string
  readonly code: string
  readonly runs: boolean
}

export const files = (directory: string, extension: string): ReadonlyArray<string> =>
  fs.existsSync(directory)
    ? fs.readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(extension))
      .map((name) => path.join(directory, name))
    : []

export const placeOf = (file: string, text: string, at: number): string =>
  `${path.relative(root, file)}:${text.slice(0, at).split("\n").length}`

export const inMarkdown = (file: string): ReadonlyArray<Example> => {
  const text = fs.readFileSync(file, "utf8")
  return [...text.matchAll(/^```ts( run)?\n([\s\S]*?)^```/gm)].map((match) => ({
    place: placeOf(file, text, match.index),
    code: match[2]!,
    runs: match[1] !== undefined
  }))
}

export const guides: ReadonlyArray<Example> = [
  ...inMarkdown(path.join(root, "README.md")),
  ...files(path.join(root, "docs"), ".md").flatMap(inMarkdown)
]
