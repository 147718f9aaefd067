import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Deduplication from "../../../src/collection/errors/Deduplication.js"
import * as Description from "../../../src/collection/errors/Description.js"

const entry = (message: string, epoch = "e"): Deduplication.Entry => ({
  data: Description.describe({ errorType: "E", message, context: { a: 1 } }),
  epoch
})

const seen = (entries: ReadonlyArray<Deduplication.Entry>) => entries.map(({ data }) => [data.message, data.count])

const make = (maxGroups = 10) => Deduplication.make({ window: 100, maxGroups })

describe("equal errors", () => {
  it("are recorded once, and the rest together when the window ends", () => {
    const repeats = make()
    assert.deepStrictEqual(seen(repeats.take(entry("a"), 0)), [["a", 1]])
    assert.deepStrictEqual(seen(repeats.take(entry("a"), 10)), [])
    assert.deepStrictEqual(seen(repeats.take(entry("a"), 99)), [])
    assert.strictEqual(repeats.next(), 100)
    assert.deepStrictEqual(seen(repeats.due(99)), [])
    assert.deepStrictEqual(seen(repeats.due(100)), [["a", 2]])
  })

  it("that go on are recorded once for each window", () => {
    const repeats = make()
    const out = Array.from({ length: 1000 }, (_, i) => repeats.take(entry("a"), i)).flat()
    assert.deepStrictEqual(seen(out), [["a", 1], ...Array.from({ length: 9 }, (_, i) => ["a", i === 0 ? 99 : 100])])
    assert.deepStrictEqual(seen(repeats.drain()), [["a", 100]])
  })

  it("are forgotten after a window without one", () => {
    const repeats = make()
    repeats.take(entry("a"), 0)
    assert.deepStrictEqual(seen(repeats.due(100)), [])
    assert.isNull(repeats.next())
    assert.deepStrictEqual(seen(repeats.take(entry("a"), 101)), [["a", 1]])
  })

  it("keep nothing of the context while they wait", () => {
    const repeats = make()
    assert.property(repeats.take(entry("a"), 0)[0]!.data, "context")
    repeats.take(entry("a"), 1)
    assert.notProperty(repeats.drain()[0]!.data, "context")
  })

  it("under another consent are others", () => {
    const repeats = make()
    repeats.take(entry("a", "one"), 0)
    repeats.take(entry("a", "one"), 1)
    const out = repeats.take(entry("a", "two"), 2)
    assert.deepStrictEqual(out.map(({ data, epoch }) => [epoch, data.count]), [["one", 1], ["two", 1]])
  })

  it("make room for new ones, and what was counted of them is recorded", () => {
    const repeats = make(2)
    for (const message of ["a", "a", "b"]) repeats.take(entry(message), 0)
    assert.deepStrictEqual(seen(repeats.take(entry("c"), 1)), [["a", 1], ["c", 1]])
  })

  const steps = FastCheck.array(FastCheck.record({
    message: FastCheck.constantFrom("a", "b", "c", "d"),
    epoch: FastCheck.constantFrom("one", "two"),
    wait: FastCheck.integer({ min: 0, max: 150 }),
    due: FastCheck.boolean()
  }))

  it.prop("are never lost and never counted twice", [steps], ([taken]) => {
    const repeats = make(3)
    const out: Array<Deduplication.Entry> = []
    let now = 0
    for (const { due, epoch, message, wait } of taken) {
      now += wait
      if (due) out.push(...repeats.due(now))
      out.push(...repeats.take(entry(message, epoch), now))
      assert.isTrue((repeats.next() ?? now + 1) > now)
    }
    out.push(...repeats.drain())
    assert.isNull(repeats.next())
    for (const key of ["a", "b", "c", "d"]) {
      for (const epoch of ["one", "two"]) {
        const counted = out.filter((one) => one.data.message === key && one.epoch === epoch)
          .reduce((sum, { data }) => sum + data.count, 0)
        assert.strictEqual(counted, taken.filter((one) => one.message === key && one.epoch === epoch).length)
      }
    }
  })
})
