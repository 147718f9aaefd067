import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as SubjectEncoding from "../../src/collector/SubjectEncoding.js"
import * as SubjectSet from "../../src/collector/SubjectSet.js"

type Times = ReadonlyMap<number, number>

const setOf = (times: Times): SubjectSet.SubjectSet => {
  const pairs = [...times].sort(([a], [b]) => a - b)
  return SubjectSet.fromLists(pairs.map(([subject]) => subject).join(), pairs.map(([, at]) => at).join())
}

const timesOf = ({ at, subjects }: SubjectSet.SubjectSet): Times =>
  new Map(Array.from(subjects, (subject, i) => [subject, at![i]!]))

const earliest = (all: ReadonlyArray<Times>): Times => {
  const found = new Map<number, number>()
  for (const times of all) for (const [who, at] of times) found.set(who, Math.min(at, found.get(who) ?? Infinity))
  return new Map([...found].sort(([a], [b]) => a - b))
}

const since = Date.UTC(2026, 5, 1)

/** Numbers near each other, and numbers far apart: they are counted in two ways. */
const times = (greatest: number) =>
  fc.array(fc.tuple(fc.nat(greatest), fc.nat(7 * 86_400_000)), { maxLength: 40 }).map(
    (pairs): Times => new Map(pairs.map(([who, at]) => [who, since + at]))
  )

const lists = fc.constantFrom(30, 5_000, 2 ** 31 - 1).chain((greatest) => fc.array(times(greatest), { maxLength: 9 }))

describe("SubjectSet", () => {
  it.prop("the union holds everybody once, in order, with the earliest time", [lists], ([all]) => {
    const found = SubjectSet.union(all.map(setOf))
    assert.deepStrictEqual([...timesOf(found)], [...earliest(all)])
  })

  it.prop("a union of sets without times has none", [lists], ([all]) => {
    const found = SubjectSet.union(all.map((one) => ({ ...setOf(one), at: null })))
    assert.deepStrictEqual([...found.subjects], [...earliest(all).keys()])
    if (all.length > 0) assert.isNull(found.at)
  })

  it.prop("each of several lists of sets is counted for itself", [fc.array(lists, { maxLength: 5 })], ([several]) => {
    assert.deepStrictEqual(
      SubjectSet.counts(several.map((all) => all.map(setOf))),
      several.map((all) => earliest(all).size)
    )
  })

  it("counts more lists than there are marks", () => {
    const lists = Array.from({ length: 600 }, (_, i) => [setOf(new Map([[i % 7, 0], [7, 0]]))])
    assert.deepStrictEqual(SubjectSet.counts(lists), lists.map(() => 2))
  })

  it.prop("who followed was in both, and no earlier in the second", [times(30), times(30)], ([first, second]) => {
    const expected = [...earliest([second])].filter(([who, at]) => (first.get(who) ?? Infinity) <= at)
    assert.deepStrictEqual([...timesOf(SubjectSet.followed(setOf(first), setOf(second)))], expected)
  })

  it.prop("a funnel counts who took each step, no earlier than the one before", [
    fc.constantFrom(6, 5_000, 2 ** 31 - 1).chain((greatest) =>
      fc.array(fc.array(times(greatest), { maxLength: 4 }), { maxLength: 4 })
    )
  ], ([steps]) => {
    const expected: Array<number> = []
    let before: Times | undefined
    for (const step of steps.map(earliest)) {
      const came = new Map<number, number>()
      for (const [who, at] of step) if (before === undefined || (before.get(who) ?? Infinity) <= at) came.set(who, at)
      before = came
      expected.push(came.size)
    }
    assert.deepStrictEqual(SubjectSet.funnel(steps.map((sets) => sets.map(setOf))), expected)
  })

  it.prop("what is encoded is decoded, with times or without", [
    fc.constantFrom(300, 2 ** 31 - 1).chain((greatest) =>
      fc.uniqueArray(fc.tuple(fc.nat(1_000), times(greatest)), { selector: ([series]) => series, maxLength: 6 })
    )
  ], ([several]) => {
    const sets = several.map(([series, one]) => [series, setOf(one)] as const)
    const plain = (found: ReturnType<typeof SubjectEncoding.decode>) =>
      found.map(([series, { at, subjects }]) => [series, [...subjects], at === null ? null : [...at]])
    const withTimes = SubjectEncoding.encode(sets, since)
    assert.deepStrictEqual(plain(SubjectEncoding.decode(withTimes, since)), plain(sets))
    const untimed = sets.map(([series, set]) => [series, { ...set, at: null }] as const)
    assert.deepStrictEqual(plain(SubjectEncoding.decode(withTimes, null)), plain(untimed))
    assert.deepStrictEqual(plain(SubjectEncoding.decode(SubjectEncoding.encode(sets, null), since)), plain(untimed))
  })

  it("keeps numbers exactly up to the largest that are exact", () => {
    const sets = [[Number.MAX_SAFE_INTEGER, setOf(new Map([[1, 0], [Number.MAX_SAFE_INTEGER, 5]]))]] as const
    assert.deepStrictEqual(
      SubjectEncoding.decode(SubjectEncoding.encode(sets, 0), 0).map(([id, set]) => [id, [...timesOf(set)]]),
      [
        [Number.MAX_SAFE_INTEGER, [[1, 0], [Number.MAX_SAFE_INTEGER, 5]]]
      ]
    )
  })
})
