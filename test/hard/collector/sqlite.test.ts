import Database from "better-sqlite3"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { describe, expect, it } from "vitest"
import * as Children from "../e2e/Children.js"
import * as Load from "./Load.js"
import { missing, rawOnSqlite, recount, rolledUp } from "./recount.js"
import * as Replica from "./Replica.js"

/** A repeatable spread of moments, in milliseconds after the first answer. */
const moment = (i: number): number => (i * 7919) % 120

const killed = async (times: number, offset: number): Promise<void> => {
  const directory = Children.temporary()
  const file = Path.join(directory, "collector.db")
  const url = `sqlite:${file}`
  const ingest = await Replica.createKey(url, "ingest")
  const read = await Replica.createKey(url, "read")
  const acknowledged = new Set<string>()
  for (let i = 0; i < times; i++) {
    const collector = await Replica.start(url)
    const load = Load.start({
      urls: () => [collector.url],
      keys: Array.from({ length: 8 }, () => ingest),
      batchSize: 20
    })
    await Replica.eventually("events are accepted", () => load.acknowledged.size > 0)
    await new Promise((resolve) => setTimeout(resolve, moment(i * 2 + offset)))
    await collector.kill()
    await load.abandon()
    for (const id of load.acknowledged) acknowledged.add(id)
  }
  const collector = await Replica.start(url)
  const answered = await rolledUp(collector.url, read)
  await collector.kill()
  const raw = rawOnSqlite(file)
  expect(acknowledged.size).toBeGreaterThan(times * 20)
  expect(missing(acknowledged, raw)).toEqual([])
  expect(new Set(raw.map(({ id }) => id)).size).toBe(raw.length)
  expect(answered).toEqual(recount(raw))
  const db = new Database(file)
  expect(db.pragma("integrity_check")).toEqual([{ integrity_check: "ok" }])
  db.close()
  Fs.rmSync(directory, { recursive: true, force: true })
}

describe("a collector on SQLite, under eight clients", () => {
  it("has every event it accepted, and counts that fit them, after 50 kills", async () => {
    await Promise.all([killed(25, 0), killed(25, 1)])
  })
})
