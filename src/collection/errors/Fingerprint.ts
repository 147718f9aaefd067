/**
 * The same error under the same short name, whatever changes between two of its occurrences: line numbers, ids, paths,
 * hashes in file names, quoted values, the names a minifier gives. Made of the type, the words of the message and the
 * program's own frames.
 *
 * @since 0.1.0
 */
import * as Message from "./Message.js"
import * as Stack from "./Stack.js"

const letters = "abcdefghijklmnop"

/** Characters of a type that are read. */
const maxType = 200

/** 16 letters of a 64-bit hash (two lanes of multiply and mix). Letters only: no rule takes it for a number or a key. */
const hash = (text: string): string => {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  let out = ""
  for (const lane of [a, b]) for (let shift = 28; shift >= 0; shift -= 4) out += letters[(lane >>> shift) & 15]
  return out
}

/** Firefox has a type of its own for what the others call a RangeError. */
const typeOf = (errorType: string): string => errorType === "InternalError" ? "RangeError" : errorType.slice(0, maxType)

/** Which function of a recursion was the last is chance, so the order of its frames says nothing. */
const framesOf = (words: string, stack: string, message: string): ReadonlyArray<string> => {
  const frames = Stack.normalize(stack, message)
  return words === "recursion without end" ? frames.toSorted() : frames
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (errorType: string, message: string, stack: string): string => {
  const words = Message.normalize(message, errorType)
  return hash([typeOf(errorType), words, ...framesOf(words, stack, message)].join("\n"))
}
