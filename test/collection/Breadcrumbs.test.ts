import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Breadcrumbs from "../../src/collection/Breadcrumbs.js"
import { FakeGate } from "./fakes.js"
import { granted, off } from "./fixtures.js"

const run = <A>(
  gate: FakeGate,
  body: (breadcrumbs: Breadcrumbs.Service) => Effect.Effect<A>,
  capacity?: number
) =>
  Effect.flatMap(Breadcrumbs.Breadcrumbs, body).pipe(
    Effect.provide(Breadcrumbs.layer.pipe(
      Layer.provide(gate.layer),
      Layer.provide(capacity === undefined ? Layer.empty : Breadcrumbs.layerCapacity(capacity))
    ))
  )

const full = () => {
  const gate = new FakeGate()
  gate.set(granted("full"))
  return gate
}

const messages = (breadcrumbs: Breadcrumbs.Service) => breadcrumbs.unsafeAll().map(({ message }) => message)

describe("breadcrumbs", () => {
  it.effect("are the last 50, oldest first, with their time", () =>
    run(full(), (breadcrumbs) =>
      Effect.gen(function*() {
        for (let i = 0; i < 60; i++) {
          yield* TestClock.setTime(i)
          yield* breadcrumbs.add({ category: "step", message: `m${i}` })
        }
        const all = breadcrumbs.unsafeAll()
        assert.lengthOf(all, 50)
        assert.deepStrictEqual(all[0], { timestamp: 10, category: "step", message: "m10" })
        assert.strictEqual(all[49]!.message, "m59")
      })))

  it.effect("are as many as the application says", () =>
    run(full(), (breadcrumbs) =>
      Effect.sync(() => {
        for (const message of ["a", "b", "c"]) breadcrumbs.unsafeAdd({ category: "c", message })
        assert.deepStrictEqual(messages(breadcrumbs), ["b", "c"])
      }), 2))

  it.effect("are not kept while telemetry is off, nor below level full", () => {
    const gate = new FakeGate()
    return run(gate, (breadcrumbs) =>
      Effect.sync(() => {
        for (const state of [off, granted("basic"), granted("enhanced")]) {
          gate.set(state)
          breadcrumbs.unsafeAdd({ category: "c" })
          gate.set(granted("full"))
          assert.deepStrictEqual(breadcrumbs.unsafeAll(), [])
        }
      }))
  })

  it.effect("of one consent are not told under the next", () => {
    const gate = full()
    return run(gate, (breadcrumbs) =>
      Effect.sync(() => {
        breadcrumbs.unsafeAdd({ category: "before" })
        gate.set(granted("full", "00000000-0000-4000-8000-00000000000b"))
        assert.deepStrictEqual(breadcrumbs.unsafeAll(), [])
        breadcrumbs.unsafeAdd({ category: "after" })
        assert.strictEqual(breadcrumbs.unsafeAll().length, 1)
      }))
  })

  it.effect("hold on to no object of the program, and are bounded", () =>
    run(full(), (breadcrumbs) =>
      Effect.sync(() => {
        const data = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, "x".repeat(1e6)]))
        breadcrumbs.unsafeAdd({ category: "c", message: "y".repeat(1e7), data })
        breadcrumbs.unsafeAdd({ category: "c", data: { nested: { a: 1 } as unknown as string, n: 1 } })
        const [large, nested] = breadcrumbs.unsafeAll()
        assert.isBelow(JSON.stringify(large).length, 100_000)
        assert.deepStrictEqual(nested!.data, { n: 1 })
      })))

  it.effect("may be anything at all", () =>
    run(full(), (breadcrumbs) =>
      Effect.sync(() => {
        const hostile = [null, 5, { category: Symbol("x") }, { category: "c", data: 5 }, {
          get category(): string {
            throw new Error("no")
          }
        }]
        for (const one of hostile) breadcrumbs.unsafeAdd(one as Breadcrumbs.Breadcrumb)
        breadcrumbs.unsafeAdd({ category: "good" })
        assert.strictEqual(breadcrumbs.unsafeAll().at(-1)!.category, "good")
      })))

  it.effect("are gone when cleared", () =>
    run(full(), (breadcrumbs) =>
      Effect.gen(function*() {
        yield* breadcrumbs.add({ category: "c" })
        yield* breadcrumbs.clear
        assert.deepStrictEqual(breadcrumbs.unsafeAll(), [])
      })))
})
