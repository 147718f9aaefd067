import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/collector/alerts/Alerts.js"
import * as Rule from "../../src/collector/alerts/Rule.js"
import * as Rules from "../../src/collector/alerts/Rules.js"
import { Webhooks } from "../../src/collector/alerts/Webhooks.js"
import * as Job from "../../src/collector/Job.js"
import * as Limits from "../../src/collector/Limits.js"
import { problemOf, stage } from "./alerting.js"
import { receiver } from "./receiver.js"
import { collector, event, sqlite } from "./support.js"

describe("a rule", () => {
  it.each<readonly [given: Partial<Rule.Given>, problem: RegExp]>([
    [{ above: "1", url: "http://hooks.example/x?key=SECRET" }, /^url: .*plain http.*use https/],
    [{ above: "1", url: "https://me:SECRET@hooks.example" }, /^url: .*user name or password/],
    [{ above: "1", url: "hooks.example/SECRET" }, /^url: .*full address/],
    [{ above: "1", url: undefined }, /^url: give the https:\/\/ address/],
    [{}, /^above: give a number, or one for below/],
    [{ kind: "errors" }, /^above: give a number:/],
    [{ above: "1", below: "2" }, /^below: give either/],
    [{ above: "many" }, /^above: must be a number from 0 on/],
    [{ above: "-1" }, /^above: must be a number/],
    [{ above: "1e9" }, /^above: must be a number/],
    [{ below: "0" }, /^below: nothing is below 0/],
    [{ kind: "errors", below: "1" }, /^below: is for events only/],
    [{ kind: "error-share", above: "100" }, /^above: is a share in percent/],
    [{ kind: "new-error", above: "1" }, /^above: leave it out/],
    [{ kind: "rejected", above: "1", type: "x" }, /^type: leave it out/],
    [{ kind: "anomaly", type: "x" }, /^type: leave it out/],
    [{ kind: "anomaly", release: "2.1" }, /^release: leave it out: anomaly/],
    [{ above: "1", value: "export" }, /^value: .*give the type as well/],
    [{ above: "1", type: "x", value: "a", release: "2.1" }, /^release: leave it out: values/],
    [{ above: "1", release: "" }, /^release: give it 1 to 100/],
    [{ kind: "latency", above: "1" }, /^type: give the event type/],
    [{ above: "1", app: "" }, /^app: give it 1 to 100/],
    [{ above: "1", name: "x".repeat(101) }, /^name: give it 1 to 100/],
    [{ above: "1", name: "a\u0000b" }, /^name: a character in it/]
  ])("that cannot be is refused by the field, with what to do: %j", (given, problem) => {
    const message = problemOf(given)
    assert.match(message, problem)
    assert.notInclude(message, "SECRET")
  })

  it.each<readonly [given: Partial<Rule.Given>, words: string]>([
    [{ above: "1", url: "http://127.0.0.1:9/x" }, "events above 1 in an hour"],
    [
      { below: "2.5", window: "day", app: "ax", type: "feature_used" },
      "events of ax (feature_used) below 2.5 in a day"
    ],
    [{ above: "1", type: "feature_used", value: "export" }, "events (feature_used: export) above 1 in an hour"],
    [{ kind: "errors", above: "1", app: "ax", release: "2.1" }, "errors of ax 2.1 above 1 in an hour"],
    [{ kind: "errors", above: "1", release: "2.1" }, "errors of release 2.1 above 1 in an hour"],
    [{ kind: "error-share", above: "5" }, "share of errors above 5 % in an hour"],
    [{ kind: "latency", above: "1200", type: "query" }, "p95 (query) above 1,200 in an hour"],
    [{ kind: "new-error", app: "ax" }, "new errors of ax in an hour"],
    [{ kind: "anomaly", window: "day" }, "anomalies in a day"],
    [{ kind: "rejected", above: "0", app: "ax" }, "events refused of ax above 0 in an hour"]
  ])("is said in words: %j", (given, words) => {
    const made = Rule.make({ kind: "events", url: "https://hooks.example", ...given })
    assert.isTrue(made._tag === "Right" && Rule.describe(made.right) === words, JSON.stringify(made))
  })

  it.scoped("ends with what it had still to tell, and is not found after that; there are only so many", () =>
    Effect.gen(function*() {
      yield* november
      const on = yield* stage(yield* sqlite.empty)
      const { id } = yield* on.add({ above: "0" })
      yield* on.post({})
      yield* on.look
      yield* on.remove(id)
      yield* on.deliver
      assert.deepStrictEqual(on.calls, [])
      const error = yield* Effect.flip(on.use(Rules.remove(id)))
      assert.match(error.message, /There is no rule .*"alerts list"/)
      for (let i = 0; i < Limits.maxAlertRules; i++) yield* on.add({ above: "0" })
      const made = yield* Rule.make({ kind: "events", above: "0", url: "https://hooks.example" })
      assert.match(
        (yield* Effect.flip(on.use(Rules.add(made, { sign: false })))).message,
        /100 rules already.*alerts remove/
      )
    }).pipe(Effect.orDie))
})

const november = TestClock.setTime(Date.parse("2026-11-04T10:30:00Z"))

