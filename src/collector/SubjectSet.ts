/**
 * Sets of subjects, and when each was first seen: pure. They are kept in ascending order, so that two are joined by going
 * through them once.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Dialect from "./Dialect.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface SubjectSet {
  /** Ascending; each once. */
  readonly subjects: Float64Array
  /** When each was first seen, in milliseconds since the epoch; null: not asked for. */
  readonly at: Float64Array | null
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const empty: SubjectSet = { subjects: new Float64Array(0), at: new Float64Array(0) }

/**
 * From lists as a database makes them, numbers and commas; both are in the order of the subjects.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromLists = (subjects: string, at: string | null): SubjectSet => ({
  subjects: Float64Array.from(Dialect.numbersOf(subjects)),
  at: at === null ? null : Float64Array.from(Dialect.numbersOf(at))
})

/** Sets one after another in the same arrays; the places where they begin, and the end. */
interface Row {
  readonly subjects: Float64Array
  readonly at: Float64Array | null
  readonly starts: ReadonlyArray<number>
}

const spaceOf = (length: number, hasTimes: boolean): Omit<Row, "starts"> => ({
  subjects: new Float64Array(length),
  at: hasTimes ? new Float64Array(length) : null
})

const inRow = (sets: ReadonlyArray<SubjectSet>): Row => {
  const starts = [0]
  for (const { subjects } of sets) starts.push(starts.at(-1)! + subjects.length)
  const row = { ...spaceOf(starts.at(-1)!, sets.every(({ at }) => at !== null)), starts }
  sets.forEach(({ at, subjects }, i) => {
    row.subjects.set(subjects, starts[i])
    row.at?.set(at!, starts[i])
  })
  return row
}

const isAscending = ({ starts, subjects }: Row): boolean => {
  const end = starts.at(-1)!
  return starts.every((start) => start === 0 || start === end || subjects[start - 1]! < subjects[start]!)
}

/** Of the two sets that begin at `i` and `j`, the second of which ends at `end`, one; answers where that ends. */
const mergeInto = (to: Omit<Row, "starts">, from: Row, place: number, i: number, j: number, end: number): number => {
  const { at, subjects } = from
  const middle = j
  let k = place
  while (i < middle && j < end) {
    const left = subjects[i]!
    const right = subjects[j]!
    to.subjects[k] = left < right ? left : right
    if (at !== null) to.at![k] = left < right ? at[i]! : right < left ? at[j]! : Math.min(at[i]!, at[j]!)
    k += 1
    if (left <= right) i += 1
    if (right <= left) j += 1
  }
  const [first, last] = i < middle ? [i, middle] : [j, end]
  to.subjects.set(subjects.subarray(first, last), k)
  if (at !== null) to.at!.set(at.subarray(first, last), k)
  return k + last - first
}

/** Half as many sets: each is one of two neighbours. */
const halve = (row: Row, to: Omit<Row, "starts">): Row => {
  const { starts } = row
  const halved = [0]
  for (let i = 0; i + 1 < starts.length; i += 2) {
    const middle = starts[i + 1]!
    halved.push(mergeInto(to, row, halved.at(-1)!, starts[i]!, middle, starts[i + 2] ?? middle))
  }
  return { ...to, starts: halved }
}

/**
 * Everybody who is in one of them, with the earliest time, if all have times.
 *
 * @since 0.1.0
 * @category combinators
 */
export const union = (sets: ReadonlyArray<SubjectSet>): SubjectSet => {
  let row = inRow(sets)
  let space = null
  // Sessions of a later week have greater numbers than those of an earlier one: in order already, unless some came late.
  while (row.starts.length > 2 && !isAscending(row)) {
    const next = halve(row, space ?? spaceOf(row.subjects.length, row.at !== null))
    space = row
    row = next
  }
  const end = row.starts.at(-1)!
  return { subjects: row.subjects.subarray(0, end), at: row.at === null ? null : row.at.subarray(0, end) }
}

/** Numbers that are marked at once: bytes of memory. */
const mostMarks = 2 ** 25

/** Those who are marked again are counted once; marks of another count are other marks. */
class Marks {
  private readonly marks: Uint8Array
  private mark = 0

