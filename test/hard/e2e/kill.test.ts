import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Children from "./Children.js"
import * as Endpoint from "./Endpoint.js"

let endpoint: Endpoint.Endpoint

beforeAll(async () => {
  endpoint = await Endpoint.start()
})
afterAll(() => endpoint.close())

const drained = async (
  dataDir: string
): Promise<{ readonly status: { readonly queue: { readonly total: number } } }> => {
  const child = Children.node("drain.mjs", { DATA_DIR: dataDir, ENDPOINT: endpoint.url })
  const { code } = await child.ended
  expect(code, child.err()).toBe(0)
  return JSON.parse(child.out())
}

const settle = async (dataDir: string, ack: string): Promise<void> => {
  const { status } = await drained(dataDir)
  expect(status.queue.total).toBe(0)
  const missing = Children.acknowledged(ack).filter((name) => !endpoint.names.has(name))
  expect(missing).toEqual([])
  expect([...endpoint.names].filter(([, times]) => times > 1)).toEqual([])
}

/** A repeatable spread of moments, in milliseconds after the program is ready. */
const moment = (i: number): number => (i * 7919) % 160

/** `KILLS=200` for more of them. */
const kills = Number(process.env["KILLS"] ?? 120)

describe("SIGKILL", () => {
  it(
    "at random moments of tracking and submitting loses nothing and doubles nothing",
    { timeout: 600_000 },
    async () => {
      const directory = Children.temporary()
      const dataDir = path.join(directory, "data")
      const ack = path.join(directory, "ack")
      endpoint.behave((request) => request % 7 === 3 ? "lost-ack" : request % 11 === 5 ? "unavailable" : "ok")
      const one = async (i: number): Promise<void> => {
        const child = Children.node("tracker.mjs", {
          DATA_DIR: dataDir,
          ENDPOINT: endpoint.url,
          ACK: ack,
          NAME: `k${i}`
        })
        // One in five is killed while it is still opening the store.
        await child.says(i % 5 === 0 ? "ready" : "going")
        await new Promise((resolve) => setTimeout(resolve, moment(i)))
        child.process.kill("SIGKILL")
        expect((await child.ended).signal).toBe("SIGKILL")
      }
      // Two at a time: the second opens, recovers and submits while the first is being killed.
      for (let i = 0; i < kills; i += 2) await Promise.all([one(i), one(i + 1)])
      endpoint.behave(() => "ok")
      expect(Children.acknowledged(ack).length).toBeGreaterThan(kills * 10)
      await settle(dataDir, ack)
      fs.rmSync(directory, { recursive: true, force: true })
    }
  )

  it("at each of the first 40 write system calls leaves a store that goes on", { timeout: 600_000 }, async () => {
    const directory = Children.temporary()
    const ack = path.join(directory, "ack")
    let killed = 0
    for (let k = 1; k <= 40; k++) {
      // Every eighth kill starts with no store at all, so that set-up and migration are hit as well.
      const dataDir = path.join(directory, `data-${Math.floor(k / 8)}`)
      const child = Children.start("strace", [
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=pwrite64,write",
        "-e",
        `inject=pwrite64:signal=SIGKILL:when=${k}`,
        process.execPath,
        path.join(Children.programs, "tracker.mjs")
      ], { DATA_DIR: dataDir, ENDPOINT: endpoint.url, ACK: ack, NAME: `w${k}`, TOTAL: "400", WORKER: "0" })
      const { code, signal } = await child.ended
      if (signal === "SIGKILL" || code === 137) killed += 1
      await settle(dataDir, ack)
    }
    expect(killed).toBe(40)
    fs.rmSync(directory, { recursive: true, force: true })
  })
})
