/**
 * Sets of subjects, and when each was first seen: pure. They are kept in ascending order, so that sets are joined by going
 * through them once, and so that what is stored are small numbers: the distance to the one before.
 *
 * @since 0.1.0
 */

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

const numbers = (list: string): Float64Array => Float64Array.from(JSON.parse(`[${list}]`) as ReadonlyArray<number>)

/**
 * From lists as a database makes them, numbers and commas; both are in the order of the subjects.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromLists = (subjects: string, at: string | null): SubjectSet => ({
  subjects: numbers(subjects),
  at: at === null ? null : numbers(at)
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

/**
 * How many are in one of the sets, for each of several lists of sets.
 *
 * @since 0.1.0
 * @category getters
 */
export const counts = (lists: ReadonlyArray<ReadonlyArray<SubjectSet>>): ReadonlyArray<number> => {
  let least = Infinity
  let greatest = 0
  for (const sets of lists) {
    for (const { subjects } of sets) {
      if (subjects.length > 0) {
        least = Math.min(least, subjects[0]!)
        greatest = Math.max(greatest, subjects[subjects.length - 1]!)
      }
    }
  }
  if (least > greatest) return lists.map(() => 0)
  const range = greatest - least + 1
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

/** Whole numbers from 0, seven bits a byte, the lowest first; the highest bit says that more follow (LEB128). */
const write = (bytes: Array<number>, value: number): void => {
  let rest = value
  while (rest > 127) {
    bytes.push(rest % 128 + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

class Reader {
  position = 0

  constructor(readonly bytes: Uint8Array) {}

  get isDone(): boolean {
    return this.position >= this.bytes.length
  }

  next(): number {
    let value = 0
    let scale = 1
    let byte = this.bytes[this.position++]!
    while (byte > 127) {
      value += (byte - 128) * scale
      scale *= 128
      byte = this.bytes[this.position++]!
    }
    return value + byte * scale
  }
}

/**
 * Sets of several series, as they are stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface Encoded {
  readonly subjects: Uint8Array
  /** Null: times are not kept. */
  readonly at: Uint8Array | null
}

/**
 * `since`: no time is before it; null: times are not kept.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (
  sets: ReadonlyArray<readonly [series: number, set: SubjectSet]>,
  since: number | null
): Encoded => {
  const subjects: Array<number> = []
  const at: Array<number> = []
  for (const [series, set] of sets) {
    write(subjects, series)
    write(subjects, set.subjects.length)
    let before = 0
    for (const subject of set.subjects) {
      write(subjects, subject - before)
      before = subject
    }
    if (since !== null) { for (const time of set.at!) write(at, time - since) }
  }
  return { subjects: Uint8Array.from(subjects), at: since === null ? null : Uint8Array.from(at) }
}

const readSubjects = (reader: Reader, into: Float64Array, from: number, to: number): void => {
  let subject = 0
  for (let i = from; i < to; i += 1) {
    subject += reader.next()
    into[i] = subject
  }
}

const readTimes = (reader: Reader, length: number, since: number): Float64Array => {
  const at = new Float64Array(length)
  for (let i = 0; i < length; i += 1) at[i] = since + reader.next()
  return at
}

/**
 * All that is stored; with times when there are some and `since` says from when.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (
  encoded: Encoded,
  since: number | null
): ReadonlyArray<readonly [series: number, set: SubjectSet]> => {
  const found: Array<readonly [number, SubjectSet]> = []
  const reader = new Reader(encoded.subjects)
  const times = encoded.at === null || since === null ? null : { reader: new Reader(encoded.at), since }
  // Each takes a byte at least. To make many small arrays costs more than to fill one.
  const all = new Float64Array(encoded.subjects.length)
  let end = 0
  while (!reader.isDone) {
    const series = reader.next()
    const length = reader.next()
    const from = end
    end += length
    readSubjects(reader, all, from, end)
    const subjects = all.subarray(from, end)
    found.push([series, { subjects, at: times === null ? null : readTimes(times.reader, length, times.since) }])
  }
  return found
}
