import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { uuid4 } from "../../collector/support.js"
import * as Load from "./Load.js"
import * as PostgresServer from "./PostgresServer.js"
import { missing, rawOnPostgres, recount, rolledUp } from "./recount.js"
import * as Replica from "./Replica.js"

const { eventually } = Replica

let server: PostgresServer.PostgresServer
let database: string
let url: string
let ingest: ReadonlyArray<string>
let read: string
const replicas: Array<Replica.Replica> = []

const create = async (name: string): Promise<void> => {
  database = name
  url = server.create(name)
  ingest = await Promise.all(Array.from({ length: 2 }, () => Replica.createKey(url, "ingest")))
  read = await Replica.createKey(url, "read")
}

const add = async (): Promise<Replica.Replica> => {
  const replica = await Replica.start(url)
  replicas.push(replica)
  return replica
}

const remove = async (replica: Replica.Replica): Promise<void> => {
  replicas.splice(replicas.indexOf(replica), 1)
  await replica.kill()
}

const load = () =>
  Load.start({
    urls: () => replicas.map((one) => one.url),
    keys: Array.from({ length: 8 }, (_, i) => ingest[i % ingest.length]!)
  })

/** Those that say that they run the job. */
const runnersOf = async (job: string): Promise<ReadonlyArray<Replica.Replica>> => {
  const answers = await Promise.all(replicas.map(async (one) => [one, await one.runs(job)] as const))
  return answers.flatMap(([one, here]) => here === true ? [one] : [])
}

const runnerOf = async (job: string): Promise<Replica.Replica> => {
  const found: Array<Replica.Replica> = []
  await eventually(`one replica runs ${job}`, async () => {
    found.splice(0, Infinity, ...await runnersOf(job))
    return found.length === 1
  })
  return found[0]!
}

