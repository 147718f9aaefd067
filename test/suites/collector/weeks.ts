import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { Insights, type Scope } from "../../../src/collector/Insights.js"
import * as Limits from "../../../src/collector/Limits.js"
import { SubjectWeeks } from "../../../src/collector/SubjectWeeks.js"
import { type Backend, type Client, collectorOn, event, uuid4, uuid7 } from "../../collector/support.js"

const hour = 3_600_000
const day = 24 * hour
/** A Monday; what follows is long over. */
const monday = Date.UTC(2026, 5, 1)
const weeks = 10

const people = Array.from({ length: 3 }, uuid4)
const sessions = Array.from({ length: 5 }, uuid4)
const features = ["a", "b"]
const apps = ["ax", "bx"]

interface Seen {
  readonly who: number
  readonly session: number
  readonly feature: number
  readonly app: number
  readonly hours: number
}

const seen = fc.record({
  who: fc.nat(people.length - 1),
  session: fc.nat(sessions.length - 1),
  feature: fc.nat(features.length - 1),
  app: fc.nat(apps.length - 1),
  hours: fc.nat(24 * 7 * weeks - 1)
})

const sent = ({ app, feature, hours, session, who }: Seen) => {
  const timestamp = monday + hours * hour
  return event({
    id: uuid7(timestamp),
    timestamp,
    eventData: { featureName: features[feature], enabled: true },
    sessionId: sessions[session],
    installationId: people[who],
    app: { name: apps[app], version: "1" }
  })
}

const distinct = (values: ReadonlyArray<number>): number => new Set(values).size

interface Range {
  readonly from: number
  readonly to: number
  readonly app: string | undefined
}

const within = (all: ReadonlyArray<Seen>, { app, from, to }: Range) =>
  all.filter((one) => {
    const time = monday + one.hours * hour
    return time >= from && time < to && (app === undefined || app === apps[one.app])
  })

/** Sessions and installations are an application's: of all, the sum. */
const inEachApp = (all: ReadonlyArray<Seen>, of: (some: ReadonlyArray<Seen>) => number): number =>
  apps.reduce((sum, _, app) => sum + of(all.filter((one) => one.app === app)), 0)

const expected = (all: ReadonlyArray<Seen>, range: Range) => {
  const some = within(all, range)
  const first = (of: ReadonlyArray<Seen>) => {
    const found = new Map<number, number>()
    for (const { hours, session } of of) found.set(session, Math.min(hours, found.get(session) ?? Infinity))
    return found
  }
  const went = (of: ReadonlyArray<Seen>): number => {
    const started = first(of.filter(({ feature }) => feature === 0))
    return [...first(of.filter(({ feature }) => feature === 1))]
      .filter(([session, hours]) => (started.get(session) ?? Infinity) <= hours).length
  }
  return {
    dimensions: features.flatMap((value, feature) => {
      const its = some.filter((one) => one.feature === feature)
      return its.length === 0 ? [] : [{
        value,
        count: its.length,
        sessions: inEachApp(its, (of) => distinct(of.map(({ session }) => session))),
        installations: inEachApp(its, (of) => distinct(of.map(({ who }) => who)))
      }]
    }),
    active: {
      sessions: inEachApp(some, (of) => distinct(of.map(({ session }) => session))),
      installations: inEachApp(some, (of) => distinct(of.map(({ who }) => who)))
    },
    // A funnel is of whole days.
    funnel: [
      inEachApp(some, (of) => first(of.filter(({ feature }) => feature === 0)).size),
      inEachApp(some, went)
    ]
  }
}

const ask = <A>(client: Client, f: (insights: Insights["Type"]) => Effect.Effect<A, unknown>) =>
  Effect.orDie(client.use(Effect.flatMap(Insights, f)))

const found = (client: Client, { app, from, to }: Range) =>
  ask(client, (insights) =>
    Effect.gen(function*() {
      const scope: Scope = { from, to, interval: "day", app }
      const dimensions = yield* insights.dimensions(scope, "feature_used")
      const step = (dimension: string) => ({ eventType: "feature_used", dimension })
      const funnel = yield* insights.funnel(scope, [step("a"), step("b")])
      return {
        active: yield* insights.activeInAll(scope),
        dimensions: dimensions
          .map(({ count, installations, sessions, value }) => ({ value, count, sessions, installations }))
          .sort((a, b) => a.value < b.value ? -1 : 1),
        funnel: funnel.map(({ sessions }) => sessions)
      }
    }))

