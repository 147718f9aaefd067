import * as RateLimiter from "@effect/experimental/RateLimiter"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as HostEnvironment from "../src/collection/HostEnvironment.js"
import * as ConsentGate from "../src/consent/ConsentGate.js"
import * as ConsentStore from "../src/consent/ConsentStore.js"
import * as EventCatalog from "../src/domain/EventCatalog.js"
import * as Ids from "../src/domain/Ids.js"
import * as Outcome from "../src/domain/Outcome.js"
import * as Memory from "../src/persistence/Memory.js"
import * as Pipeline from "../src/Pipeline.js"
import { Process } from "../src/scheduling/Process.js"
import { Destinations } from "../src/submission/Transport.js"
import * as SubmissionHealth from "../src/SubmissionHealth.js"
import { Telemetry } from "../src/Telemetry.js"
import * as TelemetryConfig from "../src/TelemetryConfig.js"
import { ScriptedTransport } from "../src/testing/ScriptedTransport.js"
import * as Scripted from "../src/testing/ScriptedTransport.js"
import * as TelemetryTest from "../src/testing/TelemetryTest.js"

/** Without the other automatic events, whose timers make hours of a test clock long. */
const over = (options: TelemetryTest.Options) =>
  Layer.fresh(SubmissionHealth.layer).pipe(
    Layer.provide(
      Layer.effect(
        TelemetryConfig.Config,
        Effect.map(TelemetryConfig.Config, (config) => ({ ...config, automatic: true }))
      )
    ),
    Layer.provideMerge(TelemetryTest.layerWith(options))
  )

const live = over({})

/** What is counted before the first look is not told. */
const begun = TestClock.adjust("1 seconds")

const told = TelemetryTest.events(EventCatalog.SubmissionHealth)

const invalid = (n: number) =>
  Effect.map(Telemetry, (telemetry) => {
    for (let i = 0; i < n; i++) telemetry.unsafeTrack("feature_used", { featureName: i })
  })

const submitted = Effect.map(
  Effect.flatMap(Telemetry, (telemetry) => telemetry.status),
  ({ submission }) => submission.totalSubmitted ?? 0
)

