import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as ConsentGate from "../../src/consent/ConsentGate.js"
import * as ConsentStore from "../../src/consent/ConsentStore.js"
import { none, Overrides } from "../../src/consent/Overrides.js"
import * as ConsentChange from "../../src/domain/ConsentChange.js"
import * as Ids from "../../src/domain/Ids.js"
import { Config, type TelemetryConfig } from "../../src/TelemetryConfig.js"
import { config } from "../collection/fixtures.js"

const withGate = <A, E>(
  body: (gate: ConsentGate.Service, store: ConsentStore.Memory) => Effect.Effect<A, E>,
  options: {
    readonly config?: Partial<TelemetryConfig>
    readonly overrides?: Partial<Overrides["Type"]>
    readonly store?: ConsentStore.Memory
  } = {}
) => {
  const store = options.store ?? ConsentStore.makeMemory()
  const live = ConsentGate.layer.pipe(
    Layer.provide(Layer.mergeAll(
      Layer.succeed(ConsentStore.ConsentStore, store),
      Layer.succeed(Config, { ...config, ...options.config }),
      Ids.layerSeeded(1)
    )),
    Layer.provide(Layer.succeed(Overrides, { ...none, ...options.overrides }))
  )
  return Effect.flatMap(ConsentGate.ConsentGate, (gate) => body(gate, store)).pipe(Effect.provide(live))
}

/** What was woken has run. */
const settled = Effect.yieldNow().pipe(Effect.repeatN(10))

const endpoint = "https://telemetry.example.com/v1/events"

