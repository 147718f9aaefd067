import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { signature } from "../../../src/collector/alerts/Webhook.js"
import { hook, type Stage, stage } from "../../collector/alerting.js"
import type { Backend } from "../../collector/support.js"

/** A Wednesday. */
const start = Date.parse("2026-11-04T10:30:00Z")

const many = (n: number, changes: Record<string, unknown> = {}) => Array.from({ length: n }, () => changes)

const failing = (fingerprint: string, changes: Record<string, unknown> = {}) => ({
  eventType: "error_occurred",
  eventData: {
    errorType: "TypeError",
    fatal: false,
    fingerprint,
    severity: "ERROR",
    category: "unknown",
    count: 1
  },
  ...changes
})

const queried = (duration: number) => ({
  eventType: "query_performed",
  eventData: { queryType: "symbol", query: "q", resultCount: 1, duration, cached: false }
})

const states = ({ calls }: Stage) => calls.map(({ payload }) => payload.state)

const outbox = (on: Stage) =>
  Effect.orDie(
    on.use(Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.map(sql<{ n: number }>`SELECT count(*) AS n FROM alert_notifications`, ([row]) =>
        Number(row?.n))))
  )

/** Looks and delivers, as every minute. */
const minute = (on: Stage) =>
  Effect.all([TestClock.adjust("1 minute"), on.look, on.deliver, on.deliver], { discard: true })

