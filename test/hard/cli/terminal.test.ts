/** The binary before a person: on a terminal of its own, which `script` makes. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import * as Children from "../e2e/Children.js"
import * as Endpoint from "../e2e/Endpoint.js"

const binary = path.resolve(import.meta.dirname, "../../../dist/bin.cjs")
const escape = "\u001b"

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

const environment = (more: Readonly<Record<string, string>>) => ({
  TERM: "xterm",
  NO_COLOR: "",
  TELEMETRY_DATA_DIR: path.join(directory, `data-${n}`),
  ...more
})

/** On a terminal so wide, with keys to be pressed. */
const terminal = (words: string, columns = 80, more: Readonly<Record<string, string>> = {}) =>
  Children.start(
    "script",
    ["-qec", `stty cols ${columns} rows 40; exec '${process.execPath}' '${binary}' ${words}`, "/dev/null"],
    environment(more),
    { open: true }
  )

/** Without one. */
const told = async (...words: ReadonlyArray<string>) => {
  const child = Children.start(process.execPath, [binary, ...words], environment({}))
  expect((await child.ended).code, child.err()).toBe(0)
  return child.out()
}

const feature = "{\"featureName\":\"export\"}"

describe.skipIf(process.platform !== "linux")("on a terminal", () => {
  it("enable shows the notice and asks on a terminal: how much, and whether to send", async () => {
    const child = terminal("enable")
    await child.says("How much may be recorded")
    expect(child.out()).toContain("Nothing is recorded unless you say yes")
    child.process.stdin?.write(`${escape}[B\r`)
    await child.says("May it be sent")
    child.process.stdin?.write("n")
    expect((await child.ended).code).toBe(0)
    expect(JSON.parse(await told("status", "--json"))).toMatchObject({
      enabled: true,
      reason: "consented",
      level: "enhanced",
      remote: false
    })
  })

  it("clear asks on a terminal, and erases nothing after a no", async () => {
    await told("enable")
    await told("track", "feature_used", "--data", feature)
    const child = terminal("clear")
    await child.says("Erase every stored")
    child.process.stdin?.write("n")
    expect((await child.ended).code).toBe(1)
    expect(child.out()).toContain("Nothing was changed.")
    expect(JSON.parse(await told("status", "--json")).store.events).toBe(1)
  })

  it("a question is left by Ctrl-C, and nothing was changed", async () => {
    const child = terminal("enable")
    await child.says("How much may be recorded")
    child.process.stdin?.write("\u0003")
    expect((await child.ended).code).toBe(1)
    expect(child.out()).toMatch(/\r\nNothing was changed\.\r\n$/)
    expect(JSON.parse(await told("status", "--json"))).toMatchObject({ enabled: false, reason: "not-asked" })
  })

  it("tables are bold, and plain where NO_COLOR is set or there is no terminal", async () => {
    const shown = async (more: Readonly<Record<string, string>>) => {
      const child = terminal("status", 80, more)
      expect((await child.ended).code).toBe(0)
      return child.out().replaceAll("\r", "")
    }
    const colored = await shown({})
    expect(colored).toContain(`${escape}[1mTelemetry`)
    const plain = await shown({ NO_COLOR: "1" })
    expect(plain).not.toContain(escape)
    expect(colored.replaceAll(/\u001b\[\d*m/g, "")).toBe(plain)
    expect(await told("status")).toBe(plain)
  })

  it("bars and last columns keep to the width of the window", async () => {
    await told("enable")
    await told("track", "feature_used", "--data", feature, "--count", "100")
    for (const columns of [60, 200]) {
      const child = terminal("stats --format chart", columns, { NO_COLOR: "1" })
      await child.ended
      const [line] = child.out().split("\r\n")
      expect([...line!].length).toBeLessThanOrEqual(columns)
      expect([...line!].length).toBeGreaterThan(columns - 10)
    }
  })

  it("submit says how many are left while it works", async () => {
    await told("enable", "--remote", "--endpoint", endpoint.url)
    await told("track", "feature_used", "--data", feature, "--count", "3")
    endpoint.behave(() => "hang")
    const child = terminal("submit", 80, { TELEMETRY_TIMEOUT: "4000" })
    await child.says("3 events left …")
    expect((await child.ended).code).toBe(1)
    expect(child.out()).toContain("Nothing was sent")
  })
})
