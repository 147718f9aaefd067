import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { Insights, type Scope } from "../../../src/collector/Insights.js"
import { Rollups } from "../../../src/collector/Rollups.js"
import { type Backend, type Client, collectorOn, event, query, uuid4, uuid7 } from "../../collector/support.js"

const hour = 3_600_000
const day = 24 * hour
/** A Monday. */
const monday = Date.UTC(2026, 5, 1)
const week: Scope = { from: monday, to: monday + 7 * day, interval: "day" }

const ids = Array.from({ length: 6 }, uuid4)
const [anna, bert, cleo] = ids.slice(0, 3)
const [s1, s2, s3] = ids.slice(3)

const at = (timestamp: number, eventType: string, eventData: object, more: Record<string, unknown> = {}) =>
  event({ id: uuid7(timestamp), timestamp, eventType, eventData, sessionId: s1, ...more })

const failure = (fingerprint: string, message?: string) => ({
  errorType: "TypeError",
  ...(message === undefined ? {} : { message }),
  fatal: false,
  fingerprint,
  severity: "ERROR",
  category: "unknown",
  count: 1
})

const ask = <A>(client: Client, f: (insights: Insights["Type"]) => Effect.Effect<A, unknown>) =>
  Effect.orDie(client.use(Effect.flatMap(Insights, f)))

