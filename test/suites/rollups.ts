import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as Histogram from "../../src/domain/Histogram.js"
import * as Ids from "../../src/domain/Ids.js"
import * as Ledger from "../../src/domain/Ledger.js"
import * as Rollup from "../../src/domain/Rollup.js"
import * as RollupWindow from "../../src/domain/RollupWindow.js"
import type { EventContext, RedactedEvent } from "../../src/domain/TelemetryEvent.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { otherDimensions, type ReadRequest, Rollups } from "../../src/persistence/Rollups.js"
import * as Policy from "../../src/Policy.js"
import { context, event, group, nonZero } from "./events.js"

export const definition = (type: string) => EventCatalog.builtIn.find((known) => known.type === type)

const hour = Rollup.hourMillis
const ids = Ids.make((bytes) => globalThis.crypto.getRandomValues(bytes))
const start = Rollup.hourOf(1_700_000_000_000)
const day = 24 * hour
const midnight = start - start % day

const append = (events: ReadonlyArray<RedactedEvent>) =>
  Effect.flatMap(EventStore, (store) => store.append(group(events, { rollups: Rollup.folder(definition)(events) })))

const page = (request: Partial<ReadRequest>) =>
  Effect.flatMap(Rollups, (rollups) => rollups.read({ after: 0, limit: 3, ...request }))

/** Every row, by pages. */
export const readAll = (request: Partial<ReadRequest> = {}) =>
  Stream.runCollect(
    Stream.paginateChunkEffect(0, (after) =>
      Effect.map(page({ ...request, after }), (rows) =>
        [
          Chunk.fromIterable(rows),
          rows.length < 3 ? Option.none() : Option.some(rows.at(-1)!.place)
        ] as const))
  ).pipe(Effect.map((rows) => Array.from(rows, ({ rollup }) => rollup)))

const command = (n: number, name: string, duration: number, options: Parameters<typeof event>[1] = {}, exitCode = 0) =>
  event(n, {
    type: "command_executed",
    time: start,
    data: JSON.stringify({ command: name, args: [], duration, exitCode }),
    ...options
  })

interface Made {
  readonly type: "command_executed" | "performance_measured" | "suggestion" | "unheard_of"
  readonly dimension: string
  readonly value: number
  readonly hour: number
  readonly bad: boolean
  readonly rate: 1 | 0.5 | 0.25
  readonly suppressed: number
}

const dataOf = ({ bad, dimension, type, value }: Made): string => {
  switch (type) {
    case "command_executed":
      return JSON.stringify({ command: dimension, args: ["--a"], duration: value, exitCode: bad ? 3 : 0 })
    case "performance_measured":
      return JSON.stringify({ metricName: dimension, value, unit: "ms", context: { value: "no", success: false } })
    case "suggestion":
      return JSON.stringify({ suggestionType: dimension, outcome: "shown" })
    case "unheard_of":
      return JSON.stringify({ command: dimension, duration: value, success: !bad })
  }
}

const made: fc.Arbitrary<Made> = fc.record({
  type: fc.constantFrom("command_executed", "performance_measured", "suggestion", "unheard_of"),
  dimension: fc.constantFrom("", "build", "te\"st\\", "ä, \"b\":{"),
  value: fc.integer({ min: -1000, max: 1_000_000 }).map((n) => n / 4),
  hour: fc.integer({ min: 0, max: 3 }),
  bad: fc.boolean(),
  rate: fc.constantFrom(1, 0.5, 0.25),
  suppressed: fc.integer({ min: 0, max: 3 })
})

/** The same figures the long way: from what was made, not from what was stored. Every number here is exact in binary. */
const recount = (all: ReadonlyArray<Made>) => {
  const out = new Map<string, { count: number; errors: number; sum: number | null; values: Map<number, number> }>()
  for (const one of all) {
    const isKnown = one.type !== "unheard_of"
    const key = JSON.stringify([
      start + one.hour * hour,
      one.type,
      isKnown && one.dimension !== "" ? one.dimension : null
    ])
    const cell = out.get(key) ?? { count: 0, errors: 0, sum: null, values: new Map<number, number>() }
    out.set(key, cell)
    const count = (1 + one.suppressed) / one.rate
    cell.count += count
    const canFail = one.type === "command_executed" || one.type === "unheard_of"
    if (canFail && one.bad) cell.errors += count
    if (one.type === "command_executed" || one.type === "performance_measured") {
      cell.sum = (cell.sum ?? 0) + one.value / one.rate
      const bucket = Histogram.bucketOf(one.value)
      cell.values.set(bucket, (cell.values.get(bucket) ?? 0) + 1 / one.rate)
    }
  }
  return Object.fromEntries([...out].map(([key, cell]) => [key, {
    ...cell,
    values: [...cell.values].sort(([a], [b]) => a - b)
  }]))
}