const run = (client: Client) => Effect.orDie(client.use(Effect.flatMap(SubjectWeeks, ({ run }) => run)))

const unsafe = (client: Client, text: string) =>
  Effect.orDie(
    client.use(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<{ readonly [column: string]: unknown }>(text)))
  )

/** As if the events had come while their weeks were not over. */
const neverMade = (client: Client) =>
  Effect.zipRight(
    unsafe(client, "DELETE FROM subject_week"),
    unsafe(client, "UPDATE subject_weeks SET until = 0")
  )

/** Weeks kept as sets, on any database: they say what the days say, whatever came when. */
export const weeksOfSubjects = (backend: Backend) => {
  const collector = collectorOn(backend)
  const whole: Range = { from: monday, to: monday + 7 * weeks * day, app: undefined }

  describe(`${backend.name}: weeks of subjects`, () => {
    it.scopedLive(
      "answer as the events do, before they are made, after, with what came late, and without the days",
      () =>
        Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(
              fc.array(fc.array(seen, { minLength: 1, maxLength: 15 }), { minLength: 3, maxLength: 3 }),
              fc.nat(8),
              fc.nat(8),
              fc.constantFrom(undefined, ...apps),
              fc.boolean(),
              fc.nat(47),
              fc.nat(47),
              (batches, before, after, app, isOld, afterFirst, beforeLast) =>
                Effect.runPromise(Effect.scoped(Effect.gen(function*() {
                  const client = yield* collector()
                  const all: Array<Seen> = []
                  const post = (batch: ReadonlyArray<Seen>) => {
                    all.push(...batch)
                    return client.post(batch.map(sent))
                  }
                  const agree = Effect.fnUntraced(function*(range: Range, when: string) {
                    assert.deepStrictEqual(yield* found(client, range), expected(all, range), when)
                  })
                  const agreeByHour = Effect.fnUntraced(function*(when: string) {
                    const hours = { from: range.from + afterFirst * hour, to: range.to - beforeLast * hour, app }
                    const scope: Scope = { ...hours, interval: "hour" }
                    assert.deepStrictEqual(
                      yield* ask(client, (i) => i.activeInAll(scope)),
                      expected(all, hours).active,
                      when
                    )
                  })
                  const range = { from: monday + before * day, to: whole.to - after * day, app }
                  yield* post(batches[0]!)
                  yield* agree(range, "from days")
                  yield* agreeByHour("from days, by hour")
                  if (isOld) yield* neverMade(client)
                  assert.isAbove(yield* run(client), 0)
                  yield* agree(range, "from weeks")
                  yield* agreeByHour("from weeks, by hour")
                  assert.strictEqual(yield* run(client), 0)
                  yield* post(batches[1]!)
                  yield* agree(range, "with late events")
                  yield* run(client)
                  yield* post(batches[2]!)
                  yield* agree({ ...whole, app }, "with more of them")
                  yield* run(client)
                  yield* unsafe(client, "DELETE FROM subject_day")
                  yield* agree({ ...whole, app }, "without days")
                })))
            ),
            { numRuns: backend.name === "SQLite" ? 20 : 4 }
          )
        ),
      60_000
    )

    it.scopedLive("that would be too large are told from their days, and hold up no others", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const one = { who: 0, session: 0, feature: 0, app: 0, hours: 5 }
        yield* client.post([sent(one), sent({ ...one, hours: 24 * 7 })])
        yield* found(client, whole)
        yield* unsafe(client, `UPDATE rollup SET sessions = ${Limits.weekSubjects + 1} WHERE start = ${monday}`)
        assert.isAbove(yield* run(client), 0)
        const open = yield* unsafe(client, "SELECT DISTINCT week, kind FROM subject_week WHERE subjects IS NULL")
        assert.deepStrictEqual(open.map(({ kind, week }) => [Number(week), Number(kind)]), [[monday / day, 0]])
        assert.deepStrictEqual((yield* found(client, whole)).funnel, [1, 0])
        assert.strictEqual(yield* run(client), 0)
      }))
  })
}
