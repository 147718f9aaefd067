import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type Client, event, start } from "../../collector/support.js"
import * as PostgresServer from "./PostgresServer.js"
import * as Proxy from "./Proxy.js"

let server: PostgresServer.PostgresServer

beforeAll(async () => {
  server = await PostgresServer.make()
})
afterAll(() => server.remove())

/** Asks again and again, until the answer is the one that is waited for. */
const until = <A>(what: string, ask: Effect.Effect<A>, holds: (answer: A) => boolean): Effect.Effect<A> =>
  ask.pipe(
    Effect.filterOrFail(holds, (answer) => answer),
    Effect.retry(Schedule.spaced("100 millis")),
    Effect.timeoutFail({ duration: "60 seconds", onTimeout: () => new Error(`not within a minute: ${what}`) }),
    Effect.orDie
  )

const isHere = (client: Client, job: string) =>
  Effect.map(client.request("/metrics"), ({ text }) => text.includes(`collector_job_here{job="${job}"} 1`))

describe("a collector whose Postgres falls silent", () => {
  it.scopedLive("answers 503 within the time it was given, and goes on by itself when there is one again", () =>
    Effect.gen(function*() {
      server.create("silent")
      const proxy = yield* Effect.acquireRelease(
        Effect.promise(() => Proxy.start(server.port)),
        (one) => Effect.sync(one.close)
      )
      const client = yield* start(`postgres://postgres@127.0.0.1:${proxy.port}/silent`, {
        limits: { databaseAnswerMillis: 2_000 }
      })
      yield* until("it runs the fold", isHere(client, "fold"), (here) => here)
      const post = client.post([event()])
      assert.strictEqual((yield* post).status, 200)
      proxy.swallow()
      // More of them than there are connections: those that find none are answered as well.
      const answers = yield* Effect.all(Array.from({ length: 40 }, () => post), { concurrency: 40 }).pipe(
        Effect.timeout("30 seconds"),
        Effect.orDie
      )
      assert.deepStrictEqual([...new Set(answers.map(({ status }) => status))], [503])
      assert.isTrue(answers.every(({ headers }) => headers.get("retry-after") !== null))
      assert.strictEqual((yield* client.request("/readyz")).status, 503)
      assert.strictEqual((yield* client.request("/healthz")).status, 200)
      assert.include((yield* client.request("/metrics")).text, "collector_storage_up 0")
      proxy.heal()
      yield* until("events are stored", post, ({ status }) => status === 200)
      yield* until("it runs the fold again", isHere(client, "fold"), (here) => here)
      yield* until(
        "nothing waits",
        Effect.sync(() => server.query("silent", "SELECT count(*) FROM rollup_delta")),
        ([n]) => n === "0"
      )
    }))
})

describe("a replica that cannot join the others", () => {
  it.scopedLive("serves all the same, says so, and joins when it can", () =>
    Effect.gen(function*() {
      // The one connection that its role may have is in use for events.
      server.query("postgres", "CREATE ROLE few LOGIN CONNECTION LIMIT 1")
      server.query("postgres", "CREATE DATABASE few OWNER few")
      const client = yield* start(`postgres://few@127.0.0.1:${server.port}/few`, { limits: { databaseConnections: 1 } })
      const jobs = Effect.map(client.request("/readyz"), ({ body, status }) => [status, body.checks.jobs])
      yield* until("it says so", jobs, ([, runner]) => runner === "unavailable")
      assert.deepStrictEqual(yield* jobs, [200, "unavailable"])
      assert.strictEqual((yield* client.post([event()])).body.accepted, 1)
      assert.isFalse(yield* isHere(client, "fold"))
      server.query("postgres", "ALTER ROLE few CONNECTION LIMIT 10")
      yield* until("it has joined", jobs, ([, runner]) => runner === "cluster")
      yield* until("it runs the fold", isHere(client, "fold"), (here) => here)
    }))
})
