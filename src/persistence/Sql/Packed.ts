/**
 * Numbers as few bytes: whole ones of either sign in groups of seven bits, any other as a mark and its eight bytes. So are
 * written the buckets of a histogram, and what a commit adds to the rollups.
 *
 * @internal
 */
import * as Histogram from "../../domain/Histogram.js"
import * as Rollup from "../../domain/Rollup.js"

type Pair = readonly [bucket: number, count: number]

type Take = (bucket: number, count: number) => void

/** Stands in for a whole number that is none: one that no whole number is written as. */
const mark = 1

const maxWhole = 2 ** 50

const float = new DataView(new ArrayBuffer(8))

/** Grows, and is used for one text after the other. */
class Writer {
  private bytes = new Uint8Array(1024)
  private at = 0

  /** Makes room for so many bytes. */
  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return
    const larger = new Uint8Array(2 * (this.at + count))
    larger.set(this.bytes)
    this.bytes = larger
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  unsigned(value: number): void {
    let rest = value
    for (; rest >= 0x80000000; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80)
    for (; rest >= 0x80; rest >>>= 7) this.byte((rest & 0x7f) | 0x80)
    this.byte(rest)
  }

  /** Whole numbers as 0, 2, 4, 6 … for 0, -1, 1, -2 …: never odd, so that the mark is free. */
  number(value: number): void {
    if (Number.isInteger(value) && value < maxWhole && value > -maxWhole) {
      return this.unsigned(value < 0 ? -4 * value - 2 : 4 * value)
    }
    this.byte(mark)
    float.setFloat64(0, value)
    for (let i = 0; i < 8; i++) this.byte(float.getUint8(i))
  }

  pairs(pairs: Iterable<Pair>): void {
    for (const pair of pairs) {
      const [bucket, count] = pair
      // nearly all there are: a bucket of two bytes, a count of one
      if (bucket >= 0x20 && bucket < 0x1000 && count > 0 && count < 0x20 && Number.isInteger(count)) {
        this.reserve(3)
        this.bytes[this.at++] = ((bucket << 2) & 0x7f) | 0x80
        this.bytes[this.at++] = bucket >> 5
        this.bytes[this.at++] = count << 2
        continue
      }
      this.number(bucket)
      this.number(count)
    }
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.at)
    this.at = 0
    return taken
  }
}

const writer = new Writer()

/** Reads on from a place; past the end there is nothing but zeros. */
class Reader {
  at = 0
  constructor(readonly bytes: Uint8Array) {}

  unsigned(): number {
    const { bytes } = this
    const first = bytes[this.at++] ?? 0
    if (first < 0x80) return first
    const second = bytes[this.at++] ?? 0
    if (second < 0x80) return (first & 0x7f) | (second << 7)
    let value = (first & 0x7f) | ((second & 0x7f) << 7)
    for (let scale = 0x4000; this.at < bytes.length; scale *= 0x80) {
      const byte = bytes[this.at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    return value
  }

  number(): number {
    const value = this.unsigned()
    if (value !== mark) return value % 4 === 0 ? value / 4 : -(value + 2) / 4
    for (let i = 0; i < 8; i++) float.setUint8(i, this.bytes[this.at++] ?? 0)
    return float.getFloat64(0)
  }

  /** Calls `take` for each of so many pairs, or for those that there are. */
  pairs(count: number, take: Take): void {
    const { bytes } = this
    for (let i = 0; i < count && this.at < bytes.length; i++) {
      const first = bytes[this.at]!
      const second = bytes[this.at + 1] ?? 0x80
      const third = bytes[this.at + 2] ?? 0x80
      // nearly all there are: a bucket of two bytes, a count of one
      if (first >= 0x80 && (first & 3) === 0 && second < 0x80 && third < 0x80 && (third & 3) === 0) {
        this.at += 3
        take(((first & 0x7f) | (second << 7)) >> 2, third >> 2)
      } else take(this.number(), this.number())
    }
  }
}

/** @internal */
export const encodeHistogram = (pairs: Iterable<Pair>): Uint8Array => {
  writer.pairs(pairs)
  return writer.take()
}

/** @internal */
export const decodeHistogram = (bytes: Uint8Array): ReadonlyArray<Pair> => {
  const out: Array<Pair> = []
  new Reader(bytes).pairs(bytes.length, (bucket, count) => {
    out.push([bucket, count])
  })
  return out
}

/** @internal */
export const encodeEntries = <A extends Rollup.Figures>(
  entries: ReadonlyArray<A>,
  idOf: (entry: A) => number
): Uint8Array => {
  for (const entry of entries) {
    const { count, errors, histogram, max, min, sum } = entry
    writer.unsigned(idOf(entry))
    writer.number(count)
    writer.number(errors)
    writer.byte(sum === null ? 0 : 1)
    if (sum !== null) {
      writer.number(sum)
      writer.number(min ?? 0)
      writer.number(max ?? 0)
    }
    writer.unsigned(histogram.length)
    writer.pairs(histogram)
  }
  return writer.take()
}

const none: ReadonlyArray<Pair> = []

/** Of each entry first the figures, and then, one by one, its pairs. */
const readEntries = (bytes: Uint8Array, begin: (id: number, figures: Rollup.Figures) => Take): void => {
  const reader = new Reader(bytes)
  while (reader.at < bytes.length) {
    const [id, count, errors] = [reader.unsigned(), reader.number(), reader.number()]
    const isMeasured = reader.unsigned() === 1
    const [sum, min, max] = isMeasured ? [reader.number(), reader.number(), reader.number()] : [null, null, null]
    const take = begin(id, { count, errors, sum, min, max, histogram: none })
    reader.pairs(reader.unsigned(), take)
  }
}

/**
 * Adds the entries to the sums that `sumOf` has for the numbers of their rows.
 *
 * @internal
 */
export const addEntries = (bytes: Uint8Array, sumOf: (id: number) => Rollup.Sum): void =>
  readEntries(bytes, (id, figures) => {
    const into = sumOf(id)
    Rollup.unsafeAdd(into, figures)
    return (bucket, count) => Histogram.unsafeAddBucket(into.histogram, bucket, count)
  })

/**
 * Figures, and the number of the row they belong to.
 *
 * @internal
 */
export interface Entry extends Rollup.Figures {
  readonly id: number
}

/** @internal */
export const decodeEntries = (bytes: Uint8Array): ReadonlyArray<Entry> => {
  const out: Array<Entry> = []
  readEntries(bytes, (id, figures) => {
    const histogram: Array<Pair> = []
    out.push({ ...figures, id, histogram })
    return (bucket, count) => {
      histogram.push([bucket, count])
    }
  })
  return out
}