/** Until it is told to stop: two that said, one between two answers of the other, that they run the same job. */
const watch = () => {
  const seen: Array<string> = []
  const state = { stopped: false }
  const look = async (): Promise<void> => {
    while (!state.stopped) {
      const pairs = replicas.flatMap((one) => replicas.filter((it) => it !== one).map((other) => [one, other] as const))
      for (const [one, other] of pairs) {
        for (const job of ["fold", "weeks", "erasure", "retention", "alerts", "webhooks"]) {
          const answers = [await one.runs(job), await other.runs(job), await one.runs(job)]
          if (answers.every((here) => here === true)) seen.push(`${job}: ${one.url} and ${other.url}`)
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const looking = look()
  return {
    stop: async () => {
      state.stopped = true
      await looking
      return seen
    }
  }
}

const expectExact = async (sent: Load.Load): Promise<void> => {
  // Those that run the job fold what waits, without being asked.
  await eventually("all is folded", () => server.query(database, "SELECT count(*) FROM rollup_delta")[0] === "0")
  const raw = rawOnPostgres(server, database)
  expect(missing(sent.acknowledged, raw)).toEqual([])
  expect(new Set(raw.map(({ id }) => id)).size).toBe(raw.length)
  for (const replica of replicas) expect(await rolledUp(replica.url, read)).toEqual(recount(raw))
  expect(sent.refused()).toBe(0)
  // No answer at all, accepted, or storage away; and nothing else.
  expect([...sent.statuses.keys()].filter((status) => ![0, 200, 503].includes(status))).toEqual([])
}

beforeAll(async () => {
  server = await PostgresServer.make()
})
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((one) => one.kill()))
})
afterAll(() => server.remove())

describe("three replicas on one Postgres, under eight clients", () => {
  it("lose nothing and count nothing twice while they are killed, one after the other", async () => {
    await create("killed")
    for (let i = 0; i < 3; i++) await add()
    const [sent, watched] = [load(), watch()]
    for (const job of ["fold", "weeks", "erasure", "fold"]) {
      const victim = await runnerOf(job)
      await remove(victim)
      await eventually(`another replica runs ${job}`, async () => (await runnersOf(job)).length === 1, 30)
      await add()
    }
    await sent.finish()
    expect(await watched.stop()).toEqual([])
    expect(sent.acknowledged.size).toBeGreaterThan(1_000)
    await expectExact(sent)
  })

  it("answer 503 while Postgres is gone, and go on by themselves when it is back", async () => {
    await create("crashed")
    for (let i = 0; i < 3; i++) await add()
    await runnerOf("fold")
    const sent = load()
    for (let i = 1; i <= 3; i++) {
      await eventually("events are stored", () => sent.acknowledged.size > i * 500)
      const refused = sent.statuses.get(503) ?? 0
      server.crash()
      await eventually("storage is away", () => (sent.statuses.get(503) ?? 0) > refused)
      server.start()
    }
    const before = sent.acknowledged.size
    await eventually("events are stored again", () => sent.acknowledged.size > before + 500)
    await sent.finish()
    await runnerOf("fold")
    await expectExact(sent)
  })

  it("hand a job over in seconds when they are told to stop, and erase what any of them was asked to", async () => {
    await create("stopped")
    for (let i = 0; i < 2; i++) await add()
    const runner = await runnerOf("erasure")
    runner.child.process.kill("SIGTERM")
    expect((await runner.child.ended).code).toBe(0)
    replicas.splice(replicas.indexOf(runner), 1)
    // Nothing has to expire: it has given its jobs back.
    await runnerOf("erasure")
    const idle = await add()
    await runnerOf("erasure")
    const sent = load()
    await eventually("events are stored", () => sent.acknowledged.size > 500)
    await sent.finish()
    const { installation } = rawOnPostgres(server, database)[0]!
    const dashed = installation.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5")
    const other = (await runnersOf("erasure"))[0] === idle ? replicas.find((one) => one !== idle)! : idle
    const response = await fetch(`${other.url}/v1/events/erasure`, {
      method: "POST",
      body: JSON.stringify({ requestId: uuid4(), installationId: dashed }),
      headers: { "content-type": "application/json", "x-api-key": ingest[0]! }
    })
    expect(response.status).toBe(202)
    await eventually(
      "it is erased by the other one",
      () => server.query(database, "SELECT count(*) FROM erasures WHERE done_at IS NULL")[0] === "0"
    )
    expect(rawOnPostgres(server, database).filter((one) => one.installation === installation)).toEqual([])
  })

  it("are not harmed by a runner that is paused inside a transaction, loses its job, and wakes up", async () => {
    await create("paused")
    for (let i = 0; i < 2; i++) await add()
    const paused = await runnerOf("fold")
    const sent = load()
    await eventually("events are stored", () => sent.acknowledged.size > 500)
    // The runner is made to wait in the middle of its fold, paused there, and let go while it does not notice.
    const holder = await server.hold(database, "LOCK TABLE rollup_delta IN EXCLUSIVE MODE")
    const folding = "state <> 'idle' AND query LIKE 'DELETE FROM rollup_delta%' AND wait_event_type = 'Lock'"
    await eventually(
      "the runner waits in its fold",
      () => server.query(database, `SELECT 1 FROM pg_stat_activity WHERE ${folding}`).length > 0
    )
    paused.child.process.kill("SIGSTOP")
    replicas.splice(replicas.indexOf(paused), 1)
    holder.release()
    await runnerOf("fold")
    // Its transaction is still open, and is ended by the server.
    await eventually(
      "the other one has folded",
      async () => ((await replicas[0]!.metric("collector_job_runs_total{job=\"fold\"}")) ?? 0) > 2
    )
    await sent.finish()
    await eventually("all is folded", () => server.query(database, "SELECT count(*) FROM rollup_delta")[0] === "0")
    paused.child.process.kill("SIGCONT")
    replicas.push(paused)
    const more = load()
    await eventually("events are stored by both", () => more.acknowledged.size > 500)
    await more.finish()
    await runnerOf("fold")
    for (const id of sent.acknowledged) expect(more.acknowledged.has(id)).toBe(false)
    await expectExact(more)
    expect(missing(sent.acknowledged, rawOnPostgres(server, database))).toEqual([])
  })
})
