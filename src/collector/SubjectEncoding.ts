/**
 * Sets of subjects as they are stored: pure. Subjects are in ascending order, so that most of what is written are small numbers:
 * the distance to the one before.
 *
 * @since 0.1.0
 */
import type { SubjectSet } from "./SubjectSet.js"

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
