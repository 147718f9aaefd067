/**
 * A redaction rule: one kind of private text, how to find it and what to put in its place.
 *
 * @since 0.1.0
 */

/**
 * Every `apply` is pure, takes time linear in the length of the text, and leaves its own replacements alone, so that
 * redacting twice is redacting once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rule {
  readonly name: string
  /** Bits of `features` that a text must all have for the rule to be tried. */
  readonly needs: number
  readonly apply: (text: string) => string
}

/**
 * Does a global pattern occur in the text? Asking costs a fifth of a replacement that finds nothing.
 *
 * @internal
 */
export const occurs = (pattern: RegExp, text: string): boolean => {
  pattern.lastIndex = 0
  const found = pattern.test(text)
  pattern.lastIndex = 0
  return found
}

/** `@` or `%`. @internal */
export const At = 1
/** `=`, `:` or `>`. @internal */
export const Separator = 2
/** `/`, `\` or `%`. @internal */
export const Slash = 4
/** `-`. @internal */
export const Dash = 8
/** `.`. @internal */
export const Dot = 16
/** White space. @internal */
export const Space = 32
/** A capital. @internal */
export const Upper = 64
/** A capital or a digit. @internal */
export const Mixed = 128
/** Two digits with one sign between them that groups digits, or `+`, or `(`. @internal */
export const Grouped = 256
/** Four digits or more. @internal */
export const FewDigits = 512
/** Seven digits or more with nothing between them but signs that group digits. @internal */
export const ManyDigits = 1024
/** Two colons or more. @internal */
export const Colons = 2048
/** Three dots or more. @internal */
export const Dots = 4096
/** Five dashes or more. @internal */
export const Dashes = 8192
/** Twenty or more letters, digits, `-` and `_` in a row. @internal */
export const Long = 16384
/** Twelve characters or more. @internal */
export const Twelve = 32768
/** Thirteen digits or more, as with seven. @internal */
export const CardDigits = 65536
/** A character that JSON text escapes. @internal */
export const Escape = 131072
/** A character beyond ASCII. @internal */
export const Wide = 262144

/** The features that rules can need. @internal */
export const needed = Escape - 1

const all = 2 * Wide - 1
const Letter = 1 << 19
const Group = 1 << 20
// what is counted has the highest bits, so that a shift leaves a 0 or a 1
const Digit = 1 << 21
const Point = 1 << 22
const Colon = 1 << 23
const Line = 1 << 24

const table = new Int32Array(256)
const mark = (characters: string, bits: number): void => {
  for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)]! |= bits
}
const letters = "abcdefghijklmnopqrstuvwxyz"
mark(letters + "_", Letter)
mark(letters.toUpperCase(), Letter | Upper | Mixed)
mark("0123456789", Letter | Mixed | Digit)
mark("@%", At)
mark("\"\\" + String.fromCharCode(...Array.from({ length: 32 }, (_, i) => i)), Escape)
mark(" \t\r\n", Space)
mark("=>", Separator)
mark(":", Separator | Colon)
mark("/\\%", Slash)
mark("-", Letter | Dash | Line)
mark(".", Dot | Point)
mark(" -./()+", Group)
mark("+(", Grouped)
table.fill(Wide, 128)

const encoder = new TextEncoder()
const codes = new Uint8Array(8192)

/** Nothing that is counted can matter in a text shorter than this. */
const minCounted = 7
/** Below this, reading characters costs less than copying them out as bytes. */
const minCopied = 16
/** Above this a text is taken to have all that is counted: the rules cost little beside reading it. */
const maxCopied = 2048
const uncounted = Grouped | FewDigits | ManyDigits | CardDigits | Colons | Dots | Dashes | Long

/** The features of what is in `codes`. */
const count = (length: number): number => {
  let bits = 0
  let digits = 0
  let points = 0
  let colons = 0
  let lines = 0
  let run = 0
  let longest = 0
  let joined = 0
  let mostJoined = 0
  let before = 0
  let earlier = 0
  for (let i = 0; i < length; i++) {
    const kind = table[codes[i]!]!
    bits |= kind
    points += kind >> 22 & 1
    colons += kind >> 23 & 1
    lines += kind >> 24
    run = (kind & Letter) === 0 ? 0 : run + 1
    if (run > longest) longest = run
    if ((kind & Digit) !== 0) {
      digits++
      joined++
      if (joined > mostJoined) mostJoined = joined
      if ((before & Group) !== 0 && (earlier & Digit) !== 0) bits |= Grouped
    } else if ((kind & Group) === 0) joined = 0
    earlier = before
    before = kind
  }
  if (digits > 3) bits |= FewDigits
  if (mostJoined > 6) bits |= mostJoined > 12 ? ManyDigits | CardDigits : ManyDigits
  if (points > 2) bits |= Dots
  if (colons > 1) bits |= Colons
  if (lines > 4) bits |= Dashes
  if (longest > 19) bits |= Long
  return bits & all
}

/**
 * What a text is made of: the cheap test that spares clean text the rules.
 *
 * @internal
 */
export const features = (text: string): number => {
  const length = text.length
  if (length >= minCopied && length <= maxCopied) return count(encoder.encodeInto(text, codes).written) | Twelve
  let bits = length > 11 ? Twelve : 0
  let digits = 0
  let colons = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    const kind = code < 128 ? table[code]! : Wide
    bits |= kind
    digits += kind >> 21 & 1
    colons += kind >> 23 & 1
  }
  if (length > maxCopied) return (bits | uncounted) & all
  if ((digits < 4 && colons < 2) || length < minCounted) return bits & all
  for (let i = 0; i < length; i++) codes[i] = Math.min(text.charCodeAt(i), 255)
  return (count(length) | bits) & all
}
