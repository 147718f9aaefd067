/**
 * Bodies of JSON: looked at before they are parsed, and parsed in pieces where one list is nearly all of them.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const brace = 0x7b
const bracket = 0x5b
const closingBracket = 0x5d

/** Where the text that begins at `at` ends: behind the next quote that is not escaped. */
const endOfText = (json: Uint8Array, at: number): number => {
  let end = at
  while (end < json.length && json[end] !== quote) end += json[end] === backslash ? 2 : 1
  return end + 1
}

/**
 * Would parsing make more than `limit` values? An empty object takes two bytes here and thirty times as much there. Counted
 * are objects, lists and what commas divide; a body too short to hold so many is not looked at.
 *
 * @since 0.1.0
 * @category predicates
 */
export const holdsMoreValues = (json: Uint8Array, limit: number): boolean => {
  if (json.length <= limit) return false
  let count = 0
  for (let at = 0; at < json.length;) {
    const code = json[at]
    at = code === quote ? endOfText(json, at + 1) : at + 1
    if (code === comma || code === brace || code === bracket) count += 1
    if (count > limit) return true
  }
  return false
}

/**
 * What is to be parsed in pieces.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pieces {
  readonly encoding: "latin1" | "utf8"
  /** The property of the object that holds the list. */
  readonly list: string
  /** Bytes of a piece, and of what follows up to the next place to cut. */
  readonly size: number
}

/** Behind an object of the list, where the next begins like the first. */
const seamOf = (json: Buffer, open: number): Buffer =>
  Buffer.concat([Buffer.from("},"), json.subarray(open + 1, open + 5)])

/** The elements that stand between two brackets; null: they may be there, but not in pieces. */
const elementsOf = (
  json: Buffer,
  { close, open }: { readonly open: number; readonly close: number },
  { encoding, size }: Pieces
): ReadonlyArray<unknown> | null => {
  const seam = seamOf(json, open)
  const found: Array<ReadonlyArray<unknown>> = []
  for (let from = open + 1; from < close;) {
    const cut = from + size < close ? json.indexOf(seam, from + size) : -1
    const end = cut < 0 ? close : cut + 1
    const piece: ReadonlyArray<unknown> = JSON.parse(`[${json.toString(encoding, from, end)}]`)
    // Nothing between two commas is a list as well.
    if (piece.length === 0) return null
    found.push(piece)
    from = end + 1
  }
  return found.flat()
}

/**
 * Parses an object of which one list is nearly all; null: it cannot be parsed so, and perhaps not at all. A text of more than
 * 128 KiB is given pages of its own by V8, which the kernel clears: that takes half as long as to parse it.
 *
 * What is found is what parsing the whole would find, whatever was cut in two. A list of lists that commas join is the list
 * of what they hold, so the pieces are right if each is a list and none is empty. What stands around them holds one pair of
 * brackets, as no bracket opens before the first and none closes behind the last: if it is an object in which the list is an
 * empty one, the pieces stood in that.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parseInPieces = (json: Buffer, pieces: Pieces): { readonly [key: string]: unknown } | null => {
  const open = json.indexOf(bracket)
  const close = json.lastIndexOf(closingBracket)
  if (open < 0 || close < open) return null
  try {
    const { encoding, list } = pieces
    const around: unknown = JSON.parse(json.toString(encoding, 0, open + 1) + json.toString(encoding, close))
    if (!Predicate.hasProperty(around, list) || !Array.isArray(around[list])) return null
    const elements = elementsOf(json, { open, close }, pieces)
    return elements === null ? null : { ...around, [list]: elements }
  } catch {
    return null
  }
}
