/**
 * Numbers of payment cards: what passes Luhn's check with a prefix and grouping that cards have, and every bare run of
 * exactly 16 digits.
 *
 * @since 0.1.0
 */
import { CardDigits, occurs, type Rule } from "./Rule.js"

const luhn = (digits: string): boolean => {
  let sum = 0
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const value = digits.charCodeAt(i) - 48
    sum += double ? (value > 4 ? value * 2 - 9 : value * 2) : value
  }
  return sum % 10 === 0
}

/** Prefixes by length, so that times in milliseconds or nanoseconds and product codes do not pass by chance. */
const prefixes: ReadonlyMap<number, RegExp> = new Map([
  [13, /^4/],
  [14, /^3[0689]|^5|^6/],
  [15, /^3[47]|^1800|^2131|^5|^6/],
  [16, /^[2-9]/],
  [17, /^[456]/],
  [18, /^[456]/],
  [19, /^[456]|^8[01]|^9792/]
])

/**
 * @since 0.1.0
 * @category predicates
 */
export const isCard = (digits: string): boolean => (prefixes.get(digits.length)?.test(digits) ?? false) && luhn(digits)

/**
 * Would the digits be taken for a card when they stand alone?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isBare = (digits: string): boolean => digits.length === 16 || isCard(digits)

const run = /\d(?:[ -]?\d){12,}/g

const dotted = /(?<![\w.])\d{4}\.\d{4}\.\d{4}\.\d{4}(?![\w.])/g

const redactDotted = (match: string): string => isCard(match.replaceAll(".", "")) ? "[card]" : match

const groupings: ReadonlySet<string> = new Set([
  "4,6,5",
  "4,6,4",
  "4,6,3",
  "6,13",
  "8,8",
  "4,4,4,4",
  "4,4,4,4,3",
  "4,4,4,4,2",
  "4,4,4,4,1",
  "4,4,4,1",
  "4,5,6",
  "4,4,4,3"
])

/** A letter, a point before a digit, or an underscore between hex digits: the run is a part of something longer. */
const isPart = (text: string, start: number, end: number): boolean => {
  const before = text[start - 1] ?? ""
  const after = text[end] ?? ""
  return (before === "." && /[\w]/.test(text[start - 2] ?? "")) || (after === "." && /\d/.test(text[end + 1] ?? "")) ||
    /[A-Za-z]/.test(before + after)
}

/** Inside a word only what passes the check counts, and nothing inside a hash. */
const isWordCard = (text: string, start: number, end: number, digits: string): boolean => {
  const before = /[A-Za-z0-9]{0,64}$/.exec(text.slice(Math.max(0, start - 64), start))![0]
  const after = /^[A-Za-z0-9]{0,64}/.exec(text.slice(end, end + 64))![0]
  if ((text[start - 1] === "." && before === "") || (text[end] === "." && /\d/.test(text[end + 1] ?? ""))) return false
  return isCard(digits) && !/^[0-9a-fA-F]*$/.test(before + after) && /^(?:[A-Za-z]{0,16})$/.test(before + after)
}

const uuid = /(?<!\w)[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?!\w)/

const redactRun = (match: string, at: number, text: string): string => {
  const groups = match.split(/[ -]/)
  if (groups.length === 1) {
    if (!isBare(match)) return match
    return isPart(text, at, at + match.length) && !isWordCard(text, at, at + match.length, match) ? match : "[card]"
  }
  if (match.includes("-") && uuid.test(text.slice(Math.max(0, at - 13), at + match.length + 13))) return match
  let out = ""
  let done = 0
  let position = 0
  for (let i = 0; i < groups.length; i++) {
    let digits = ""
    let shape = ""
    let end = position
    let found = -1
    let taken = i
    for (let j = i; j < groups.length && j < i + 5 && digits.length < 19; j++) {
      digits += groups[j]!
      shape += (j === i ? "" : ",") + groups[j]!.length
      end += groups[j]!.length + (j === i ? 0 : 1)
      if (j === i ? isBare(digits) : groupings.has(shape) && isCard(digits)) {
        found = end
        taken = j
      }
    }
    if (found !== -1) {
      out += match.slice(done, position) + "[card]"
      done = found
      position = found + 1
      i = taken
    } else position += groups[i]!.length + 1
  }
  return done === 0 ? match : out + match.slice(done)
}

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "card",
  needs: CardDigits,
  apply: (text) => {
    const out = occurs(run, text) ? text.replace(run, redactRun) : text
    return occurs(dotted, out) ? out.replace(dotted, redactDotted) : out
  }
}
