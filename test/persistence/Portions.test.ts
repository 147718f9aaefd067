import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Portions from "../../src/persistence/Portions.js"

/** Places 1 to `length`, and what was asked for. */
const numbers = (length: number, limit: number) => {
  const asked: Array<number> = []
  const portions = Portions.make(
    ({ after, limit }) =>
      Effect.sync(() => {
        asked.push(after)
        return Array.from({ length: Math.min(limit, length - after) }, (_, i) => after + i + 1)
      }),
    (n) => n,
    limit
  )
  return { asked, portions }
}

const each = (portions: Portions.Portions<number, never>) =>
  Effect.gen(function*() {
    const seen: Array<number> = []
    yield* Portions.forEach(portions, (n) => void seen.push(n))
    return seen
  })

const iterated = (portions: Portions.Portions<number, never>) =>
  Effect.promise(async () => {
    const seen: Array<number> = []
    for await (const n of Portions.iterate(portions, Effect.runPromise)) seen.push(n)
    return seen
  })

const streamed = (portions: Portions.Portions<number, never>) =>
  Effect.map(Stream.runCollect(Portions.stream(portions)), Chunk.toArray)

describe("Portions", () => {
  for (const [name, read] of Object.entries({ each, iterated, streamed })) {
    for (const [length, places] of [[0, [0]], [2, [0]], [3, [0, 3]], [7, [0, 3, 6]]] as const) {
      it.effect(`${name}: gives all of ${length} rows in order`, () =>
        Effect.gen(function*() {
          const { asked, portions } = numbers(length, 3)
          assert.deepStrictEqual(yield* read(portions), Array.from({ length }, (_, i) => i + 1))
          assert.deepStrictEqual<ReadonlyArray<number>>(asked, places)
        }))
    }

    it.effect(`${name}: reads nothing where nothing is`, () =>
      Effect.gen(function*() {
        const { asked, portions } = numbers(3, 3)
        assert.deepStrictEqual(yield* read(Portions.when(portions, Effect.succeed(false))), [])
        assert.deepStrictEqual(asked, [])
      }))
  }

  it.effect("asks once whether there is something", () =>
    Effect.gen(function*() {
      let times = 0
      const isThere = Effect.sync(() => ++times > 0)
      const doubled = Portions.map(Portions.when(numbers(7, 3).portions, isThere), (n) => n * 2)
      assert.deepStrictEqual(yield* each(doubled), [2, 4, 6, 8, 10, 12, 14])
      assert.strictEqual(times, 1)
    }))

  it.effect("reads no further than somebody takes", () =>
    Effect.gen(function*() {
      const { asked, portions } = numbers(7, 3)
      yield* Effect.promise(async () => {
        for await (const n of Portions.iterate(portions, Effect.runPromise)) if (n === 2) break
      })
      assert.deepStrictEqual(asked, [0])
      yield* Stream.runDrain(Stream.take(Portions.stream(portions), 4))
      assert.deepStrictEqual(asked, [0, 0, 3])
    }))
})
