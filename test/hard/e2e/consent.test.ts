/** One process is told something, another one that runs already goes by it. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Children from "./Children.js"

const binary = path.resolve(import.meta.dirname, "../../../dist/bin.cjs")

let directory: string

beforeAll(() => {
  directory = Children.temporary()
})
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

describe("a program that runs", () => {
  it("goes on and off by what another process is told, and records nothing of before", async () => {
    const env = { TELEMETRY_DATA_DIR: path.join(directory, "data") }
    const told = async (...words: ReadonlyArray<string>) => {
      const child = Children.start(process.execPath, [binary, ...words, "--json"], env)
      const { code } = await child.ended
      expect(code, child.err()).toBe(0)
      return JSON.parse(child.out())
    }
    const program = Children.start(process.execPath, [path.join(Children.programs, "waiting.mjs")], env, { open: true })
    await program.says("start off")
    expect(fs.existsSync(env.TELEMETRY_DATA_DIR)).toBe(false)
    await told("enable")
    await program.says("turn 1 on")
    await told("disable")
    await program.says("turn 2 off")
    await told("enable", "--level", "enhanced")
    await program.says("turn 3 on")
    program.process.stdin?.end()
    const { code } = await program.ended
    expect(code, program.err()).toBe(0)
    const events: ReadonlyArray<{ readonly level: string; readonly eventData: { readonly featureName: string } }> =
      await told("export")
    expect(new Set(events.map(({ eventData }) => eventData.featureName))).toEqual(new Set(["after"]))
    expect(new Set(events.map(({ level }) => level))).toEqual(new Set(["basic", "enhanced"]))
  })
})
