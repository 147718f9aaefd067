/** The command line and the collector as they are shipped: what a person erases is gone there too, whenever there is again somebody to ask. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Children from "./Children.js"

const binary = path.resolve(import.meta.dirname, "../../../dist/bin.cjs")

let directory: string
let collector: Children.Child

beforeAll(() => {
  directory = Children.temporary()
})
afterAll(() => {
  collector.process.kill()
  fs.rmSync(directory, { recursive: true, force: true })
})

const run = async (where: string, words: ReadonlyArray<string>, input = "") => {
  const child = Children.start(
    process.execPath,
    [binary, ...words, "--data-dir", path.join(directory, where), "--json"],
    {},
    { input }
  )
  const { code } = await child.ended
  return { code, err: child.err(), json: child.out() === "" ? null : JSON.parse(child.out()) }
}

/** Runs the collector, and gives its address. */
const serve = async (port: string): Promise<string> => {
  collector = Children.start(process.execPath, [
    binary,
    "collector",
    "serve",
    "--port",
    port,
    "--data-dir",
    path.join(directory, "there")
  ])
  await collector.says("}\n")
  return JSON.parse(collector.out().split("\n")[0]!).listening
}

const eventsThere = async () => (await run("there", ["collector", "doctor"])).json.events

describe("what a person erases", () => {
  it("goes at the collector as well, though it is away at first and the person has opted out by then", async () => {
    const address = await serve("0")
    const { json: { key } } = await run("there", ["collector", "keys", "create", "--role", "ingest"])
    const enable = [
      "enable",
      "--remote",
      "--level",
      "enhanced",
      "--endpoint",
      `${address}/v1/events`,
      "--api-key-stdin"
    ]
    expect((await run("here", enable, `${key}\n`)).code).toBe(0)
    await run("here", ["track", "feature_used", "--data", "{\"featureName\":\"export\"}", "--count", "5"])
    expect((await run("here", ["submit"])).json).toMatchObject({ submitted: 5, remaining: 0 })
    expect(await eventsThere()).toBe(5)

    collector.process.kill()
    await collector.ended
    const off = await run("here", ["disable", "--erase"])
    expect(off.json).toMatchObject({ reason: "opted-out", erasure: { pending: 1 }, store: { events: 0 } })
    const away = await run("here", ["submit"])
    expect([away.code, away.err]).toEqual([1, expect.stringContaining("has not confirmed the erasure yet")])
    expect(await eventsThere()).toBe(5)

    expect(await serve(new URL(address).port)).toBe(address)
    const asked = await run("here", ["submit"])
    expect([asked.code, asked.err]).toEqual([0, "The collector has confirmed the erasure.\n"])
    expect(asked.json).toMatchObject({ submitted: 0 })
    expect((await run("here", ["status"])).json).toMatchObject({ reason: "opted-out", erasure: null })
    await expect.poll(eventsThere, { timeout: 60_000 }).toBe(0)
    expect((await run("here", ["submit"])).err).toContain("telemetry is off (opted-out)")
  })
})
