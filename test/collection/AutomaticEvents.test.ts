import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as AutomaticEvents from "../../src/collection/AutomaticEvents.js"
import * as Collector from "../../src/collection/Collector.js"
import * as Encoders from "../../src/collection/Encoders.js"
import * as HostEnvironment from "../../src/collection/HostEnvironment.js"
import * as Intake from "../../src/collection/Intake.js"
import * as Session from "../../src/collection/Session.js"
import * as ConsentGate from "../../src/consent/ConsentGate.js"
import * as ConsentStore from "../../src/consent/ConsentStore.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as Ids from "../../src/domain/Ids.js"
import * as Policy from "../../src/Policy.js"
import { Config, type TelemetryConfig } from "../../src/TelemetryConfig.js"
import { FakeStore } from "./fakes.js"
import { config } from "./fixtures.js"

interface Harness {
  readonly collector: Collector.Service
  readonly gate: ConsentGate.Service
  readonly intake: Intake.Service
  readonly store: FakeStore
  readonly close: Effect.Effect<void>
}

const withAutomatic = <A, E>(
  body: (harness: Harness) => Effect.Effect<A, E>,
  over: Partial<TelemetryConfig> = {}
) =>
  Effect.gen(function*() {
    const store = new FakeStore()
    const scope = yield* Scope.make()
    const live = AutomaticEvents.layer.pipe(
      Layer.provideMerge(Collector.layer),
      Layer.provideMerge(Layer.mergeAll(Session.layer, Intake.layer, Encoders.layer)),
      Layer.provideMerge(ConsentGate.layer),
      Layer.provide([
        ConsentStore.layerMemory,
        HostEnvironment.layerUnknown,
        store.layer,
        Ids.layerSeeded(3),
        Layer.succeed(Config, { ...config, events: EventCatalog.builtIn, bufferSize: 1000, ...over })
      ])
    )
    const services = yield* Layer.buildWithScope(live, scope)
    const close = Scope.close(scope, Exit.void)
    return yield* Effect.ensuring(
      body({
        collector: Context.get(services, Collector.Collector),
        gate: Context.get(services, ConsentGate.ConsentGate),
        intake: Context.get(services, Intake.Intake),
        store,
        close
      }),
      close
    )
  })

const settle = Effect.yieldNow().pipe(Effect.repeatN(30))

const feature = { featureName: "x", enabled: true }

const types = (store: FakeStore) => store.events.map((event) => event.type)

const sessions = (store: FakeStore) => new Set(store.events.map((event) => event.context.sessionId)).size

describe("automatic events", () => {
  it.effect("begin when telemetry is first enabled, and end before the intake does", () =>
    withAutomatic(({ close, collector, gate, store }) =>
      Effect.gen(function*() {
        yield* settle
        assert.strictEqual((yield* TestClock.sleeps()).length, 0)
        yield* gate.enable({})
        yield* settle
        collector.unsafeTrack(EventCatalog.FeatureUsed, feature)
        yield* TestClock.adjust(1234)
        yield* close
        assert.deepStrictEqual(types(store), ["session_started", "environment", "feature_used", "session_ended"])
        assert.deepStrictEqual(JSON.parse(store.events[3]!.data), { duration: 1234, events: 1, errors: 0 })
        assert.strictEqual(sessions(store), 1)
      })
    ))

  it.effect("write nothing while telemetry is off", () =>
    withAutomatic(({ close, store }) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("1 day")
        yield* close
        assert.strictEqual(store.attempts, 0)
      })
    ))

  it.effect("are left out where the configuration says so", () =>
    withAutomatic(({ close, gate, store }) =>
      Effect.gen(function*() {
        yield* gate.enable({})
        yield* TestClock.adjust("1 day")
        yield* close
        assert.strictEqual(store.attempts, 0)
      }), { automatic: false }))

  it.effect("tell that a session goes on until it is idle, then that it ended, and then leave no timer", () =>
    withAutomatic(({ collector, gate, intake, store }) =>
      Effect.gen(function*() {
        yield* gate.enable({})
        yield* settle
        yield* TestClock.adjust(Policy.heartbeatMillis)
        collector.unsafeTrack(EventCatalog.FeatureUsed, feature)
        yield* TestClock.adjust("5 hours")
        yield* intake.flush
        const heartbeats = types(store).filter((type) => type === "session_heartbeat").length
        assert.strictEqual(heartbeats, Policy.sessionIdleMillis / Policy.heartbeatMillis)
        assert.strictEqual(types(store).at(-1), "session_ended")
        assert.deepStrictEqual(JSON.parse(store.events.at(-1)!.data), {
          duration: Policy.heartbeatMillis,
          events: 1,
          errors: 0
        })
        assert.strictEqual((yield* TestClock.sleeps()).length, 0)
        assert.strictEqual(sessions(store), 1)

        collector.unsafeTrack(EventCatalog.FeatureUsed, feature)
        yield* intake.flush
        assert.deepStrictEqual(types(store).slice(-3), ["session_started", "environment", "feature_used"])
        assert.strictEqual(sessions(store), 2)
        yield* TestClock.adjust(Policy.heartbeatMillis)
        yield* intake.flush
        assert.strictEqual(types(store).at(-1), "session_heartbeat")
      })
    ))

  it.effect("end an ended session only once", () =>
    withAutomatic(({ close, gate, store }) =>
      Effect.gen(function*() {
        yield* gate.enable({})
        yield* settle
        yield* TestClock.adjust("5 hours")
        yield* close
        assert.strictEqual(types(store).filter((type) => type === "session_ended").length, 1)
      })
    ))

  it.effect("say nothing after an opt-out, and begin another session after a new consent", () =>
    withAutomatic(({ close, gate, intake, store }) =>
      Effect.gen(function*() {
        yield* gate.enable({})
        yield* settle
        yield* intake.flush
        yield* gate.disable({ remoteOnly: false })
        yield* TestClock.adjust("1 hour")
        yield* gate.enable({})
        yield* settle
        yield* close
        assert.deepStrictEqual(types(store), [
          "session_started",
          "environment",
          "session_started",
          "environment",
          "session_ended"
        ])
        assert.strictEqual(sessions(store), 2)
      })
    ))
})
