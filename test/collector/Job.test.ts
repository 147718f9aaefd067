import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as TestClock from "effect/TestClock"
import * as Job from "../../src/collector/Job.js"
import * as Limits from "../../src/collector/Limits.js"
import * as Retention from "../../src/collector/Retention.js"
import { collector, event } from "./support.js"

/** A job that is called by hand, and fails as often as it is told to. */
const called = Effect.map(Queue.unbounded<void>(), (calls) => {
  const state = { runs: 0, failures: 0 }
  const job: Job.Job = {
    name: "called",
    due: Queue.take(calls),
    everyMillis: 1_000,
    run: Effect.suspend(() => {
      state.runs += 1
      if (state.failures === 0) return Effect.void
      state.failures -= 1
      return new SqlError({ cause: new Error("away") })
    })
  }
  return { calls, job, progress: Job.progress(job), state }
})

describe("a job", () => {
  it.scoped("runs at once, for what was left over, and then when it is called", () =>
    Effect.gen(function*() {
      const { calls, job, progress, state } = yield* called
      yield* Effect.forkScoped(Job.loop(job, progress, { shared: false }))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(state.runs, 1)
      yield* Queue.offer(calls, undefined)
      yield* TestClock.adjust(0)
      assert.strictEqual(state.runs, 2)
      assert.deepStrictEqual([progress.runs, progress.lastRunAt], [2, 3_600_000])
    }))

  it.scoped("that replicas share also looks by itself: they do not call each other", () =>
    Effect.gen(function*() {
      const { job, progress, state } = yield* called
      yield* Effect.forkScoped(Job.loop(job, progress, { shared: true }))
      yield* TestClock.adjust("3500 millis")
      assert.strictEqual(state.runs, 4)
    }))

  it.scoped("that failed is tried again after a pause, without being called, and says so meanwhile", () =>
    Effect.gen(function*() {
      const { job, progress, state } = yield* called
      state.failures = 2
      yield* Effect.forkScoped(Job.loop(job, progress, { shared: false }))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual([progress.failures, progress.failing, progress.lastRunAt], [1, true, null])
      yield* TestClock.adjust(`${2 * Limits.unavailableRetrySeconds} seconds`)
      assert.deepStrictEqual([progress.failures, progress.failing, progress.runs], [2, false, 1])
    }))

  it.scoped("is here while it runs here", () =>
    Effect.gen(function*() {
      const { job, progress } = yield* called
      const fiber = yield* Effect.fork(Job.loop(job, progress, { shared: false }))
      yield* TestClock.adjust(0)
      assert.isTrue(progress.here)
      yield* Fiber.interrupt(fiber)
      assert.isFalse(progress.here)
    }))
})

describe("retention, as a job", () => {
  it.scopedLive("runs once a day, and again when it was cut short", () =>
    Effect.gen(function*() {
      const client = yield* collector({ retention: [{ days: 30 }] })
      const sql = yield* client.use(SqlClient.SqlClient)
      const { job } = yield* client.use(Retention.Retention)
      const last = Effect.map(sql<{ n: number }>`SELECT ran_at AS n FROM jobs WHERE name = 'retention'`, ([row]) =>
        row?.n)
      yield* Effect.orDie(job.run)
      const first = yield* last
      yield* job.run
      assert.strictEqual(yield* last, first)
      // A day later, but the events cannot be looked at.
      yield* client.post([event()])
      yield* sql`UPDATE jobs SET ran_at = 0`
      yield* sql`ALTER TABLE events RENAME TO elsewhere`
      yield* Effect.flip(job.run)
      assert.strictEqual(yield* last, 0)
      yield* sql`ALTER TABLE elsewhere RENAME TO events`
      yield* job.run
      assert.isAbove((yield* last) ?? 0, 0)
    }).pipe(Effect.orDie))
})

describe("a collector on SQLite", () => {
  it.scopedLive("does all background work itself, and its metrics say how that stands", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      assert.deepStrictEqual((yield* client.request("/readyz")).body, {
        status: "ok",
        checks: { database: "ok", jobs: "fibers" }
      })
      yield* client.post([event()])
      const { text } = yield* client.request("/metrics")
      for (
        const line of [
          "collector_job_here{job=\"fold\"} 1",
          "collector_job_here{job=\"erasure\"} 1",
          "collector_job_here{job=\"retention\"} 1",
          "collector_job_failures_total{job=\"fold\"} 0",
          "collector_jobs_runner{runner=\"fibers\"} 1",
          "collector_jobs_runner{runner=\"cluster\"} 0",
          "collector_storage_up 1",
          "collector_deltas_waiting 1"
        ]
      ) {
        assert.include(text.split("\n"), line)
      }
      assert.match(text, /^collector_job_last_run_timestamp_seconds\{job="fold"\} \d+/m)
    }))
})
