/**
 * Counts of histogram buckets as bytes: pairs of numbers of variable length, one after the other. Two texts joined are the
 * text of both histograms, so that a row grows by appending, without being read; now and then it is written anew.
 *
 * A bucket is written so that small numbers of either sign are short. A count that is whole is doubled; any other is 1,
 * followed by the eight bytes of the number.
 *
 * @internal
 */

type Pair = readonly [bucket: number, count: number]

const maxWhole = 2 ** 50

const scratch = new DataView(new ArrayBuffer(8))

const write = (out: Array<number>, value: number): void => {
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
}

/** @internal */
export const encode = (pairs: Iterable<Pair>): Uint8Array => {
  const out: Array<number> = []
  for (const [bucket, count] of pairs) {
    write(out, bucket < 0 ? -2 * bucket - 1 : 2 * bucket)
    if (Number.isInteger(count) && count < maxWhole) write(out, 2 * count)
    else {
      out.push(1)
      scratch.setFloat64(0, count)
      for (let i = 0; i < 8; i++) out.push(scratch.getUint8(i))
    }
  }
  return Uint8Array.from(out)
}

/**
 * Bytes that end too early give what they hold until then.
 *
 * @internal
 */
export const decode = (bytes: Uint8Array): ReadonlyArray<Pair> => {
  const out: Array<Pair> = []
  let at = 0
  const read = (): number => {
    let value = 0
    let scale = 1
    while (at < bytes.length) {
      const byte = bytes[at++]!
      if (byte < 0x80) return value + byte * scale
      value += (byte - 0x80) * scale
      scale *= 0x80
    }
    return NaN
  }
  while (at < bytes.length) {
    const sign = read()
    let count = read()
    if (count === 1) {
      for (let i = 0; i < 8; i++) scratch.setUint8(i, bytes[at++] ?? 0)
      count = scratch.getFloat64(0)
    } else count /= 2
    if (count > 0) out.push([sign % 2 === 0 ? sign / 2 : -(sign + 1) / 2, count])
  }
  return out
}