/** Alerts, on any database. */
export const alerts = (backend: Backend) => {
  const test = (body: (database: string) => Effect.Effect<void, never, Scope.Scope>) => () =>
    Effect.flatMap(backend.empty, (database) => Effect.zipRight(TestClock.setTime(start), body(database)))
  const alone = (body: (on: Stage) => Effect.Effect<void, never, Scope.Scope>) =>
    test((database) => Effect.flatMap(stage(database), body))

  describe(`${backend.name}: alerts`, () => {
    it.scoped(
      "tell once when a rule begins to fire and once when it ceases to, with what, since when and where",
      alone((on) =>
        Effect.gen(function*() {
          const { id } = yield* on.add({ above: "3", app: "ax", name: "busy <b>" })
          yield* on.post(...many(3), { app: { name: "other", version: "1" } })
          yield* minute(on)
          assert.deepStrictEqual(on.calls, [])
          yield* on.post({})
          for (let i = 0; i < 3; i++) yield* minute(on)
          assert.strictEqual(on.calls.length, 1)
          const [call] = on.calls
          assert.deepStrictEqual(call?.payload, {
            version: 1,
            id: call?.headers["idempotency-key"] ?? "",
            state: "firing",
            at: "2026-11-04T10:32:00Z",
            app: "ax",
            rule: {
              id,
              name: "busy <b>",
              kind: "events",
              type: null,
              dimension: null,
              release: null,
              condition: "events of ax above 3 in an hour"
            },
            value: 4,
            direction: "above",
            threshold: 3,
            unit: "events",
            window: { length: "hour", from: "2026-11-04T10:00:00Z", to: "2026-11-04T11:00:00Z" },
            found: [],
            dashboard: "/events?range=24h&app=ax",
            text: "Firing (busy &lt;b&gt;): events of ax above 3 in an hour; now 4 at 2026-11-04 10:00 UTC"
          })
          assert.strictEqual(call?.headers["content-type"], "application/json")
          assert.isUndefined(call?.headers["x-signature"])
          assert.isUndefined(call?.headers["traceparent"])
          // The hour before still counts; the one after that does not.
          yield* TestClock.setTime(Date.parse("2026-11-04T11:59:00Z"))
          yield* on.look
          yield* on.deliver
          assert.deepStrictEqual(states(on), ["firing"])
          yield* minute(on)
          yield* minute(on)
          assert.deepStrictEqual(states(on), ["firing", "resolved"])
          const [rule] = yield* on.rules
          assert.deepStrictEqual([rule?.firing, rule?.value, rule?.delivered, rule?.failed, rule?.outcome], [
            false,
            0,
            2,
            0,
            "delivered, answered 200"
          ])
          assert.strictEqual(rule?.since, Date.parse("2026-11-04T12:00:00Z"))
        })
      )
    )

    it.scoped(
      "watch each kind of figure, by type or all together",
      alone((on) =>
        Effect.gen(function*() {
          yield* on.add({ kind: "errors", above: "1", name: "errors" })
          yield* on.add({ kind: "errors", type: "query_performed", above: "0", name: "errors of a type" })
          yield* on.add({ kind: "error-share", above: "5", name: "share" })
          yield* on.add({ kind: "latency", type: "query_performed", above: "900", name: "latency" })
          yield* on.add({ kind: "latency", type: "command_executed", above: "1", name: "no latency" })
          yield* on.add({ kind: "rejected", above: "1", name: "rejected" })
          yield* on.add({ kind: "rejected", above: "0", app: "another", name: "rejected of another" })
          yield* on.add({ type: "feature_used", above: "1", window: "day", name: "events of a type" })
          yield* on.add({ above: "30", name: "not so many" })
          const others = [failing("f1"), failing("f2"), {}, {}, { timestamp: "soon" }, { timestamp: "now" }]
          yield* on.post(...others, ...many(21, queried(1_000)))
          yield* minute(on)
          const told = on.calls.map(({ payload }) => payload).sort((a, b) => (a.rule.name! < b.rule.name! ? -1 : 1))
          assert.deepStrictEqual(
            told.map(({ rule, unit, value }) => [rule.name, Math.round(value ?? -1), unit]),
            [
              ["errors", 2, "errors"],
              ["events of a type", 2, "events"],
              ["latency", 1000, "metric"],
              ["rejected", 2, "events"],
              ["share", 8, "percent"]
            ]
          )
          const [, ofDay, , rejected, share] = told
          assert.include(share?.text, "share of errors above 5 % in an hour; now 8 % at 2026-11-04 10:00 UTC")
          assert.strictEqual(rejected?.dashboard, "/ingest?range=24h")
          assert.deepStrictEqual(ofDay?.window, {
            length: "day",
            from: "2026-11-04T00:00:00Z",
            to: "2026-11-05T00:00:00Z"
          })
          assert.isNull((yield* on.rules).find(({ name }) => name === "no latency")?.value)
        })
      )
    )

    it.scoped(
      "watch one value of a type, or one version of an application, and no other",
      alone((on) =>
        Effect.gen(function*() {
          const command = (name: string, duration: number, exitCode: number, version = "1.0.0") => ({
            app: { name: "ax", version },
            eventType: "command_executed",
            eventData: { command: name, args: [], duration, exitCode }
          })
          const type = "command_executed"
          yield* on.add({ type, value: "build", above: "20", name: "a events of build" })
          yield* on.add({ type, value: "test", above: "21", name: "b events of test" })
          yield* on.add({ type, value: "lint", below: "1", name: "c none of lint" })
          yield* on.add({ kind: "errors", type, value: "build", app: "ax", above: "1", name: "d errors of build" })
          yield* on.add({ kind: "error-share", type, value: "test", above: "0", name: "e share of test" })
          yield* on.add({ kind: "latency", type, value: "build", above: "900", name: "f latency of build" })
          yield* on.add({ kind: "latency", type, value: "test", above: "900", name: "g latency of test" })
          yield* on.add({ kind: "errors", release: "2.1.0", above: "1", name: "h errors of 2.1.0" })
          yield* on.add({ kind: "errors", release: "2.0.0", above: "0", name: "i errors of 2.0.0" })
          yield* on.add({ kind: "latency", type, release: "2.1.0", app: "ax", above: "0", name: "j latency of 2.1.0" })
          yield* on.add({ release: "2.1.0", app: "another", above: "0", name: "k another" })
          yield* on.post(
            ...many(21, command("build", 1_000, 0)),
            ...many(2, command("build", 1_000, 1)),
            ...many(21, command("test", 10, 0)),
            ...many(20, command("watch", 50, 0, "2.1.0")),
            ...many(2, failing("f1", { app: { name: "ax", version: "2.1.0" } })),
            ...many(3, failing("f2", { app: { name: "ax", version: "1.0.0" } }))
          )
          yield* minute(on)
          const told = on.calls.map(({ payload }) => payload).sort((a, b) => (a.rule.name! < b.rule.name! ? -1 : 1))
          assert.deepStrictEqual(
            told.map(({ rule, value }) => [rule.name, Math.round(value ?? -1)]),
            [
              ["a events of build", 23],
              ["c none of lint", 0],
              ["d errors of build", 2],
              ["f latency of build", 1000],
              ["h errors of 2.1.0", 2],
              ["j latency of 2.1.0", 50]
            ]
          )
          const [first, , , , fifth] = told
          assert.include(first?.text, "events (command_executed: build) above 20 in an hour; now 23")
          assert.deepStrictEqual([first?.rule.dimension, first?.rule.release, fifth?.rule.release], [
            "build",
            null,
            "2.1.0"
          ])
          assert.strictEqual(first?.dashboard, "/events?range=24h&type=command_executed&value=build")
          assert.strictEqual(fifth?.dashboard, "/errors?range=24h&version=2.1.0")
        })
      )
    )

    it.scoped(
      "tell that too little came only of a period that is over and known",
      alone((on) =>
        Effect.gen(function*() {
          const at = (time: string) => Date.parse(`2026-11-04T${time}:00Z`)
          yield* on.post(...many(3, { timestamp: at("09:10") }), { timestamp: at("10:10") })
          yield* on.add({ below: "2" })
          yield* minute(on)
          yield* TestClock.setTime(at("11:03"))
          yield* minute(on)
          assert.deepStrictEqual(on.calls, [])
          yield* minute(on)
          assert.deepStrictEqual(on.calls.map(({ payload }) => [payload.state, payload.value, payload.window.from]), [
            ["firing", 1, "2026-11-04T10:00:00Z"]
          ])
          yield* on.post({ timestamp: at("10:20") })
          yield* minute(on)
          assert.deepStrictEqual(states(on), ["firing", "resolved"])
        })
      )
    )

    it.scoped(
      "tell of each new error group once, and not of those known before the rule",
      alone((on) =>
        Effect.gen(function*() {
          yield* on.post(failing("old"))
          yield* TestClock.adjust("1 second")
          yield* on.add({ kind: "new-error" })
          yield* minute(on)
          assert.deepStrictEqual(on.calls, [])
          yield* on.post(failing("one"), failing("one"), failing("old"))
          yield* minute(on)
          yield* minute(on)
          yield* on.post(failing("two"), failing("one"))
          yield* minute(on)
          yield* minute(on)
          assert.deepStrictEqual(on.calls.map(({ payload }) => [payload.state, payload.value, payload.found]), [
            ["firing", 1, ["TypeError of ax 1.0.0, group one"]],
            ["firing", 2, ["TypeError of ax 1.0.0, group two"]]
          ])
          assert.include(on.calls[1]?.payload.text, "\n• TypeError of ax 1.0.0, group two")
          yield* TestClock.adjust("2 hours")
          yield* minute(on)
          assert.deepStrictEqual(states(on), ["firing", "firing", "resolved"])
        })
      )
    )

    it.scoped(
      "tell what is far from usual, looking once at each period that is over",
      alone((on) =>
        Effect.gen(function*() {
          const day = 86_400_000
          const before = Array.from({ length: 70 }, (_, i) => many(10 + (i % 3), { timestamp: start - (i + 2) * day }))
          yield* on.post(...before.flat(), ...many(300, { timestamp: start - day }))
          yield* on.add({ kind: "anomaly", window: "day" })
          yield* minute(on)
          yield* minute(on)
          assert.deepStrictEqual(states(on), ["firing"])
          const payload = on.calls[0]?.payload
          assert.strictEqual(payload?.window.from, "2026-11-03T00:00:00Z")
          assert.match(payload?.found[0] ?? "", /300 events on 2026-11-03/)
          assert.strictEqual((yield* on.rules)[0]?.looks, 1)
          yield* on.post(...many(11))
          yield* TestClock.adjust("1 day")
          yield* minute(on)
          assert.deepStrictEqual(states(on), ["firing", "resolved"])
        })
      )
    )

    it.scoped(
      "neither repeat nor lose a notification when the runner is started anew",
      test((database) =>
        Effect.gen(function*() {
          const first = yield* Effect.scoped(Effect.gen(function*() {
            const on = yield* stage(database)
            yield* on.add({ above: "0" })
            yield* on.post({})
            yield* on.look
            return on
          }))
          assert.deepStrictEqual(first.calls, [])
          const id = yield* Effect.scoped(Effect.gen(function*() {
            const on = yield* stage(database)
            yield* minute(on)
            assert.deepStrictEqual(states(on), ["firing"])
            return on.calls[0]?.payload.id
          }))
          const third = yield* stage(database)
          yield* minute(third)
          assert.deepStrictEqual(third.calls, [])
          assert.isString(id)
        })
      )
    )

    it.scoped(
      "send again what was on its way when the runner was killed, under the same id",
      test((database) =>
        Effect.gen(function*() {
          const calls = yield* Effect.scoped(Effect.gen(function*() {
            const on = yield* stage(database)
            on.reply = () => "silence"
            yield* on.add({ above: "0" })
            yield* on.post({})
            yield* on.look
            const delivery = yield* Effect.fork(on.deliver)
            yield* Effect.repeat(Effect.yieldNow(), { until: () => on.calls.length > 0 })
            yield* Fiber.interrupt(delivery)
            return on.calls
          }))
          const on = yield* stage(database)
          yield* on.deliver
          assert.deepStrictEqual(on.calls, [])
          yield* TestClock.adjust("31 seconds")
          yield* on.deliver
          assert.strictEqual(calls.length, 1)
          assert.deepStrictEqual(on.calls.map(({ headers }) => headers["idempotency-key"]), [calls[0]?.payload.id])
        })
      )
    )

    it.scoped(
      "try again after a failure, in order and each time later, and give up in the end",
      alone((on) =>
        Effect.gen(function*() {
          const { id } = yield* on.add({ above: "0" })
          on.reply = () => on.calls.length < 3 ? 500 : 204
          yield* on.post({})
          yield* on.look
          const tries: Array<number> = []
          for (let second = 0; second < 60; second++) {
            const before = on.calls.length
            yield* on.deliver
            if (on.calls.length > before) tries.push(second)
            yield* TestClock.adjust("1 second")
          }
          assert.strictEqual(tries.length, 3)
          assert.isTrue(tries[1]! >= 4 && tries[1]! <= 7 && tries[2]! - tries[1]! >= 7, tries.join())
          assert.strictEqual(new Set(on.calls.map(({ text }) => text)).size, 1)
          assert.deepStrictEqual([...on.counters.notifications], [["failed", 2], ["delivered", 1]])
          assert.strictEqual((yield* on.rules)[0]?.outcome, "delivered, answered 204")

          on.reply = () => 302
          yield* TestClock.setTime(start + 2 * 3_600_000)
          yield* on.look
          yield* on.deliver
          assert.strictEqual((yield* on.rules)[0]?.outcome, "answered 302: redirects are not followed")
          yield* on.post({})
          yield* on.look
          // The second one waits for the first.
          yield* on.deliver
          assert.deepStrictEqual([states(on).at(-1), yield* outbox(on)], ["resolved", 2])
          for (let i = 0; i < 7 * 6; i++) {
            yield* TestClock.adjust("10 minutes")
            yield* on.deliver
            yield* on.deliver
          }
          assert.strictEqual(yield* outbox(on), 0)
          const [rule] = yield* on.rules
          assert.strictEqual(rule?.outcome, "answered 302: redirects are not followed; given up")
          assert.strictEqual(on.counters.notifications.get("given_up"), 2)
          yield* on.remove(id)
          assert.deepStrictEqual(yield* on.rules, [])
        })
      )
    )

    it.scoped(
      "send once though two runners look and deliver",
      test((database) =>
        Effect.gen(function*() {
          const a = yield* stage(database)
          const b = yield* stage(database)
          yield* a.add({ above: "0" })
          yield* a.post({})
          for (const step of [[a.look, b.look], [a.deliver, b.deliver], [b.look, a.look], [b.deliver, a.deliver]]) {
            yield* Effect.all(step, { concurrency: "unbounded" })
          }
          assert.strictEqual(a.calls.length + b.calls.length, 1)
          assert.strictEqual((yield* a.rules)[0]?.delivered, 1)
        })
      )
    )

    it.scoped(
      "take nothing from a runner that was paused while another went on",
      test((database) =>
        Effect.gen(function*() {
          const [a, b] = [yield* stage(database), yield* stage(database)]
          const [reached, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
          a.pause = Effect.zipRight(Deferred.succeed(reached, undefined), Deferred.await(go))
          yield* a.add({ above: "0" })
          yield* a.post({})
          const late = yield* Effect.fork(a.look)
          yield* Deferred.await(reached)
          yield* b.look
          yield* b.deliver
          assert.deepStrictEqual(states(b), ["firing"])
          yield* TestClock.adjust("3 hours")
          yield* b.look
          yield* b.deliver
          yield* Deferred.succeed(go, undefined)
          yield* Fiber.join(late)
          yield* a.deliver
          yield* b.look
          yield* b.deliver
          assert.deepStrictEqual([states(a), states(b)], [[], ["firing", "resolved"]])
        })
      )
    )

    it.scoped(
      "sign what they send with a secret that the rule's maker was given",
      alone((on) =>
        Effect.gen(function*() {
          const { secret } = yield* on.add({ above: "0" }, true)
          yield* on.post({})
          yield* minute(on)
          const [call] = on.calls
          assert.match(secret ?? "", /^ets_[A-Za-z0-9_-]{32}$/)
          assert.strictEqual(call?.headers["x-signature"], signature(secret ?? "", call?.text ?? ""))
          assert.strictEqual(call?.url, hook)
        })
      )
    )

    it.scoped(
      "leave out of what they tell all that clients wrote, but names",
      alone((on) =>
        Effect.gen(function*() {
          yield* on.add({ kind: "new-error" })
          const named = { app: { name: "a<!channel>\u202eb", version: "1&2" } }
          yield* on.post({
            ...failing("f", named),
            eventData: { ...failing("f").eventData, errorType: "<@U1>", message: "mail to ann@example.org" }
          })
          yield* minute(on)
          const { payload, text } = on.calls[0]!
          assert.notInclude(text, "ann@example.org")
          assert.deepStrictEqual(payload.found, ["<@U1> of a<!channel> b 1&2, group f"])
          assert.include(payload.text, "• &lt;@U1&gt; of a&lt;!channel&gt; b 1&amp;2, group f")
        })
      )
    )
  })
}
