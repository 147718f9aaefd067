import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as ConsentGate from "../../src/consent/ConsentGate.js"
import * as ConsentStore from "../../src/consent/ConsentStore.js"
import * as ConsentWatch from "../../src/consent/ConsentWatch.js"
import * as Overrides from "../../src/consent/Overrides.js"
import * as ConsentChange from "../../src/domain/ConsentChange.js"
import * as Ids from "../../src/domain/Ids.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"
import { granted } from "../node/support.js"

/** A gate that is watched, a record that another process may change, and how often it was read. */
const watched = (overrides: Partial<Overrides.Service> = {}) =>
  Effect.gen(function*() {
    const memory = ConsentStore.makeMemory()
    const seen = { reads: 0 }
    const store: ConsentStore.Service = {
      ...memory,
      read: Effect.suspend(() => {
        seen.reads++
        return memory.read
      })
    }
    const context = yield* Layer.build(
      ConsentWatch.layer.pipe(
        Layer.provideMerge(ConsentGate.layer),
        Layer.provide(Layer.mergeAll(
          Layer.succeed(ConsentStore.ConsentStore, store),
          TelemetryConfig.layerTest({}),
          Ids.layerSeeded(1),
          Layer.succeed(Overrides.Overrides, { ...Overrides.none, ...overrides })
        ))
      )
    )
    return { gate: Context.get(context, ConsentGate.ConsentGate), memory, seen }
  })

describe("a program that is off", () => {
  it.scoped("notices what another process consents to, after an interval and not before", () =>
    Effect.gen(function*() {
      const { gate, memory } = yield* watched()
      memory.unsafeSet(granted(5))
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(gate.unsafeCurrent().reason, "not-asked")
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(gate.unsafeCurrent().reason, "consented")
    }))

  it.scoped("notices it after an opt-out as well, and as often as it changes", () =>
    Effect.gen(function*() {
      const { gate, memory } = yield* watched()
      for (let round = 0; round < 3; round++) {
        memory.unsafeSet(granted(round))
        yield* TestClock.adjust("30 seconds")
        assert.isTrue(gate.unsafeCurrent().enabled)
        memory.unsafeSet(ConsentChange.withdraw(granted(round), 7))
        yield* gate.refresh
        assert.strictEqual(gate.unsafeCurrent().reason, "opted-out")
      }
    }))

  it.scoped("reads the record once an interval; not at all while it is on, nor where the record decides nothing", () =>
    Effect.gen(function*() {
      const off = yield* watched()
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(off.seen.reads, 11)
      yield* off.gate.enable({})
      const before = off.seen.reads
      yield* TestClock.adjust("1 hours")
      assert.strictEqual(off.seen.reads, before)

      const switched = yield* watched({ doNotTrack: true })
      switched.memory.unsafeSet(granted(5))
      yield* TestClock.adjust("1 hours")
      assert.strictEqual(switched.seen.reads, 1)
      assert.strictEqual(switched.gate.unsafeCurrent().reason, "do-not-track")
    }))
})