describe("ConsentGate", () => {
  it.effect("is off until somebody is asked, and writes nothing by being looked at", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* gate.refresh).reason, "not-asked")
        assert.isNull(gate.unsafeHashKey())
        assert.isNull(yield* store.read)
      })
    ))

  it.effect("records a grant with its time, level and origin", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(1234)
        const effective = yield* gate.enable({ remote: true, level: "enhanced" })
        assert.isTrue(effective.enabled && effective.remote)
        assert.strictEqual(gate.unsafeCurrent(), effective)
        assert.isNotNull(effective.installationId)
        assert.isNotNull(gate.unsafeHashKey())
        const [epoch] = (yield* store.read)!.epochs
        assert.deepInclude(epoch, { grantedAt: 1234, level: "enhanced", origin: "https://telemetry.example.com" })
      }), { config: { endpoint } }))

  it.effect("keeps the same object while nothing changes", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        const effective = yield* gate.enable({ remote: true })
        assert.strictEqual(yield* gate.refresh, effective)
        store.unsafeSet(JSON.parse(JSON.stringify(yield* store.read)))
        assert.strictEqual(yield* gate.refresh, effective)
      })
    ))

  it.effect("sees what another process has withdrawn at the next look", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        yield* gate.enable({ remote: true })
        store.unsafeSet(ConsentChange.withdraw(yield* store.read, 7))
        assert.isTrue(gate.unsafeCurrent().enabled)
        yield* gate.refresh
        assert.deepInclude(gate.unsafeCurrent(), { enabled: false, reason: "opted-out", optedOutAt: 7 })
        assert.isNull(gate.unsafeHashKey())
      })
    ))

  it.effect("is off while the record cannot be read, and on again after", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        yield* gate.enable({})
        store.unsafeFail("read")
        assert.isNull(gate.unsafeProblem())
        assert.strictEqual((yield* gate.refresh).reason, "unreadable")
        assert.strictEqual(gate.unsafeProblem(), "The consent record cannot be read.")
        store.unsafeFail(null)
        assert.strictEqual((yield* gate.refresh).reason, "consented")
        assert.isNull(gate.unsafeProblem())
      })
    ))

  it.effect("is off after an opt-out that could not be written, until one can", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        yield* gate.enable({ remote: true })
        store.unsafeFail("write")
        const error = yield* Effect.flip(gate.disable({ remoteOnly: false }))
        assert.strictEqual(error._tag, "ConsentUnreadable")
        assert.strictEqual(gate.unsafeCurrent().reason, "unreadable")
        assert.isFalse((yield* gate.refresh).enabled)
        store.unsafeFail(null)
        assert.isFalse((yield* gate.refresh).enabled)
        assert.strictEqual(gate.unsafeProblem(), "The consent record cannot be written.")
        assert.strictEqual((yield* gate.disable({ remoteOnly: false })).reason, "opted-out")
      })
    ))

  it.effect("tells every change, beginning with what holds", () =>
    withGate((gate) =>
      Effect.gen(function*() {
        const fiber = yield* gate.changes.pipe(
          Stream.map((effective) => effective.reason),
          Stream.take(3),
          Stream.runCollect,
          Effect.fork
        )
        yield* settled
        yield* gate.enable({})
        yield* gate.refresh
        yield* gate.disable({ remoteOnly: false })
        assert.deepStrictEqual(Chunk.toArray(yield* Fiber.join(fiber)), ["not-asked", "consented", "opted-out"])
      })
    ))

  it.effect("is followed through every change, by each follower in its own time", () =>
    withGate((gate) =>
      Effect.gen(function*() {
        const [quick, slow]: [Array<string>, Array<string>] = [[], []]
        const one = yield* Effect.makeSemaphore(1)
        yield* one.take(1)
        yield* gate.follow(({ reason }) => Effect.sync(() => quick.push(reason))).pipe(Effect.fork)
        yield* gate.follow(({ reason }) => one.withPermits(1)(Effect.sync(() => slow.push(reason)))).pipe(Effect.fork)
        const optedOut = yield* ConsentGate.until(gate, ({ reason }) => reason === "opted-out").pipe(Effect.fork)
        yield* settled
        yield* gate.enable({})
        yield* settled
        yield* gate.disable({ remoteOnly: false })
        assert.strictEqual((yield* Fiber.join(optedOut)).reason, "opted-out")
        yield* settled
        assert.deepStrictEqual(quick, ["not-asked", "consented", "opted-out"])
        assert.deepStrictEqual(slow, [])
        yield* one.release(1)
        yield* settled
        assert.deepStrictEqual(slow, quick)
      })
    ))

  it.effect("lets go of the oldest changes of whoever does not listen", () =>
    withGate((gate) =>
      Effect.gen(function*() {
        const seen: Array<string> = []
        const one = yield* Effect.makeSemaphore(1)
        yield* one.take(1)
        yield* gate.follow(({ reason }) => one.withPermits(1)(Effect.sync(() => seen.push(reason)))).pipe(Effect.fork)
        yield* settled
        for (let i = 0; i < 10; i++) {
          yield* gate.enable({})
          yield* gate.disable({ remoteOnly: false })
        }
        yield* one.release(1)
        yield* settled
        assert.strictEqual(seen.length, 17)
        assert.strictEqual(seen.at(-1), "opted-out")
      })
    ))

  it.effect("is not waited for when what is asked for holds already", () =>
    withGate((gate) =>
      Effect.map(
        ConsentGate.until(gate, ({ enabled }) => !enabled),
        ({ reason }) => assert.strictEqual(reason, "not-asked")
      )
    ))

  it.effect("records what a person says under an override, which decides all the same", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* gate.enable({ remote: true })).reason, "ci")
        assert.strictEqual((yield* store.read)!.state, "granted")
      }), { overrides: { ci: true } }))

  for (const override of ["doNotTrack", "disabledByEnv", "ci"] as const) {
    it.effect(`writes nothing for an application that asks by itself while ${override} is in force`, () =>
      withGate((gate, store) =>
        Effect.gen(function*() {
          assert.isFalse((yield* gate.granted({ remote: true })).enabled)
          assert.isNull(yield* store.read)
        }), { overrides: { [override]: true } }))
  }

  it.effect("continues the epoch of an application that asks for the same again, even where nothing can be written", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        const first = yield* gate.granted({ remote: true, level: "full" })
        store.unsafeFail("write")
        assert.strictEqual(yield* gate.granted({ remote: true, level: "full" }), first)
      }), { config: { endpoint } }))

  it.effect("opens a new epoch when the application asks for another endpoint", () =>
    withGate((gate) =>
      Effect.gen(function*() {
        const first = yield* gate.granted({ remote: true, endpoint })
        const second = yield* gate.granted({ remote: true, endpoint: "https://other.example.com/v1/events" })
        assert.notStrictEqual(second.epoch!.id, first.epoch!.id)
        assert.strictEqual(second.epoch!.origin, "https://other.example.com")
      })
    ))

  it.effect("lets an opt-out win over an application that asks by itself", () =>
    withGate((gate) =>
      Effect.gen(function*() {
        yield* gate.disable({ remoteOnly: false })
        assert.strictEqual((yield* gate.granted({ remote: true })).reason, "opted-out")
      })
    ))

  it.effect("does not replace a record it cannot read unless the person says so", () =>
    withGate((gate, store) =>
      Effect.gen(function*() {
        store.unsafeFail("read")
        assert.strictEqual((yield* Effect.flip(gate.granted({})))._tag, "ConsentUnreadable")
        store.unsafeFail(null)
        assert.isNull(yield* store.read)
      })
    ))

  it.effect("asks again when the application's policy is newer than the consent", () => {
    const store = ConsentStore.makeMemory()
    return withGate((gate) => gate.enable({ remote: true }), { store }).pipe(
      Effect.zipRight(withGate((gate) =>
        Effect.gen(function*() {
          assert.strictEqual(gate.unsafeCurrent().reason, "policy-changed")
          assert.isTrue((yield* gate.enable({ remote: true })).remote)
        }), { store, config: { policyVersion: 2 } }))
    )
  })
})
