import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import { Ids, layerSeeded } from "../../src/domain/Ids.js"

const withIds = <A>(f: (ids: Ids["Type"]) => A): A => Effect.runSync(Effect.provide(Effect.map(Ids, f), layerSeeded(7)))

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

describe("version 7", () => {
  it("has the shape of the standard and rises, whatever the clock does", () => {
    const clock = fc.array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(2 ** 47), fc.constant(1_763_700_000_000)), {
      minLength: 2,
      maxLength: 50
    })
    fc.assert(fc.property(clock, (times) => {
      const made = withIds((ids) => times.map((now) => ids.uuid7(now)))
      for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(made).toEqual([...new Set(made)].sort())
    }))
  })

  it("holds the time it was made at, until more are made in a millisecond than there are numbers", () => {
    const made = withIds((ids) => Array.from({ length: 10_000 }, () => ids.uuid7(1_763_700_000_000)))
    expect(new Set(made).size).toBe(10_000)
    expect(made.map(timeOf).filter((time) => time === 1_763_700_000_000)).toHaveLength(4096)
    expect(Math.max(...made.map(timeOf))).toBe(1_763_700_000_002)
  })

  it("has other random bits in another second", () => {
    const [one, same, other] = withIds((ids) => [5_000, 5_999, 6_000].map((now) => ids.uuid7(now).slice(19)))
    expect(same).toBe(one)
    expect(other).not.toBe(one)
  })
})

describe("version 4", () => {
  it("has the shape of the standard and does not repeat", () => {
    const made = withIds((ids) => Array.from({ length: 5_000 }, () => ids.uuid4()))
    expect(new Set(made).size).toBe(5_000)
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