/** Insights, on any database, against figures worked out by hand. */
export const insights = (backend: Backend) => {
  const collector = collectorOn(backend)
  const collectorWith = (events: ReadonlyArray<unknown>) =>
    Effect.tap(
      collector(),
      (client) =>
        Effect.map(client.post(events), ({ body }) => assert.strictEqual(body.rejected, 0, JSON.stringify(body)))
    )

  describe(`${backend.name}: insights`, () => {
    it.scopedLive("count volume and who was there, nobody twice, in every period", () =>
      Effect.gen(function*() {
        const used = { featureName: "export", enabled: true }
        const client = yield* collectorWith([
          at(monday, "feature_used", used, { installationId: anna }),
          at(monday + hour, "feature_used", used, { installationId: anna }),
          at(monday + hour, "feature_used", used, { sessionId: s2, installationId: bert }),
          at(monday + day, "feature_used", used, {
            sessionId: s3,
            installationId: anna,
            app: { name: "ax", version: "2" }
          }),
          at(monday + day, "command_executed", { command: "build", args: [], duration: 5, exitCode: 1 }),
          at(monday + 8 * day, "feature_used", used)
        ])
        assert.deepStrictEqual(
          yield* ask(client, (i) => i.volume(week)),
          [
            { bucket: monday, eventType: "feature_used", count: 3, errors: 0 },
            { bucket: monday + day, eventType: "command_executed", count: 1, errors: 1 },
            { bucket: monday + day, eventType: "feature_used", count: 1, errors: 0 }
          ].sort((a, b) => a.bucket - b.bucket || 0)
        )
        assert.deepStrictEqual(yield* ask(client, (i) => i.active(week)), [
          { bucket: monday, sessions: 2, installations: 2 },
          { bucket: monday + day, sessions: 2, installations: 1 }
        ])
        assert.deepStrictEqual(yield* ask(client, (i) => i.activeInAll(week)), { sessions: 3, installations: 2 })
        const anHour: Scope = { from: monday + hour, to: monday + 2 * hour, interval: "hour" }
        assert.deepStrictEqual(yield* ask(client, (i) => i.activeInAll(anHour)), { sessions: 2, installations: 2 })
        assert.deepStrictEqual(yield* ask(client, (i) => i.active({ ...week, version: "2" })), [
          { bucket: monday + day, sessions: 1, installations: 1 }
        ])
        assert.deepStrictEqual(yield* ask(client, (i) => i.activeInAll({ ...week, version: "2", app: "ax" })), {
          sessions: 1,
          installations: 1
        })
        assert.deepStrictEqual(yield* ask(client, (i) => i.apps), ["ax"])
        assert.deepStrictEqual(
          (yield* ask(client, (i) => i.releases(week))).map(({ firstSeen, version }) => [version, firstSeen]),
          [["1.0.0", monday], ["2", monday + day]]
        )
        assert.deepStrictEqual(
          (yield* ask(client, (i) => i.facet(week, "version"))).map(({ count, installations, value }) => [
            value,
            count,
            installations
          ]),
          [["1.0.0", 4, 2], ["2", 1, 1]]
        )
        const versions = [{ app: "ax", version: "1.0.0", count: 4, errors: 1 }, {
          app: "ax",
          version: "2",
          count: 1,
          errors: 0
        }]
        assert.deepStrictEqual(yield* ask(client, (i) => i.versions(week)), versions)
        assert.deepStrictEqual(yield* ask(client, (i) => i.versions({ ...week, app: "ax" })), versions)
        assert.deepStrictEqual(yield* ask(client, (i) => i.versions({ ...week, app: "another" })), [])
      }))

    it.scopedLive("break down by dimension and by what programs run on", () =>
      Effect.gen(function*() {
        const on = (os: string) => ({
          os,
          arch: "x64",
          runtime: "node",
          runtimeVersion: "20",
          cpuCount: 2,
          memoryClass: "8-16 GB",
          ci: false
        })
        const client = yield* collectorWith([
          ...[10, 20, 30, 40].map((duration) =>
            query(duration, { id: uuid7(monday + duration), timestamp: monday + duration })
          ),
          at(monday, "environment", on("linux")),
          at(monday, "environment", on("linux"), { sessionId: s2 }),
          at(monday, "environment", on("darwin"), { sessionId: s3 })
        ])
        const [symbol] = yield* ask(client, (i) => i.dimensions(week, "query_performed"))
        assert.deepStrictEqual([symbol?.value, symbol?.count], ["symbol", 4])
        assert.closeTo(symbol?.p50 ?? 0, 20, 0.4)
        assert.closeTo(symbol?.p99 ?? 0, 40, 0.8)
        const [bucket] = yield* ask(client, (i) => i.latency(week, { eventType: "query_performed" }))
        assert.deepStrictEqual([bucket?.bucket, bucket?.count, bucket?.p50], [monday, 4, symbol?.p50])
        assert.deepStrictEqual(
          (yield* ask(client, (i) => i.facet(week, "os"))).map(({ sessions, value }) => [value, sessions]),
          [["linux", 2], ["darwin", 1]]
        )
      }))

    it.scopedLive("group errors, with when they first and last came and the message seen last", () =>
      Effect.gen(function*() {
        const client = yield* collectorWith([
          at(monday + day, "error_occurred", failure("f1", "old words")),
          at(monday + 2 * day, "error_occurred", failure("f1", "new words"), { sessionId: s2 }),
          at(monday + 3 * day, "error_occurred", failure("f1", "")),
          at(monday, "error_occurred", failure("f2", "x"), { app: { name: "other", version: "3" } }),
          at(monday - 30 * day, "error_occurred", failure("f1", "older"), { app: { name: "ax", version: "0.9" } })
        ])
        const groups = yield* ask(client, (i) => i.errorGroups(week, 10))
        assert.deepStrictEqual(groups.map((group) => [group.app, group.fingerprint, group.count, group.sessions]), [
          ["ax", "f1", 3, 2],
          ["other", "f2", 1, 1]
        ])
        const [first] = groups
        assert.deepStrictEqual([first?.firstSeen, first?.firstVersion, first?.lastSeen], [
          monday - 30 * day,
          "0.9",
          monday + 3 * day
        ])
        assert.deepStrictEqual(first?.trend, [0, 1, 1, 1, 0, 0, 0])
        assert.deepStrictEqual((yield* ask(client, (i) => i.errorGroups({ ...week, app: "other" }, 10))).length, 1)
      }))

    it.scopedLive("sum up conversations, suggestions, vitals, and what was lost", () =>
      Effect.gen(function*() {
        const talk = (phase: string, more: object = {}) => ({ conversationId: "c", phase, ...more })
        const suggest = (outcome: string, more: object = {}) => ({ suggestionType: "fix it", outcome, ...more })
        const vital = (value: number, rating: string) => ({ metric: "LCP", value, rating })
        const client = yield* collectorWith([
          at(monday, "conversation", talk("started")),
          at(monday, "conversation", talk("started")),
          at(monday, "conversation", talk("ended", { messageCount: 6, averageMessageLength: 80, completed: true })),
          ...["shown", "shown", "shown", "dismissed"].map((outcome) => at(monday, "suggestion", suggest(outcome))),
          at(monday, "suggestion", suggest("accepted", { timeToInteract: 400 })),
          at(monday, "web_vital", vital(1_000, "good")),
          at(monday, "web_vital", vital(3_000, "needs-improvement")),
          at(monday, "web_vital", vital(9_000, "poor"))
        ])
        assert.deepStrictEqual(yield* ask(client, (i) => i.conversations(week)), {
          started: 2,
          completed: 1,
          completionRate: 0.5,
          meanMessages: 6,
          meanMessageLength: 80
        })
        assert.deepStrictEqual(yield* ask(client, (i) => i.suggestions(week)), [{
          suggestionType: "fix it",
          shown: 3,
          accepted: 1,
          dismissed: 1,
          acceptanceRate: 1 / 3,
          meanTimeToInteract: 400
        }])
        const [lcp] = yield* ask(client, (i) => i.vitals(week))
        assert.deepStrictEqual([lcp?.count, lcp?.good, lcp?.needsImprovement, lcp?.poor], [3, 1, 1, 1])
        assert.closeTo(lcp?.p75 ?? 0, 9_000, 180)

        const now = Date.now()
        const today: Scope = { from: now - hour, to: now + hour, interval: "month" }
        const refusedSoFar = Effect.map(
          ask(client, (i) => i.ingest(today)),
          (rows) => rows.reduce((sum, { rejected }) => sum + rejected, 0)
        )
        yield* client.post([{ id: "no event" }])
        assert.strictEqual(yield* refusedSoFar, 1, "though nothing of it was stored")
        yield* client.post([
          at(monday, "feature_used", { featureName: 1 }),
          at(monday, "feature_used", {}),
          at(monday, "own", {}, { timestamp: "x" })
        ])
        yield* client.post([at(monday, "feature_used", { featureName: "a", enabled: true })])
        const received = yield* ask(client, (i) => i.ingest(today))
        assert.strictEqual(received.reduce((sum, { accepted }) => sum + accepted, 0), 12)
        assert.strictEqual(received.reduce((sum, { rejected }) => sum + rejected, 0), 4)
        const losses = [
          { where: "collector", reason: "not a valid event", count: 2 },
          { where: "collector", reason: "data not valid for the type", count: 2 }
        ] as const
        assert.deepStrictEqual(yield* ask(client, (i) => i.losses(today)), losses)
        const of = (app: string) => ask(client, (i) => i.ingest({ ...today, app }))
        assert.deepStrictEqual((yield* of("ax")).map(({ accepted, rejected }) => [accepted, rejected]), [[12, 3]])
        assert.deepStrictEqual(yield* of("another"), [])
        assert.deepStrictEqual(
          (yield* ask(client, (i) => i.losses({ ...today, app: "ax" }))).map(({ count }) => count),
          [2, 1]
        )
      }))

    it.scopedLive("tell what programs have lost before sending, as they say themselves and added up", () =>
      Effect.gen(function*() {
        const health = (dropped: number) =>
          at(monday, "submission_health", { submitted: 5, failed: 2, rejected: 0, retries: 1, queueSize: 4, dropped })
        const client = yield* collectorWith([health(3), health(4), health(0)])
        assert.deepStrictEqual(yield* ask(client, (i) => i.losses(week)), [
          { where: "program", reason: "dropped before sending", count: 7 }
        ])
      }))

    it.scopedLive("follow sessions through a funnel in the order of its steps", () =>
      Effect.gen(function*() {
        const used = (featureName: string) => ({ featureName, enabled: true })
        const client = yield* collectorWith([
          at(monday, "feature_used", used("cart")),
          at(monday + 1, "feature_used", used("checkout")),
          at(monday + 5, "feature_used", used("cart"), { sessionId: s2 }),
          at(monday + 4, "feature_used", used("checkout"), { sessionId: s2 }),
          at(monday, "feature_used", used("cart"), { sessionId: s3 })
        ])
        const step = (dimension: string) => ({ eventType: "feature_used", dimension })
        const sessions = (steps: ReadonlyArray<{ eventType: string; dimension?: string }>) =>
          Effect.map(ask(client, (i) => i.funnel(week, steps)), (found) => found.map((one) => one.sessions))
        assert.deepStrictEqual(yield* sessions([step("cart"), step("checkout")]), [3, 1])
        assert.deepStrictEqual(yield* sessions([{ eventType: "feature_used" }, step("checkout")]), [3, 2])
        assert.deepStrictEqual(yield* sessions([step("cart"), step("nothing"), step("checkout")]), [3, 0, 0])
      }))

    it.scopedLive("know who came back, and move one that turns out to have come before", () =>
      Effect.gen(function*() {
        const used = (time: number, installationId: string | undefined) =>
          at(time, "feature_used", { featureName: "a", enabled: true }, { installationId })
        const client = yield* collectorWith([
          used(monday, anna),
          used(monday + 7 * day, anna),
          used(monday + 14 * day, anna),
          used(monday + day, bert),
          used(monday + 15 * day, bert),
          used(monday + 7 * day, cleo)
        ])
        const month: Scope = { from: monday - 28 * day, to: monday + 28 * day, interval: "week" }
        assert.deepStrictEqual(yield* ask(client, (i) => i.retention(month)), [
          { week: monday, size: 2, active: [2, 1, 2] },
          { week: monday + 7 * day, size: 1, active: [1, 0] }
        ])
        yield* client.post([used(monday - 7 * day, cleo), used(monday - 14 * day, cleo)])
        assert.deepStrictEqual(yield* ask(client, (i) => i.retention(month)), [
          { week: monday - 14 * day, size: 1, active: [1, 1, 0, 1, 0] },
          { week: monday, size: 2, active: [2, 1, 2] }
        ])
      }))

    it.scopedLive("are answered as JSON and as CSV that no spreadsheet takes for formulas, to keys that may read", () =>
      Effect.gen(function*() {
        const client = yield* collectorWith([
          at(monday, "feature_used", { featureName: "=1+1", enabled: true }),
          at(monday, "feature_used", { featureName: "a", enabled: true }, { app: { name: "other", version: "1" } })
        ])
        const get = (path: string, key = client.keys.read) =>
          client.request(`/v1/insights/${path}`, { headers: { "x-api-key": key } })
        const range = `from=${monday}&to=${monday + day}`
        const { body } = yield* get(`volume?${range}`)
        assert.deepStrictEqual(body, {
          name: "volume",
          from: "2026-06-01T00:00:00Z",
          to: "2026-06-02T00:00:00Z",
          interval: "day",
          rows: [{ bucket: "2026-06-01T00:00:00Z", eventType: "feature_used", count: 2, errors: 0 }]
        })
        const csv = yield* get(`dimensions?${range}&app=ax&format=csv`)
        assert.strictEqual(
          csv.text,
          "value,count,errors,sessions,installations,p50,p75,p95,p99\r\n'=1+1,1,0,1,0,,,,\r\n"
        )
        assert.strictEqual(csv.headers.get("content-type"), "text/csv; charset=utf-8")
        const funnel = yield* get(`funnel?${range}&step=feature_used&step=feature_used:a`)
        assert.deepStrictEqual(funnel.body.rows.map(({ sessions }: { sessions: number }) => sessions), [2, 1])
        for (
          const [path, status] of [["volume?from=x", 400], ["volume?interval=hour&from=0", 400], [
            "nothing",
            400
          ]] as const
        ) {
          assert.strictEqual((yield* get(path)).status, status)
        }
        assert.strictEqual((yield* get("volume", client.keys.ingest)).status, 403)
        assert.strictEqual((yield* get("volume", "wrong")).status, 401)
      }))

    it.scopedLive(
      "agree with a recount of uniques and cohorts, whatever came in what order",
      () =>
        Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(
              fc.array(
                fc.array(fc.record({ who: fc.nat(2), hours: fc.nat(24 * 40) }), { minLength: 1, maxLength: 12 }),
                { minLength: 1, maxLength: 4 }
              ),
              fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
              fc.nat(24 * 40),
              fc.nat(24 * 40),
              (batches, folds, a, b) =>
                Effect.runPromise(Effect.scoped(Effect.gen(function*() {
                  const client = yield* collector()
                  const rollups = yield* client.use(Rollups)
                  for (const [i, batch] of batches.entries()) {
                    yield* client.post(batch.map(({ hours, who }) =>
                      at(monday + hours * hour, "feature_used", { featureName: "a", enabled: true }, {
                        installationId: ids[who]
                      })
                    ))
                    if (folds[i] === true) yield* rollups.fold
                  }
                  const seen = batches.flat()
                  const from = monday + Math.min(a, b) * hour
                  const to = monday + (Math.max(a, b) + 1) * hour
                  const within = seen.filter(({ hours }) => monday + hours * hour >= from && monday + hours * hour < to)
                  assert.strictEqual(
                    (yield* ask(client, (i) =>
                      i.activeInAll({ from, to, interval: "hour" }))).installations,
                    new Set(within.map(({ who }) => who)).size
                  )
                  const quarter: Scope = { from: monday - 40 * day, to: monday + 50 * day, interval: "day" }
                  assert.deepStrictEqual(yield* ask(client, (i) => i.activeInAll(quarter)), {
                    sessions: 1,
                    installations: new Set(seen.map(({ who }) => who)).size
                  })
                  const weeks = new Map<number, Set<number>>()
                  for (const { hours, who } of seen) {
                    weeks.set(who, (weeks.get(who) ?? new Set()).add(Math.floor(hours / (24 * 7))))
                  }
                  const expected = new Map<number, number>()
                  for (const set of weeks.values()) {
                    for (const one of set) {
                      const key = Math.min(...set) * 100 + one
                      expected.set(key, (expected.get(key) ?? 0) + 1)
                    }
                  }
                  const cohorts = yield* ask(client, (i) =>
                    i.retention({ from: monday, to: monday + 60 * day, interval: "week" }))
                  const found = cohorts.flatMap(({ active, week }) =>
                    active.flatMap((n, i) => {
                      const cohort = (week - monday) / (7 * day)
                      return n === 0 ? [] : [[cohort * 100 + cohort + i, n] as const]
                    })
                  )
                  assert.deepStrictEqual(
                    new Map(found.sort(([x], [y]) =>
                      x - y
                    )),
                    new Map([...expected].sort(([x], [y]) => x - y))
                  )
                })))
            ),
            { numRuns: backend.name === "SQLite" ? 15 : 4 }
          )
        ),
      60_000
    )
  })
}
