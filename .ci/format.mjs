// Formats the TypeScript sources by dprint.json; with --check it only says which ones differ. The formatter runs as
// WebAssembly, so that no platform needs a binary of its own.
import { createFromBuffer } from "@dprint/formatter"
import fs from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "..")
const { lineWidth, indentWidth, typescript } = JSON.parse(fs.readFileSync(path.join(root, "dprint.json"), "utf8"))
const wasm = createRequire(import.meta.url)("@dprint/typescript").getPath()
const formatter = createFromBuffer(fs.readFileSync(wasm))
formatter.setConfig({ lineWidth, indentWidth }, typescript)

const check = process.argv.includes("--check")
const files = [
  ...["src", "test", "scratchpad"].flatMap((folder) =>
    fs.readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.join(folder, name))
  ),
  ...fs.readdirSync(root)
].filter((name) => name.endsWith(".ts"))

let differing = 0
for (const name of files) {
  const filePath = path.join(root, name)
  const fileText = fs.readFileSync(filePath, "utf8")
  const formatted = formatter.formatText({ filePath, fileText })
  if (formatted === fileText) continue
  differing += 1
  if (check) console.error(`not formatted: ${name}`)
  else fs.writeFileSync(filePath, formatted)
}
if (check && differing > 0) {
  console.error(`${differing} files differ: run "npm run format"`)
  process.exitCode = 1
}
