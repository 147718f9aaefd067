/** The examples that say so are run as they stand, each in a process and a data directory of its own. */
import * as esbuild from "esbuild"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { guides, root } from "../docs/Markdown.js"
import * as Children from "./e2e/Children.js"

/** Inside the package: an example imports it by name. */
const directory = path.join(root, "test", "docs", `.run-${process.pid}`)

beforeAll(() => fs.mkdirSync(directory))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

const runnable = guides.filter(({ runs }) => runs)

/** What a comment in the code says it prints. */
const promised = (code: string): ReadonlyArray<string> =>
  [...code.matchAll(/\bprints: (.+)$/gm)].map((match) => match[1]!)

describe("the example at", () => {
  it.each(runnable)("$place runs, and prints what it says", async ({ code, place }) => {
    const program = path.join(directory, `${place.replaceAll(/\W/g, "-")}.mjs`)
    const { code: javascript } = await esbuild.transform(code, { loader: "ts", format: "esm", target: "node20" })
    fs.writeFileSync(program, javascript)
    const dataDir = Children.temporary()
    const child = Children.start(process.execPath, [program], { TELEMETRY_DATA_DIR: path.join(dataDir, "data") })
    const { code: exitCode } = await child.ended
    fs.rmSync(dataDir, { recursive: true, force: true })
    expect([exitCode, child.err()]).toEqual([0, expect.not.stringContaining("Error")])
    expect(promised(code)).not.toEqual([])
    for (const text of promised(code)) expect(child.out()).toContain(text)
  })

  it("… is there in each guide that says so", () => {
    expect(runnable.length).toBeGreaterThan(8)
  })
})
