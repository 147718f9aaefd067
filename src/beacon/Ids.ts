/**
 * Identifiers from the platform's cryptographic source. `crypto.randomUUID` is there in secure contexts only.
 *
 * @since 0.1.0
 */

/** The time of the last identifier, and how many came before it in the same millisecond. */
let last = 0
let counter = 0

const uuid = (version: number, lead: string): string => {
  let hex = ""
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) hex += (byte + 256).toString(16).slice(1)
  hex = lead + hex.slice(lead.length)
  const variant = (parseInt(hex.charAt(16), 16) & 3 | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${
    hex.slice(20)
  }`
}

/**
 * Random, version 4.
 *
 * @since 0.1.0
 * @category constructors
 */
export const uuid4 = (): string => uuid(4, "")

/**
 * Ordered by time, version 7; of one moment each is larger than the one before.
 *
 * @since 0.1.0
 * @category constructors
 */
export const uuid7 = (now: number): string => {
  counter = now > last ? 0 : counter + 1
  last = Math.max(now, last)
  if (counter > 4095) {
    counter = 0
    last++
  }
  return uuid(7, last.toString(16).padStart(12, "0") + "7" + counter.toString(16).padStart(3, "0"))
}
