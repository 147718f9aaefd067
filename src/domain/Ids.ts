/**
 * Identifiers. They come from the platform's cryptographic source, or from a seed in tests: never from Effect's `Random`,
 * which is made for jitter and starts from a 32-bit hash.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

/**
 * Both methods are synchronous and never fail: they are on the path of every event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** A random UUID, version 4. */
  readonly uuid4: () => string
  /** A time-ordered UUID, version 7. `now` is in milliseconds since the epoch; equal times still give rising ids. */
  readonly uuid7: (now: number) => string
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Ids extends Context.Tag("effect-telemetry/domain/Ids")<Ids, Service>() {}

const hex: ReadonlyArray<string> = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"))

const poolBytes = 4096

const digits = (n: number, length: number): string => n.toString(16).padStart(length, "0")

/** The last two groups: 62 random bits behind the variant. */
const tail = (b: Uint8Array, o: number): string =>
  hex[(b[o + 8]! & 0x3f) | 0x80]! + hex[b[o + 9]!]! + "-" + hex[b[o + 10]!]! + hex[b[o + 11]!]! + hex[b[o + 12]!]! +
  hex[b[o + 13]!]! + hex[b[o + 14]!]! + hex[b[o + 15]!]!

/** How long the random part of version 7 serves. Neighbours then differ in a few characters, which compression rewards. */
const tailMillis = 1_000

/**
 * Makes identifiers from a source of random bytes, which is asked for 4 KiB at a time.
 *
 * Version 7 follows RFC 9562, section 6.2, method 1: the 12 bits after the time are a counter within one millisecond; when it
 * overflows, or the clock goes back, the last time used moves on by one. The 62 random bits are drawn anew every second: what
 * is made between differs in time or counter.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (fill: (bytes: Uint8Array) => void): Service => {
  const pool = new Uint8Array(poolBytes)
  let used = poolBytes
  const take = (): number => {
    if (used >= poolBytes) {
      fill(pool)
      used = 0
    }
    const at = used
    used += 16
    return at
  }
  let time = -1
  let counter = 0
  let timeDigits = ""
  let random = ""
  let randomUntil = 0
  const setTime = (millis: number): void => {
    time = millis
    counter = 0
    const text = digits(millis, 12)
    timeDigits = text.slice(0, 8) + "-" + text.slice(8) + "-7"
    if (millis < randomUntil) return
    random = "-" + tail(pool, take())
    randomUntil = millis + tailMillis
  }
  return {
    uuid4: () => {
      const o = take()
      return hex[pool[o]!]! + hex[pool[o + 1]!]! + hex[pool[o + 2]!]! + hex[pool[o + 3]!]! + "-" + hex[pool[o + 4]!]! +
        hex[pool[o + 5]!]! + "-4" + digits(((pool[o + 6]! & 0x0f) << 8) | pool[o + 7]!, 3) + "-" + tail(pool, o)
    },
    uuid7: (now) => {
      if (now > time) setTime(now)
      else if (++counter > 0xfff || random === "") setTime(time + 1)
      return timeDigits + digits(counter, 3) + random
    }
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (fill: (bytes: Uint8Array) => void): Layer.Layer<Ids> => Layer.sync(Ids, () => make(fill))

/**
 * Identifiers from a seed, for tests: the same seed gives the same ids.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSeeded = (seed: number): Layer.Layer<Ids> => layer(seededBytes(seed))

/** A small xorshift generator: repeatable, and of no use for anything but tests. */
const seededBytes = (seed: number) => {
  let x = (seed ^ 0x9e3779b9) >>> 0 || 1
  return (bytes: Uint8Array): void => {
    for (let i = 0; i < bytes.length; i++) {
      x ^= x << 13
      x >>>= 0
      x ^= x >>> 17
      x ^= x << 5
      x >>>= 0
      bytes[i] = x >>> 11
    }
  }
}
