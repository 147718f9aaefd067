import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Grouped from "../../src/collector/Grouped.js"

/** Numbers, doubled; the first group is held until it is let go. */
const doubling = (most: number, fails: (n: number) => boolean = () => false, error = "no") =>
  Effect.gen(function*() {
    const groups: Array<ReadonlyArray<number>> = []
    const isHeld = yield* Deferred.make<void>()
    const letGo = yield* Deferred.make<void>()
    const double = yield* Grouped.make({
      handle: (group: ReadonlyArray<number>) =>
        Effect.gen(function*() {
          groups.push(group)
          if (groups.length === 1) yield* Effect.zipRight(Deferred.succeed(isHeld, undefined), Deferred.await(letGo))
          return group.some(fails) ? yield* Effect.fail(error) : group.map((n) => 2 * n)
        }),
      sizeOf: (n) => n,
      most,
      isOfOne: (error) => error === "no"
    })
    const first = yield* Effect.fork(double(1))
    yield* Deferred.await(isHeld)
    return { double, first, groups, letGo: Deferred.succeed(letGo, undefined) }
  })

/** Each of them waits before the next comes. */
const waitingFor = <A, E>(double: (n: number) => Effect.Effect<A, E>, numbers: ReadonlyArray<number>) =>
  Effect.forEach(numbers, (n) => Effect.zipLeft(Effect.fork(double(n)), Effect.yieldNow()))

describe("Grouped", () => {
  it.scopedLive("handles together what came while it was busy, and answers each for itself", () =>
    Effect.gen(function*() {
      const { double, first, groups, letGo } = yield* doubling(100)
      const others = yield* waitingFor(double, [2, 3, 4])
      yield* letGo
      assert.deepStrictEqual(yield* Fiber.join(Fiber.zip(first, Fiber.all(others))), [2, [4, 6, 8]])
      assert.deepStrictEqual(groups, [[1], [2, 3, 4]])
    }))

  it.scopedLive("goes up to the size that a group may have, and handles alone what is larger", () =>
    Effect.gen(function*() {
      const { double, groups, letGo } = yield* doubling(5)
      const others = yield* waitingFor(double, [2, 3, 1, 6, 4, 1, 1])
      yield* letGo
      yield* Fiber.join(Fiber.all(others))
      assert.deepStrictEqual(groups, [[1], [2, 3], [1], [6], [4, 1], [1]])
    }))

  it.scopedLive("tries those of a group that failed one at a time, so that one does not spoil the others", () =>
    Effect.gen(function*() {
      const { double, groups, letGo } = yield* doubling(100, (n) => n === 3)
      const others = yield* waitingFor(double, [2, 3, 4])
      yield* letGo
      const exits = yield* Effect.forEach(others, Fiber.await)
      assert.deepStrictEqual(exits, [Exit.succeed(4), Exit.fail("no"), Exit.succeed(8)])
      assert.deepStrictEqual(groups, [[1], [2, 3, 4], [2], [3], [4]])
    }))

  it.scopedLive("fails all of a group at once where none of them can be why", () =>
    Effect.gen(function*() {
      const { double, groups, letGo } = yield* doubling(100, (n) => n === 3, "away")
      const others = yield* waitingFor(double, [2, 3, 4])
      yield* letGo
      const exits = yield* Effect.forEach(others, Fiber.await)
      assert.deepStrictEqual(exits, [Exit.fail("away"), Exit.fail("away"), Exit.fail("away")])
      assert.deepStrictEqual(groups, [[1], [2, 3, 4]])
    }))

  it.scopedLive("does not let a group that takes long hold up the next", () =>
    Effect.gen(function*() {
      const { double, first, letGo } = yield* doubling(100)
      assert.strictEqual(yield* double(2), 4)
      yield* letGo
      assert.strictEqual(yield* Fiber.join(first), 2)
    }))

  it.scopedLive("goes on without those who no longer wait", () =>
    Effect.gen(function*() {
      const { double, first, letGo } = yield* doubling(100)
      const [gone, other] = yield* waitingFor(double, [2, 3])
      yield* Fiber.interrupt(gone!)
      yield* Fiber.interrupt(first)
      yield* letGo
      assert.strictEqual(yield* Fiber.join(other!), 6)
    }))

  it.live("leaves nobody waiting when it ends", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { double, first } = yield* Scope.extend(doubling(100), scope)
      const others = yield* waitingFor(double, [2, 3])
      yield* Scope.close(scope, Exit.void)
      const exits = yield* Effect.forEach([first, ...others], Fiber.await)
      assert.deepStrictEqual(exits.map(Exit.isInterrupted), [true, true, true])
    }))
})
