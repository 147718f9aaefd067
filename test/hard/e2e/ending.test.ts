import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import * as Children from "./Children.js"
import * as Endpoint from "./Endpoint.js"

let endpoint: Endpoint.Endpoint
let directory: string
let n = 0

beforeAll(async () => {
  endpoint = await Endpoint.start()
  directory = Children.temporary()
})
afterAll(async () => {
  await endpoint.close()
  fs.rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => {
  n += 1
})

const start = (mode: string, options: Readonly<Record<string, unknown>> = {}) =>
  Children.node("ending.mjs", {
    DATA_DIR: path.join(directory, `data-${n}`),
    ENDPOINT: endpoint.url,
    MODE: mode,
    NAME: `end${n}`,
    OPTIONS: JSON.stringify(options)
  })

/** What the next process finds and sends. */
const afterwards = async (): Promise<number> => {
  endpoint.behave(() => "ok")
  const child = Children.node("drain.mjs", { DATA_DIR: path.join(directory, `data-${n}`), ENDPOINT: endpoint.url })
  expect((await child.ended).code, child.err()).toBe(0)
  return [...endpoint.names.keys()].filter((name) => name.startsWith(`end${n}-`)).length
}

/** Far below the 30 s that the request may take, far above what a loaded machine needs to end a process. */
const soon = 15_000

describe("a program that ends", () => {
  it.each([["exit", 3], ["late-exit", 3], ["throw", 1], ["fall", 0], ["close", 0]])(
    "by %s right after its last track keeps its exit code and loses nothing",
    async (mode, code) => {
      endpoint.behave(() => "hang")
      const child = start(mode)
      const ended = await child.ended
      expect(ended.code, child.err()).toBe(code)
      expect(ended.ms).toBeLessThan(soon)
      expect(await afterwards()).toBe(50)
    }
  )

  it("while the endpoint is silent is not held up, and everything is still queued", async () => {
    endpoint.behave(() => "hang")
    const child = start("submitting", { timeout: 30_000, interval: 50 })
    const ended = await child.ended
    expect(ended.code, child.err()).toBe(0)
    expect(ended.ms).toBeLessThan(soon)
    expect(await afterwards()).toBe(50)
  })

  it("on SIGTERM while the endpoint is silent ends at once", async () => {
    endpoint.behave(() => "hang")
    const child = start("sigterm", { timeout: 30_000 })
    await child.says("tracked")
    child.process.kill("SIGTERM")
    const ended = await child.ended
    expect(ended.code, child.err()).toBe(0)
    expect(ended.ms).toBeLessThan(soon)
    expect(await afterwards()).toBe(50)
  })
})

describe("a host that sleeps", () => {
  it("is not ended by telemetry's own way of sleeping", async () => {
    const child = Children.node("sleeping.mjs", { TELEMETRY_DATA_DIR: path.join(directory, "sleeping") })
    expect((await child.ended).code, child.err()).toBe(0)
    expect(child.out()).toBe("woke\n")
  })
})

describe("forty forced tries against a dead port", () => {
  it("use up no attempt, and everything arrives when it is back", async () => {
    const dataDir = path.join(directory, "dead")
    const child = Children.node("dead.mjs", { DATA_DIR: dataDir, ENDPOINT: "http://127.0.0.1:9/v1/events" })
    expect((await child.ended).code, child.err()).toBe(0)
    const { dropped, queue, report } = JSON.parse(child.out())
    expect(report).toMatchObject({ submitted: 0, rejected: 0, remaining: 200 })
    expect(queue).toMatchObject({ pending: 200, retrying: 0, dead: 0, total: 200 })
    expect(dropped).toEqual({})
    endpoint.behave(() => "ok")
    const again = Children.node("drain.mjs", { DATA_DIR: dataDir, ENDPOINT: endpoint.url })
    expect((await again.ended).code, again.err()).toBe(0)
    expect([...endpoint.names.keys()].filter((name) => name.startsWith("dead-")).length).toBe(200)
  })
})
