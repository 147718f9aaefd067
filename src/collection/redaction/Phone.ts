/**
 * Telephone numbers: international ones by their `+`, national ones by their grouping, others by the word before them.
 *
 * @since 0.1.0
 */
import { Grouped, ManyDigits, occurs, type Rule } from "./Rule.js"

const international = /(?<![\w+])(?:\+|%2B)[1-9]\)?(?:(?:%20|[ .\-/]){0,2}\(?\d\)?){6,14}(?!\w)/gi
const american = /(?<![\w.+-])(?:1[ .-])?(?:\([2-9]\d{2}\)(?: |%20)?|[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}(?![\w-]|\.\d)/g
const bracketed = /(?<![\w)])\(0?\d{2,4}\)[ -]?\d{3,5}[ -]\d{3,4}(?!\w)/g
const prefixed = /(?<![\w.+:/-])(?:\d{2} )?0\d{1,5}(?:[ -]\d{2,8}){1,5}(?![\w:]|[-.]\d)/g
const dotted = /(?<![\w.+:/-])0\d(?:\.\d{2}){4}(?![\w]|[-.]\d)/g
const trailed = /(?<![\w.+:/-])0\d{9,11}(?= (?:is (?:my|his|her|our) )?(?:tele)?(?:phone|mobile|cell)\b)/gi
const labelled =
  /(\b(?:tele)?(?:phone|fon|fax)(?: number| no\.?| #)?(?!\w)|\b(?:tel|mobile|mob|cell|desk|office|handy|whatsapp|sms|registered|number is|answering at|call me (?:at|on)|reach me (?:at|on))\b)([^\w\n+(]{0,4}\n?[^\w\n+(]{0,4})(\+?\(?\d(?:[ ().\-/]{0,2}\d){6,14})(?!\w)/gi

/** What every grouped national number has, and few ids and versions. */
const pairs = /\d\d[ )./-]{1,2}\(?\d\d/

const digitsOf = (text: string): number => {
  let count = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 47 && text.charCodeAt(i) < 58) count++
  return count
}

const isDate = (text: string): boolean => /^\d{1,4}-\d{1,2}-\d{1,4}/.test(text)

const replaceInternational = (match: string): string => {
  const number = match.replace(/%2B/i, "+").replaceAll("%20", " ")
  return digitsOf(number) < (/[ ().\-/]/.test(number) ? 8 : 9) || /^\+\d+\.\d+$/.test(number) ? match : "[phone]"
}

const replacePrefixed = (match: string): string => {
  const digits = digitsOf(match)
  const longest = /^00[1-9]/.test(match) ? 15 : 12
  return digits < 9 || digits > longest || isDate(match) ? match : "[phone]"
}

const replaceLabelled = (match: string, label: string, between: string, number: string): string =>
  isDate(number) ? match : label + between + "[phone]"

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "phone",
  needs: ManyDigits | Grouped,
  apply: (text) => {
    let out = text
    if (/\+|%2B/i.test(out)) out = out.replace(international, replaceInternational)
    if (!pairs.test(out)) return out
    if (out.includes("(")) out = out.replace(bracketed, "[phone]")
    if (occurs(american, out)) out = out.replace(american, "[phone]")
    if (occurs(prefixed, out)) out = out.replace(prefixed, replacePrefixed)
    return occurs(dotted, out) ? out.replace(dotted, "[phone]") : out
  }
}

/**
 * @since 0.1.0
 * @category rules
 */
export const namedRule: Rule = {
  name: "phone",
  needs: ManyDigits,
  apply: (text) => {
    const out = occurs(labelled, text) ? text.replace(labelled, replaceLabelled) : text
    return occurs(trailed, out) ? out.replace(trailed, "[phone]") : out
  }
}