  constructor(readonly least: number, range: number) {
    this.marks = new Uint8Array(range)
  }

  count(sets: ReadonlyArray<SubjectSet>): number {
    const { least, marks } = this
    if (this.mark === 255) marks.fill(0)
    const mark = this.mark = this.mark % 255 + 1
    let count = 0
    for (const { subjects } of sets) {
      for (let i = 0; i < subjects.length; i += 1) {
        // As a whole number of the machine's: as a fraction it is looked up ten times as slowly.
        const place = (subjects[i]! - least) | 0
        if (marks[place] !== mark) {
          marks[place] = mark
          count += 1
        }
      }
    }
    return count
  }
}

type Lists = ReadonlyArray<ReadonlyArray<SubjectSet>>

/** The least number, and how many there are from there to the greatest; 0: nobody is in any of them. */
const boundsOf = (lists: Lists): readonly [least: number, range: number] => {
  let least = Infinity
  let greatest = -1
  for (const sets of lists) {
    for (const { subjects } of sets) {
      if (subjects.length > 0) {
        least = Math.min(least, subjects[0]!)
        greatest = Math.max(greatest, subjects[subjects.length - 1]!)
      }
    }
  }
  return greatest < 0 ? [0, 0] : [least, greatest - least + 1]
}

/**
 * How many are in one of the sets, for each of several lists of sets.
 *
 * @since 0.1.0
 * @category getters
 */
export const counts = (lists: Lists): ReadonlyArray<number> => {
  const [least, range] = boundsOf(lists)
  if (range > mostMarks) return lists.map((sets) => union(sets).subjects.length)
  const marks = new Marks(least, range)
  return lists.map((sets) => marks.count(sets))
}

/**
 * Who of the first went on to the second, at the same time or later; with the time of the second. Both know times.
 *
 * @since 0.1.0
 * @category combinators
 */
export const followed = (first: SubjectSet, second: SubjectSet): SubjectSet => {
  const subjects = new Float64Array(first.subjects.length)
  const at = new Float64Array(first.subjects.length)
  let length = 0
  let j = 0
  for (let i = 0; i < first.subjects.length; i += 1) {
    const subject = first.subjects[i]!
    while (j < second.subjects.length && second.subjects[j]! < subject) j += 1
    if (second.subjects[j] === subject && second.at![j]! >= first.at![i]!) {
      subjects[length] = subject
      at[length] = second.at![j]!
      length += 1
    }
  }
  return { subjects: subjects.subarray(0, length), at: at.subarray(0, length) }
}

/** Numbers that have a time each at once: eight bytes of memory, twice. */
const mostTimes = 2 ** 22

/** When each was first seen, by number; who never was is at the end of time. */
const timesOf = (sets: ReadonlyArray<SubjectSet>, least: number, range: number): Float64Array => {
  const times = new Float64Array(range).fill(Infinity)
  for (const { at, subjects } of sets) {
    for (let i = 0; i < subjects.length; i += 1) {
      const place = (subjects[i]! - least) | 0
      if (at![i]! < times[place]!) times[place] = at![i]!
    }
  }
  return times
}

/** Takes out who did not come this far before, or only later; answers how many are left. */
const keepFollowing = (times: Float64Array, before: Float64Array): number => {
  let count = 0
  for (let place = 0; place < times.length; place += 1) {
    if (times[place] === Infinity) continue
    if (before[place]! <= times[place]!) count += 1
    else times[place] = Infinity
  }
  return count
}

/**
 * How many took each step, no earlier than the one before it. All sets have times.
 *
 * @since 0.1.0
 * @category getters
 */
export const funnel = (steps: Lists): ReadonlyArray<number> => {
  const [least, range] = boundsOf(steps)
  if (range > mostTimes) {
    const [first = empty, ...others] = steps.map(union)
    return Arr.scan(others, first, followed).map(({ subjects }) => subjects.length)
  }
  let before: Float64Array = new Float64Array(range)
  return steps.map((sets) => {
    const times = timesOf(sets, least, range)
    const count = keepFollowing(times, before)
    before = times
    return count
  })
}
