import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Note from "../../../src/collector/analysis/Note.js"
import * as Notes from "../../../src/collector/analysis/Notes.js"
import {
  type ErrorGroup,
  Insights,
  type Release,
  type Service,
  type VersionCount
} from "../../../src/collector/Insights.js"
import * as Period from "../../../src/collector/Period.js"
import { collectorOn, event, query, sqlite, uuid7 } from "../support.js"
import { begin, generate } from "./series.js"

const end = begin + 70 * Period.dayMillis

const from = end - 14 * Period.dayMillis

const scope = { from, to: end, interval: "day" } as const

const volume = generate(1, { level: 5000 })

const errors = generate(2, { level: 40, change: (value, fromEnd) => fromEnd === 3 ? value * 10 : value })

const group = (fingerprint: string, firstSeen: number): ErrorGroup => ({
  fingerprint,
  app: "ax",
  errorType: "TypeError",
  message: null,
  severity: "ERROR",
  category: "unknown",
  count: 12,
  firstSeen,
  lastSeen: end,
  firstVersion: "2.0.0",
  trend: [],
  sessions: 3,
  installations: 2
})

const share = (version: string, count: number, errors: number, app = "ax"): VersionCount => ({
  app,
  version,
  count,
  errors
})

const release = (version: string, firstSeen: number): Release => ({ app: "ax", version, firstSeen })

const quiet: Service = {
  apps: Effect.succeed(["ax"]),
  releases: () => Effect.succeed([release("1.0.0", begin), release("2.0.0", from + Period.dayMillis)]),
  volume: () =>
    Effect.succeed(volume.map(({ bucket, value }, i) => ({
      bucket,
      eventType: "api_request",
      count: value ?? 0,
      errors: errors[i]?.value ?? 0
    }))),
  active: () => Effect.succeed(volume.map(({ bucket }) => ({ bucket, sessions: 90, installations: 50 }))),
  activeInAll: () => Effect.succeed({ sessions: 90, installations: 50 }),
  facet: () => Effect.succeed([]),
  versions: () => Effect.succeed([share("1.0.0", 50_000, 400), share("2.0.0", 20_000, 600)]),
  dimensions: () => Effect.succeed([]),
  latency: () => Effect.succeed([]),
  errorGroups: () => Effect.succeed([group("old", begin), group("new", from + Period.hourMillis)]),
  conversations: () => Effect.die("not asked"),
  suggestions: () => Effect.succeed([]),
  vitals: () => Effect.succeed([]),
  ingest: () => Effect.succeed([]),
  losses: () => Effect.succeed([]),
  funnel: () => Effect.succeed([]),
  retention: () => Effect.succeed([])
}

