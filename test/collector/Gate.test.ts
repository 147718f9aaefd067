import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Gate from "../../src/collector/Gate.js"

/** Goes through, says so, and stays inside until it is let go. */
const visitors = Effect.map(Effect.succeed(Gate.make({ most: 10, free: 1 })), (gate) => {
  const inside: Array<string> = []
  return {
    inside,
    visit: (name: string, size: number) =>
      Effect.gen(function*() {
        const out = yield* Deferred.make<void>()
        let leave = () => {}
        const fiber = yield* Effect.fork(gate.through(size, (early) => {
          inside.push(name)
          leave = early
          return Deferred.await(out)
        }))
        yield* Effect.yieldNow()
        return { fiber, early: Effect.zipRight(Effect.sync(() => leave()), Effect.yieldNow()), out }
      })
  }
})

const leaves = ({ fiber, out }: { readonly fiber: Fiber.Fiber<void>; readonly out: Deferred.Deferred<void> }) =>
  Effect.zipRight(Deferred.succeed(out, undefined), Effect.zipRight(Fiber.await(fiber), Effect.yieldNow()))

describe("Gate", () => {
  it.live("lets in what there is room for, in the order of arrival", () =>
    Effect.gen(function*() {
      const { inside, visit } = yield* visitors
      const a = yield* visit("a", 6)
      const b = yield* visit("b", 6)
      yield* visit("c", 4)
      yield* visit("little", 1)
      assert.deepStrictEqual(inside, ["a", "little"])
      yield* leaves(a)
      assert.deepStrictEqual(inside, ["a", "little", "b", "c"])
      yield* visit("d", 4)
      yield* leaves(b)
      assert.deepStrictEqual(inside.slice(-1), ["d"])
    }))

  it.live("lets in one that is too large for it, alone", () =>
    Effect.gen(function*() {
      const { inside, visit } = yield* visitors
      const large = yield* visit("large", 50)
      const small = yield* visit("small", 2)
      assert.deepStrictEqual(inside, ["large"])
      yield* leaves(large)
      assert.deepStrictEqual(inside, ["large", "small"])
      yield* visit("another", 50)
      assert.deepStrictEqual(inside, ["large", "small"])
      yield* leaves(small)
      assert.deepStrictEqual(inside.slice(-1), ["another"])
    }))

  it.live("has room again once, whether it is left early, or interrupted, or both", () =>
    Effect.gen(function*() {
      const { inside, visit } = yield* visitors
      const a = yield* visit("a", 10)
      yield* visit("b", 10)
      yield* visit("c", 10)
      yield* a.early
      assert.deepStrictEqual(inside, ["a", "b"])
      yield* Fiber.interrupt(a.fiber)
      yield* Effect.yieldNow()
      assert.deepStrictEqual(inside, ["a", "b"])
    }))

  it.live("one that is interrupted while it waits passes through", () =>
    Effect.gen(function*() {
      const { inside, visit } = yield* visitors
      const a = yield* visit("a", 10)
      const b = yield* visit("b", 10)
      yield* visit("c", 10)
      yield* Fiber.interruptFork(b.fiber)
      yield* leaves(a)
      yield* Fiber.await(b.fiber)
      yield* Effect.yieldNow()
      assert.deepStrictEqual(inside, ["a", "c"])
    }))
})
