/**
 * What a request says of its sender: the name of this library, and a secret that never appears anywhere else.
 *
 * @since 0.1.0
 */
import { version } from "../internal/version.js"

/**
 * The header that names the sender.
 *
 * @since 0.1.0
 * @category constants
 */
export const agent: Readonly<Record<string, string>> = { "user-agent": `effect-telemetry/${version}` }

/**
 * Can a header carry this secret? Whoever pastes one with a line break in it must be told, not surprised.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isSendable = (secret: string): boolean => /^[\x21-\x7e]+$/.test(secret)

/**
 * 64 bits: they tell a change of address or secret, and hold too little of a secret to give it back.
 *
 * @since 0.1.0
 * @category hashing
 */
export const digest = (text: string): string => {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 0x01000193)
    b = Math.imul(b ^ c, 0x5bd1e995) + (b >>> 13)
  }
  return [a, b].map((n) => (n >>> 0).toString(16).padStart(8, "0")).join("")
}