describe("notes", () => {
  it.effect("of a release are beside the versions of its own application", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(end)
      const two: Service = {
        ...quiet,
        releases: () => Effect.succeed([{ app: "shop", version: "2.0.0", firstSeen: from + Period.dayMillis }]),
        versions: () =>
          Effect.succeed([
            share("1.0.0", 900_000, 510),
            share("2.0.0", 10_000, 500),
            share("1.0.0", 10_000, 510, "shop"),
            share("2.0.0", 10_000, 500, "shop")
          ])
      }
      assert.notInclude((yield* Notes.make(two, scope)).map(({ kind }) => kind), "release")
    }))

  it.effect("of one version are not those of others", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(end)
      const kinds = (version: string) =>
        Effect.map(Notes.make(quiet, { ...scope, version }), (notes) => notes.map(({ kind }) => kind))
      assert.deepStrictEqual(yield* kinds("2.0.0"), ["new-error", "release", "anomaly"])
      assert.deepStrictEqual(yield* kinds("1.0.0"), ["anomaly"])
    }))

  it.effect("tell of errors that are many or new, and of a release that brings them, and of nothing else", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(end)
      const notes = yield* Notes.make(quiet, scope)
      assert.deepStrictEqual(notes.map(({ kind, severity, subject }) => [kind, severity, subject]), [
        ["new-error", "warning", "new"],
        ["release", "warning", "ax 2.0.0"],
        ["anomaly", "warning", "errors of api_request"]
      ])
      assert.include(notes[1]?.text, "3 % of the events of ax 2.0.0 are errors, of other versions 0.8 %")
      assert.include(notes[2]?.text, "threshold: 5 spreads")
    }))

  it.effect("say nothing of a day that has only begun", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(end - 23 * Period.hourMillis)
      const cut = volume.map(({ bucket, value }, i) => ({
        bucket,
        eventType: "api_request",
        count: i === 69 ? 3 : value ?? 0,
        errors: 0
      }))
      const notes = yield* Notes.make({
        ...quiet,
        volume: () => Effect.succeed(cut),
        releases: () => Effect.succeed([]),
        errorGroups: () => Effect.succeed([])
      }, scope)
      assert.deepStrictEqual(notes, [])
    }))

  it("tell of growth without alarm, of a fall with it, and of a measure in its unit", () => {
    const range = { from: begin, interval: "day", until: end } as const
    const notes = (points: ReadonlyArray<{ readonly bucket: number; readonly value: number | null }>) =>
      Note.ofSeries({ subject: "events", kind: "count", bad: "both", eventType: "a", points }, range)
        .filter(({ kind }) => kind === "trend")
    const up = generate(3, { level: 1000, growth: 0.1 })
    const down = up.map(({ bucket }, i) => ({ bucket, value: up.at(-1 - i)?.value ?? null }))
    assert.deepStrictEqual(notes(up).map(({ eventType, severity }) => [severity, eventType]), [["info", "a"]])
    assert.deepStrictEqual(notes(down).map(({ severity }) => severity), ["warning"])
    const slow = Note.ofSeries({ subject: "p95 of a", unit: "ms", kind: "measure", bad: "up", points: up }, range)
    assert.match(slow.find(({ kind }) => kind === "trend")?.text ?? "", /^p95 of a: up/)
    const burst = up.map((point, i) => i === 60 ? { ...point, value: 50_000 } : point)
    const [anomaly] = Note.ofSeries(
      { subject: "p95 of a", unit: "ms", kind: "measure", bad: "up", points: burst },
      range
    )
    assert.match(anomaly?.text ?? "", /^50,000 ms, p95 of a on/)
  })

  it("say nothing of a release with few errors, or with none to compare it with", () => {
    const came = [release("2.0.0", from)]
    assert.deepStrictEqual(Note.ofReleases(came, [share("1", 1000, 0), share("2.0.0", 20, 9)], from), [])
    assert.deepStrictEqual(Note.ofReleases(came, [share("2.0.0", 100, 90)], from), [])
  })

  const collector = collectorOn(sqlite)
  it.scopedLive("are made of what a collector was sent", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const start = Date.UTC(2026, 5, 1)
      const sent = Array.from({ length: 63 }, (_, day) => {
        const time = start + day * Period.dayMillis
        const when = { id: uuid7(time), timestamp: time }
        const value = day === 60 ? 4000 : 100
        const measured = { metricName: day === 60 ? "paint" : "shift", value, unit: "count" }
        return [
          query(value, when),
          event({ ...when, id: uuid7(time), eventType: "performance_measured", eventData: measured })
        ]
      }).flat()
      const { body } = yield* client.post(sent)
      assert.strictEqual(body.rejected, 0)
      const to = start + 63 * Period.dayMillis
      const notes = yield* Effect.orDie(client.use(
        Effect.flatMap(Insights, (insights) =>
          Notes.make(insights, { from: to - 7 * Period.dayMillis, to, interval: "day" }))
      ))
      assert.deepStrictEqual(
        notes.filter(({ kind }) =>
          kind === "anomaly"
        ).map(({ bucket, subject }) => [subject, bucket]),
        [["p95 of query_performed", start + 60 * Period.dayMillis]]
      )
    }))
})