describe("the jobs of alerts", () => {
  it.scoped("look every minute and deliver at once, and one receiver that does not answer keeps no other waiting", () =>
    Effect.gen(function*() {
      yield* november
      const on = yield* stage(yield* sqlite.empty)
      yield* on.add({ above: "0", url: "https://dead.example" })
      yield* on.add({ above: "1", url: "https://well.example" })
      on.reply = (url) => url.includes("dead") ? "silence" : 200
      const told = () => on.calls.map(({ url }) => new URL(url).hostname)
      const [alerts, webhooks] = yield* on.use(Effect.all([Alerts, Webhooks]))
      for (const { job } of [alerts, webhooks]) {
        yield* Effect.forkScoped(Job.loop(job, Job.progress(job), { shared: false }))
      }
      yield* TestClock.adjust("10 seconds")
      yield* on.post({})
      yield* TestClock.adjust("45 seconds")
      assert.deepStrictEqual(told(), [])
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(told(), ["dead.example"])
      yield* on.post({})
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(told().filter((name) => name === "well.example").length, 1)
      const [dead, well] = (yield* on.rules).toSorted((a, b) => a.threshold - b.threshold)
      assert.deepStrictEqual([well?.delivered, dead?.delivered], [1, 0])
      assert.isTrue(dead!.failed >= 3 && dead!.failed <= 8, String(dead!.failed))
      assert.strictEqual(dead?.outcome, "did not answer in 10 s")
    }))

  it.scoped("go on with the other rules when one cannot be looked at, and say so", () =>
    Effect.gen(function*() {
      yield* november
      const on = yield* stage(yield* sqlite.empty)
      yield* on.add({ kind: "latency", type: "x", above: "1" })
      yield* on.add({ above: "0" })
      yield* on.post({})
      const sql = yield* on.use(SqlClient.SqlClient)
      yield* on.look
      yield* on.deliver
      yield* sql`UPDATE alert_rules SET firing = 0`
      yield* sql`ALTER TABLE histogram RENAME TO elsewhere`
      const { run } = yield* on.use(Alerts)
      yield* Effect.flip(run)
      yield* on.deliver
      assert.strictEqual(on.calls.length, 2)
    }).pipe(Effect.orDie))

  it.scoped("say of a receiver that is not there why, and nothing of its address", () =>
    Effect.gen(function*() {
      yield* november
      const on = yield* stage(yield* sqlite.empty)
      yield* on.add({ above: "0" })
      on.reply = () => "unreachable"
      yield* on.post({})
      yield* on.look
      yield* on.deliver
      assert.strictEqual((yield* on.rules)[0]?.outcome, "could not be reached (ECONNREFUSED)")
    }))
})

describe("a collector", () => {
  it.scopedLive("calls a webhook over the network, reads no endless answer and follows no redirect", () =>
    Effect.gen(function*() {
      const { got, url } = yield* receiver((response, nth) => {
        if (nth === 1) response.writeHead(200).write("x".repeat(1_000))
        else response.writeHead(307, { location: "/elsewhere" }).end()
      })
      const client = yield* collector()
      const add = Effect.flatMap(
        Rule.make({ kind: "events", above: "0", url: `${url}/hook?key=SECRET` }),
        (rule) => Rules.add(rule, { sign: true })
      )
      yield* client.use(add)
      yield* client.post([event()])
      const { run } = yield* client.use(Alerts)
      yield* run
      const webhooks = yield* client.use(Webhooks)
      const rule = Effect.map(client.use(Rules.all), ([rule]) => rule)
      // The background work may have it on its way already.
      yield* Effect.repeat(Effect.zipRight(webhooks.run, rule), { until: (rule) => rule?.outcome !== null })
      assert.strictEqual((yield* rule)?.outcome, "delivered, answered 200")
      assert.deepStrictEqual([got.length, got[0]?.path], [1, "/hook?key=SECRET"])
      assert.strictEqual(JSON.parse(got[0]?.body ?? "").id, got[0]?.headers["idempotency-key"])

      const metrics = (yield* client.request("/metrics")).text.split("\n")
      for (
        const line of [
          "collector_job_here{job=\"alerts\"} 1",
          "collector_job_here{job=\"webhooks\"} 1",
          "collector_alerts_firing 1",
          "collector_alert_notifications_waiting 0",
          "collector_alert_notifications_total{outcome=\"delivered\"} 1",
          "collector_alert_notifications_total{outcome=\"given_up\"} 0"
        ]
      ) {
        assert.include(metrics, line)
      }
      yield* client.use(add)
      yield* run
      yield* Effect.repeat(Effect.zipRight(webhooks.run, client.use(Rules.all)), {
        until: (rules) => rules.every(({ outcome }) => outcome !== null)
      })
      const second = (yield* client.use(Rules.all)).find(({ failed }) => failed > 0)
      assert.strictEqual(second?.outcome, "answered 307: redirects are not followed")
      assert.isFalse(got.some(({ path }) => path === "/elsewhere"))
    }).pipe(Effect.orDie))

  it.scopedLive("takes events while a webhook keeps it waiting, and stops meanwhile", () =>
    Effect.gen(function*() {
      const { first, url } = yield* receiver(() => {})
      yield* Effect.scoped(Effect.gen(function*() {
        const client = yield* collector()
        yield* Effect.flatMap(
          Rule.make({ kind: "events", above: "0", url }),
          (rule) => client.use(Rules.add(rule, { sign: false }))
        )
        yield* client.post([event()])
        yield* Effect.flatMap(client.use(Alerts), ({ run }) => run)
        const delivery = yield* Effect.fork(Effect.flatMap(client.use(Webhooks), ({ run }) => run))
        yield* Deferred.await(first)
        assert.strictEqual((yield* client.post([event()])).body.accepted, 1)
        yield* Fiber.interrupt(delivery)
      }))
    }).pipe(Effect.orDie))
})