const counted = (rows: ReadonlyArray<Rollup.Rollup>) =>
  Object.fromEntries(rows.map(({ count, dimension, errors, histogram, hour, sum, type }) => [
    JSON.stringify([hour, type, dimension]),
    { count, errors, sum, values: Histogram.toPairs(Histogram.fromPairs(histogram)) }
  ]))

/** Every implementation of the tag must pass this. */
export const suite = (name: string, layer: () => Layer.Layer<EventStore | Rollups>): void => {
  const test = (title: string, body: () => Effect.Effect<void, unknown, EventStore | Rollups>) =>
    it.effect(title, () => Effect.provide(body(), layer()))

  describe(`Rollups on ${name}`, () => {
    test("an event adds to its hour, type and dimension", () =>
      Effect.gen(function*() {
        yield* append([command(1, "build", 10), command(2, "build", 30), command(3, "test", 5, {}, 1)])
        const rows = yield* readAll()
        expect(rows).toMatchObject([
          { hour: start, type: "command_executed", dimension: "build", count: 2, errors: 0, sum: 40, min: 10, max: 30 },
          { hour: start, type: "command_executed", dimension: "test", count: 1, errors: 1, sum: 5, min: 5, max: 5 }
        ])
        expect(Histogram.fromPairs(rows[0]?.histogram ?? []).total).toBe(2)
      }))

    test("counts are scaled by sampling and by what was suppressed, the metric by sampling alone", () =>
      Effect.gen(function*() {
        yield* append([command(1, "build", 10, { rate: 0.25, suppressed: 2 })])
        const [row] = yield* readAll()
        expect(row).toMatchObject({ count: 12, sum: 40, min: 10, max: 10 })
        expect(row?.histogram).toEqual([[Histogram.bucketOf(10), 4]])
      }))

    test("an event that comes late lands in its own hour", () =>
      Effect.gen(function*() {
        yield* append([command(1, "build", 10, { time: start + 2 * hour })])
        yield* append([command(2, "build", 20, { time: start + hour - 1 })])
        yield* append([command(3, "build", 30, { time: start })])
        expect((yield* readAll()).map((row) => [row.hour, row.count])).toEqual([[start, 2], [start + 2 * hour, 1]])
      }))

    test("reads by time in whole hours, by type and by pages", () =>
      Effect.gen(function*() {
        yield* append(Array.from({ length: 10 }, (_, i) => command(i, "c" + i % 2, 1, { time: start + i * hour })))
        yield* append([event(20, { time: start + 4 * hour, type: "session_started", data: "{}" })])
        const hours = (request: Partial<ReadRequest>) =>
          Effect.map(readAll(request), (rows) => rows.map((row) => (row.hour - start) / hour))
        expect(yield* hours({})).toEqual([0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9])
        expect(yield* hours({ from: start + 2 * hour, to: start + 4 * hour })).toEqual([2, 3])
        expect(yield* hours({ from: start + 2.5 * hour, to: start + 4 * hour + 1 })).toEqual([2, 3, 4, 4])
        expect(yield* hours({ type: "session_started" })).toEqual([4])
        expect(yield* hours({ type: "never seen" })).toEqual([])
      }))

    test("stays when its events expire, and goes with `clear`", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append([command(1, "build", 10), command(2, "build", 20)])
        const before = yield* readAll()
        yield* store.expire({ before: start + 1, maxBytes: null, limit: 10 })
        expect((yield* store.size).events).toBe(0)
        expect(yield* readAll()).toEqual(before)
        yield* store.clear
        expect(yield* readAll()).toEqual([])
        yield* append([command(3, "deploy", 1)])
        expect((yield* readAll()).map((row) => row.dimension)).toEqual(["deploy"])
      }))

    test("reads days as the sums of their hours", () =>
      Effect.gen(function*() {
        yield* append(Array.from({ length: 60 }, (_, i) => command(i, "c" + i % 2, i, { time: midnight + i * hour })))
        const days = yield* readAll({ grain: "day" })
        expect(days.map((row) => [(row.hour - midnight) / day, row.dimension, row.count, row.sum])).toEqual(
          [0, 1, 2].flatMap((n) =>
            ["c0", "c1"].map((name, parity) => {
              const values = Array.from({ length: 60 }, (_, i) => i)
                .filter((i) => Math.floor(i / 24) === n && i % 2 === parity)
              return [n, name, values.length, values.reduce((a, b) => a + b)]
            })
          )
        )
        const only = yield* readAll({ grain: "day", from: midnight + day + 5, to: midnight + day + 6 })
        expect(only.map((row) => row.hour)).toEqual([midnight + day, midnight + day])
      }))

    test("has a retention of its own, in whole days", () =>
      Effect.gen(function*() {
        const rollups = yield* Rollups
        yield* append(Array.from({ length: 5 }, (_, i) => command(i, "c" + i, 1, { time: midnight + i * day })))
        expect(yield* rollups.expire(midnight)).toBe(0)
        expect(yield* rollups.expire(midnight + 3 * day - 1)).toBe(2)
        expect((yield* readAll()).map((row) => row.dimension)).toEqual(["c2", "c3", "c4"])
        expect((yield* readAll({ grain: "day" })).map((row) => row.dimension)).toEqual(["c2", "c3", "c4"])
        const time = midnight + 9 * day
        yield* append([command(9, "c0", 1, { time }), command(10, "new", 1, { time })])
        expect((yield* readAll()).map((row) => row.dimension)).toEqual(["c2", "c3", "c4", "c0", "new"])
      }))

    test("more values of a dimension than are kept apart become one", () =>
      Effect.gen(function*() {
        const many = Policy.maxDimensions + 5
        yield* append(Array.from({ length: many }, (_, i) => command(i, "c" + i, 1)))
        yield* append([command(many, "c" + many, 1), command(many + 1, "c0", 1)])
        const rollups = yield* Rollups
        const rows = yield* rollups.read({ after: 0, limit: 10_000 })
        expect(rows.length).toBe(Policy.maxDimensions + 1)
        expect(rows.find(({ rollup }) => rollup.dimension === otherDimensions)?.rollup.count).toBe(6)
        expect(rows.find(({ rollup }) => rollup.dimension === "c0")?.rollup.count).toBe(2)
      }))

    test("a histogram stays exact however often it grows", () =>
      Effect.gen(function*() {
        const values = Array.from({ length: 3000 }, (_, i) => 1 + (i * 7919) % 50_000)
        for (let from = 0; from < values.length; from += 10) {
          yield* append(values.slice(from, from + 10).map((value, i) => command(from + i, "build", value)))
        }
        const [row] = yield* readAll()
        expect(Histogram.toPairs(Histogram.fromPairs(row?.histogram ?? [])))
          .toEqual(Histogram.toPairs(Histogram.fromValues(values)))
        expect(row?.histogram.length).toBeLessThan(1_000)
        expect(row?.sum).toBe(values.reduce((a, b) => a + b))
      }))

    const types = new Set(["command_executed"])

    const appendAggregated = (events: ReadonlyArray<RedactedEvent>) =>
      Effect.flatMap(EventStore, (store) =>
        store.append(group(events, {
          rollups: Rollup.folder(definition)(events),
          keptBack: types,
          windows: RollupWindow.folder(types, definition, ids.uuid7)(events)
        })))

    const seal = (before: number, mayBeSent: (context: EventContext) => boolean = () => true) =>
      Effect.flatMap(Rollups, (rollups) =>
        rollups.seal({
          before,
          limit: 100,
          mayBeSent,
          group: (events) => group(events, { rollups: Rollup.folder(definition)(events) })
        }))

    const recorded = Effect.flatMap(EventStore, (store) => store.read({ after: 0, limit: 100 }))

    const sent = Effect.map(
      recorded,
      (all) => all.flatMap(({ event }) => event.type === "rollup_window" ? [JSON.parse(event.data)] : [])
    )

    test("what is sent as sums is kept back, and leaves as a window when its hour is over", () =>
      Effect.gen(function*() {
        yield* appendAggregated([command(1, "build", 10), command(2, "build", 30, {}, 1), command(3, "test", 5)])
        yield* appendAggregated([command(4, "build", 20), event(5, { time: start })])
        const ledger = Effect.map(Effect.flatMap(EventStore, (store) => store.ledger), nonZero)
        expect((yield* ledger).destinations["default"]).toEqual({ recorded: 5, withheld: 4, pending: 1 })
        expect(yield* seal(start + hour - 1)).toBe(0)
        expect(yield* seal(start + hour)).toBe(2)
        const windows = yield* sent
        expect(windows).toMatchObject([
          { from: start, to: start + hour, eventType: "command_executed", dimension: "build", count: 3, errors: 1 },
          { from: start, to: start + hour, eventType: "command_executed", dimension: "test", count: 1, errors: 0 }
        ])
        expect(windows[0]).toMatchObject({ sum: 60, min: 10, max: 30 })
        expect(Histogram.toPairs(Histogram.fromPairs(windows[0].histogram)))
          .toEqual(Histogram.toPairs(Histogram.fromValues([10, 20, 30])))
        const after = yield* ledger
        expect(after.destinations["default"]).toEqual({ recorded: 7, withheld: 4, pending: 3 })
        expect(Ledger.isBalanced(after)).toBe(true)
      }))

    test("a window is sealed once, under an id of its own, and what comes late is another", () =>
      Effect.gen(function*() {
        yield* appendAggregated([command(1, "build", 10)])
        expect(yield* seal(start + hour)).toBe(1)
        expect(yield* seal(start + hour)).toBe(0)
        yield* appendAggregated([command(2, "build", 20)])
        expect(yield* seal(start + hour)).toBe(1)
        const windows = (yield* recorded).filter(({ event }) => event.type === "rollup_window")
        expect(windows.map(({ event }) => JSON.parse(event.data).count)).toEqual([1, 1])
        expect(new Set(windows.map(({ event }) => event.id)).size).toBe(2)
        expect(windows.map(({ event }) => JSON.parse(event.data).windowId)).toEqual(
          windows.map(({ event }) => event.id)
        )
      }))

    test("windows keep grants apart, and what is no longer granted goes without being sent", () =>
      Effect.gen(function*() {
        const never = context({ remote: false })
        const old = context({ epoch: "old" })
        yield* appendAggregated([
          command(1, "build", 1, { context: never }),
          command(2, "build", 2, { context: old }),
          command(3, "build", 3, { context: old }),
          command(4, "build", 4)
        ])
        expect(yield* seal(start + hour, ({ epoch }) => epoch !== "old")).toBe(2)
        expect((yield* sent).map(({ count, sum }) => [count, sum])).toEqual([[1, 4]])
        expect((yield* readAll({ type: "command_executed" })).map((row) => row.count)).toEqual([4])
      }))

    test("a window names no installation at a level that has none", () =>
      Effect.gen(function*() {
        yield* appendAggregated([command(1, "build", 1)])
        yield* seal(start + hour)
        const [window] = (yield* recorded).filter(({ event }) => event.type === "rollup_window")
        expect(window?.event.context).toMatchObject({ level: "basic", installationId: null })
      }))

    test("`clear` takes open windows with it", () =>
      Effect.gen(function*() {
        yield* appendAggregated([command(1, "build", 1)])
        yield* Effect.flatMap(EventStore, (store) => store.clear)
        expect(yield* seal(start + hour)).toBe(0)
      }))

    it.effect.prop(
      "says the same as a recount of everything that was recorded, in whatever groups it came",
      [fc.array(fc.array(made, { maxLength: 10 }), { maxLength: 5 })],
      ([groups]) =>
        Effect.gen(function*() {
          let n = 0
          for (const part of groups) {
            yield* append(part.map((one) =>
              event(n++, {
                type: one.type,
                time: start + one.hour * hour + (n * 977) % hour,
                data: dataOf(one),
                rate: one.rate,
                suppressed: one.suppressed
              })
            ))
          }
          expect(counted(yield* readAll())).toEqual(recount(groups.flat()))
        }).pipe(Effect.provide(layer())),
      { fastCheck: { numRuns: 15 } }
    )
  })
}