describe("submission health", () => {
  it.effect("is told once an hour: what was sent, refused and lost since, and how much waits", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const scripted = yield* ScriptedTransport
      yield* begun
      yield* scripted.failNext(1, Outcome.ContentRefused({ status: 422, message: "no" }))
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.submitNow
      for (let i = 0; i < 3; i++) yield* telemetry.trackFeature("export", true)
      yield* invalid(2)
      yield* telemetry.submitNow
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.flush
      yield* TestClock.adjust("59 minutes")
      expect(yield* told).toEqual([])
      yield* TestClock.adjust("1 minutes")
      expect(yield* told).toEqual([
        { submitted: 3, failed: 0, rejected: 1, retries: 0, queueSize: 1, dropped: 2, latencyP95: 0 }
      ])

      yield* telemetry.submitNow
      yield* invalid(1)
      yield* telemetry.flush
      yield* TestClock.adjust("1 hours")
      expect((yield* told)[1]).toMatchObject({ submitted: 2, rejected: 0, queueSize: 0, dropped: 1 })
    }).pipe(Effect.provide(live)))

  it.effect("adds up to what happened, and is silent where nothing did but its own sending", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* begun
      for (let hour = 0; hour < 12; hour++) {
        if (hour < 4) yield* telemetry.trackFeature("export", true)
        if (hour < 4) yield* invalid(hour)
        yield* telemetry.submitNow
        yield* TestClock.adjust("1 hours")
      }
      const events = yield* told
      const sum = (term: "dropped" | "submitted") => events.reduce((n, event) => n + (event[term] ?? 0), 0)
      expect(sum("dropped")).toBe(6)
      expect(events.length).toBeLessThan(8)
      expect((yield* submitted) - sum("submitted")).toBeLessThanOrEqual(1)
    }).pipe(Effect.provide(live)))

  it.effect("tells nothing of what was before another consent, nor of what a person has erased", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* begun
      yield* invalid(3)
      yield* telemetry.flush
      yield* telemetry.enable({ level: "basic", remote: true })
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.flush
      yield* telemetry.clear
      yield* TestClock.adjust("3 hours")
      expect(yield* told).toEqual([])
    }).pipe(Effect.provide(over({ level: "full", remote: false }))))

  it.effect("is not told while telemetry is off, nor without `automatic`", () =>
    Effect.gen(function*() {
      yield* invalid(3)
      yield* TestClock.adjust("3 hours")
      expect(yield* told).toEqual([])
    }).pipe(
      Effect.provide(TelemetryTest.layer),
      Effect.zipRight(
        Effect.gen(function*() {
          yield* TestClock.adjust("3 hours")
          const telemetry = yield* Telemetry
          expect((yield* telemetry.status).store.events).toBe(0)
        }).pipe(Effect.provide(over({ level: null })))
      )
    ))

  it.scoped("goes on from process to process over one store, and two of them tell it once", () =>
    Effect.gen(function*() {
      const stores = Layer.succeedContext(
        yield* Layer.build(
          Layer.mergeAll(Memory.layerMemory, ConsentStore.layerMemory, RateLimiter.layerStoreMemory, Scripted.layer)
        )
      )
      const process = (id: string) =>
        Pipeline.layer.pipe(
          Layer.provideMerge(Layer.mergeAll(
            Layer.effect(
              Destinations,
              Effect.map(ScriptedTransport, ({ transport }) => [{ id: "default", transport }])
            ),
            HostEnvironment.layerUnknown,
            Layer.succeed(Process, { owner: { id, pid: null }, isGone: () => false }),
            Layer.effectDiscard(Effect.flatMap(ConsentGate.ConsentGate, (gate) => gate.granted({ level: "full" })))
          )),
          Layer.provideMerge(ConsentGate.layer),
          Layer.provideMerge(Layer.mergeAll(
            stores,
            Ids.layerSeeded(id.length),
            TelemetryConfig.layerTest({ worker: false, automatic: true, linger: Duration.zero })
          ))
        )
      const short = (id: string) =>
        Effect.gen(function*() {
          yield* TestClock.adjust("1 seconds")
          yield* invalid(1)
          yield* (yield* Telemetry).flush
          return yield* told
        }).pipe(Effect.provide(process(id)))
      expect(yield* short("a")).toEqual([])
      yield* TestClock.adjust("2 hours")
      expect((yield* short("bb")).map(({ dropped }) => dropped)).toEqual([1])
      yield* TestClock.adjust("2 hours")
      const [one, other] = yield* Effect.all([short("ccc"), short("dddd")], { concurrency: 2 })
      expect([...one, ...other].length).toBeGreaterThan(2)
      expect((yield* short("eeeee")).map(({ dropped }) => dropped)).toEqual([1, 1])
    }))
})

describe("what came since", () => {
  const none = { submitted: 0, failed: 0, rejected: 0, retries: 0, dropped: 0 }

  it.each([
    ["nothing", {}, null],
    ["one event sent, which the last of these was", { submitted: 1 }, null],
    ["attempts that failed while nothing was lost", { failed: 5, retries: 3 }, null],
    ["two events sent", { submitted: 2 }, { submitted: 2 }],
    ["one refused", { rejected: 1, failed: 4 }, { rejected: 1, failed: 4 }],
    ["one lost", { dropped: 1 }, { dropped: 1 }]
  ])("of %s", (_, more, news) => {
    const before = { submitted: 10, failed: 10, rejected: 10, retries: 10, dropped: 10 }
    const after = { ...before }
    for (const [term, n] of Object.entries(more)) after[term as keyof typeof after] += n
    expect(SubmissionHealth.since(before, after)).toEqual(news === null ? null : { ...none, ...news })
  })

  it("in a store that was made anew is what is in it", () => {
    const before = { ...none, submitted: 100, dropped: 7 }
    expect(SubmissionHealth.since(before, { ...none, submitted: 5 })).toEqual({ ...none, submitted: 5 })
  })
})
