/**
 * Values that a name gives away: `password=…`, `"api_key": "…"`, `Authorization: …`, `<secret>…</secret>`.
 *
 * @since 0.1.0
 */
import { type Rule, Separator } from "./Rule.js"
import * as SensitiveName from "./SensitiveName.js"

const hint = /pass|pwd|secret|token|key|cred|auth|cookie|bearer|jwt|otp|csrf|xsrf|cvv|cvc|pin|pw|sig|[jp]sess/i
const nameCharacter = /[A-Za-z0-9_.$-]/
const header = /^(?:proxy-)?authorization$|cookie$/i
const isQuote = (character: string | undefined): boolean => character === "\"" || character === "'" || character === "`"

/** Words that stand where a secret could: types, absent values, what is said about a secret. */
const harmlessWord =
  /^(?:string|number|boolean|bool|any|unknown|object|null|undefined|none|nil|true|false|required|optional|missing|invalid|expired|empty|unset|not|is|was|the|failed|denied|error|yes|no|\*+|x+|<[a-z _-]+>|\$\{?[A-Z][A-Z0-9_]*\}?|%[A-Z_]+%)$/i
const maxWordLength = 40

/** References to what is elsewhere, and what an earlier rule has put there. */
const harmlessStart = /^(?:\[[a-z-]{1,20}(?:\]|$)|\$\{|process\.env|os\.environ|env\.)/i

const delimiter = /[\s,;"'`<>)}\]|]|&(?=[A-Za-z_][\w.-]{0,64}=)|\\+["']/
const lineEnd = /[\r\n]/

/** What some languages write before the quotes of a text. */
const textMark = /[rbuf]{1,2}(?=["'])/iy
const maxLength = 2048

/** Searches no further than a secret may be long, so that a text of many names is not read to its end for each. */
const indexOfMatch = (pattern: RegExp, text: string, from: number): number => {
  const near = text.slice(from, from + maxLength)
  const at = near.search(pattern)
  return from + (at === -1 ? near.length : at)
}

const indexOfText = (searched: string, text: string, from: number): number => {
  const at = text.slice(from, from + maxLength).indexOf(searched)
  return at === -1 ? -1 : from + at
}

/** Where the name that ends before `end` begins; two words where the last one alone is `key`, `token`, `code` … */
const nameStart = (text: string, end: number): number => {
  let start = end
  while (start > 0 && end - start < 64 && nameCharacter.test(text[start - 1]!)) start--
  if (end - start <= 5 && start > 1 && text[start - 1] === " ") {
    let before = start - 1
    while (before > 0 && start - before < 16 && nameCharacter.test(text[before - 1]!)) before--
    if (before < start - 1 && SensitiveName.isSecret(text.slice(before, end))) return before
  }
  return start
}

interface Found {
  readonly start: number
  readonly end: number
}

const accept = (text: string, start: number, end: number, name: string): Found | undefined => {
  const value = text.slice(start, end)
  if (!/[\p{L}\p{N}]/u.test(value) || harmlessStart.test(value) || text[end] === "(") return undefined
  if (value.length <= maxWordLength && harmlessWord.test(value)) return undefined
  if (/^\d{1,6}$/.test(value) && SensitiveName.isMeasure(name)) return undefined
  return { start, end }
}

/** The value that begins at `from`, given the name before it; `quote` is what encloses name and value together. */
const valueAt = (text: string, from: number, name: string, enclosing: string | undefined): Found | undefined => {
  let start = from
  while (start < text.length && start - from < 4 && (text[start] === " " || text[start] === "\t")) start++
  textMark.lastIndex = start
  if (textMark.test(text)) start = textMark.lastIndex
  let escapes = start
  while (text[escapes] === "\\" && escapes - start < 4) escapes++
  const quote = text[escapes]
  if (isQuote(quote)) {
    const opening = text.slice(start, escapes + 1)
    const close = indexOfText(opening, text, escapes + 1)
    const stop = close === -1 ? indexOfMatch(lineEnd, text, escapes + 1) : close
    return accept(text, escapes + 1, stop, name)
  }
  if (header.test(name)) {
    const line = indexOfMatch(lineEnd, text, start)
    const close = enclosing === undefined ? -1 : indexOfText(enclosing, text, start)
    return accept(text, start, close === -1 ? line : Math.min(line, close), name)
  }
  return accept(text, start, indexOfMatch(delimiter, text, start), name)
}

const isInQuery = (text: string, start: number): boolean => text[start - 1] === "?" || text[start - 1] === "&"

/** Common words count in the query of a URL, and all but `key` before an equals sign. */
const isSecretHere = (text: string, start: number, at: number, name: string): boolean =>
  SensitiveName.isSecret(name)
    ? !SensitiveName.isVague(name) || isInQuery(text, start) || (text[at] === "=" && !/^keys?$/i.test(name))
    : isInQuery(text, start) && SensitiveName.isSignature(name)

/** Reads the pair around the separator at `at`. */
const pairAt = (text: string, at: number): Found | undefined => {
  let end = at
  while (end > 0 && at - end < 4 && text[end - 1] === " ") end--
  const quoted = isQuote(text[end - 1])
  if (quoted) {
    end--
    while (end > 0 && text[end - 1] === "\\") end--
  }
  const start = nameStart(text, end)
  if (start === end) return undefined
  const name = text.slice(start, end)
  if (text[at] === ">") {
    if (text[start - 1] !== "<") return undefined
    const close = indexOfText("<", text, at)
    return close > at + 1 && SensitiveName.isSecret(name)
      ? accept(text, at + 1, close, name)
      : undefined
  }
  let from = at + 1
  while (text[from] === "=" || text[from] === ">") from++
  if (text.startsWith("//", from)) return undefined
  if (!isSecretHere(text, start, at, name)) return undefined
  return valueAt(text, from, name, !quoted && isQuote(text[start - 1]) ? text[start - 1] : undefined)
}

const separator = /[=:>]/g

/**
 * The value goes, the name stays.
 *
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "secret",
  needs: Separator,
  apply: (text) => {
    if (!hint.test(text)) return text
    let out = ""
    let done = 0
    separator.lastIndex = 0
    for (let match = separator.exec(text); match !== null; match = separator.exec(text)) {
      const found = pairAt(text, match.index)
      if (found === undefined) continue
      out += text.slice(done, found.start) + "[secret]"
      done = found.end
      separator.lastIndex = Math.max(separator.lastIndex, done)
    }
    return done === 0 ? text : out + text.slice(done)
  }
}
