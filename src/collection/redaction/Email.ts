/**
 * E-mail addresses. Found by their `@` and read outward from it, so that no text makes the search slow.
 *
 * @since 0.1.0
 */
import { At, type Rule } from "./Rule.js"

const localAscii = /[A-Za-z0-9._%+\-!#$&'*/=?^`{|}~]/
const plain = /[A-Za-z0-9]/
const letter = /[\p{L}\p{N}\p{M}]/u
const labelAscii = /[A-Za-z0-9.-]/

/** Signs an address may hold but, far more often, that only stand before one. */
const leading = /^[!#$%&'*/=?^`{|}~.+-]+/

/** A file name after `@` is a frame of a stack, and digits with dots are a version. */
const notADomain = /^\d+\.\d+[.\d]*(?:-|$)|\.(?:[cm]?[jt]sx?|html?|json|wasm|vue|svelte|css|php)$/i

const reaches = (text: string, from: number, step: 1 | -1, limit: number, allowed: RegExp): number => {
  let at = from
  while (at >= 0 && at < text.length && (at - from) * step < limit && allowed.test(text[at]!)) at += step
  return at
}

/** Where the local part that ends before `end` begins. */
const localStart = (text: string, end: number): number => {
  if (text[end - 1] === "\"") {
    const quote = text.lastIndexOf("\"", end - 2)
    return quote !== -1 && end - quote < 70 && !text.slice(quote, end).includes("@") ? quote : end
  }
  let start = reaches(text, end - 1, -1, 64, localAscii) + 1
  const code = start > 0 ? text.charCodeAt(start - 1) : 0
  if ((code > 0xbf && code < 0x2000) || (start === end && code > 0x7f)) {
    start = reaches(text, end - 1, -1, 64, /[\p{L}\p{N}\p{M}._%+-]/u) + 1
  }
  const local = text.slice(start, end)
  // "?to=a@b.c", "'a@b.c": the address begins after the last sign that separates
  const cut = Math.max(local.lastIndexOf("="), local.lastIndexOf("?"), local.lastIndexOf("&"), local.lastIndexOf("/"))
  start += cut + 1
  return start + (leading.exec(text.slice(start, end))?.[0].length ?? 0)
}

/** A domain in which letters beyond ASCII are written as in a URL. */
const escaped = /[A-Za-z0-9.-]{0,63}(?:%[89A-Fa-f][0-9A-Fa-f][A-Za-z0-9.-]{0,63}){1,63}/y
const escapedEnding = /(?:\.[A-Za-z]{2,63}|%[0-9A-Fa-f]{2})$/

/** Where the domain that begins at `start` ends; `start` where there is none. */
const domainEnd = (text: string, start: number): number => {
  let end = reaches(text, start, 1, 255, labelAscii)
  while (end > start && !plain.test(text[end - 1]!)) end--
  const ascii = text.slice(start, end)
  if (text[end] === "%") {
    escaped.lastIndex = start
    const domain = escaped.exec(text)?.[0] ?? ""
    if (domain.includes(".") && escapedEnding.test(domain)) return start + domain.length
  }
  if (/\.(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})$/.test(ascii)) return notADomain.test(ascii) ? start : end
  if (end < text.length && text.charCodeAt(end) > 0x7f && letter.test(text[end]!)) {
    end = reaches(text, start, 1, 255, /[\p{L}\p{N}\p{M}.-]/u)
    while (end > start && !letter.test(text[end - 1]!)) end--
    if (/^[\p{L}\p{N}\p{M}-]{1,63}(?:\.[\p{L}\p{N}\p{M}-]{1,63})*\.[\p{L}\p{M}]{2,63}$/u.test(text.slice(start, end))) {
      return end
    }
  }
  return start
}

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "email",
  needs: At,
  apply: (text) => {
    let out = ""
    let done = 0
    const sign = /@|%40/g
    for (let match = sign.exec(text); match !== null; match = sign.exec(text)) {
      const after = match.index + match[0].length
      if (!letter.test(text[after] ?? "")) continue
      const end = domainEnd(text, after)
      if (end === after) continue
      const start = Math.max(localStart(text, match.index), done)
      if (start >= match.index || text.slice(start, match.index) === "git") continue
      out += text.slice(done, start) + "[email]"
      done = end
      sign.lastIndex = end
    }
    return done === 0 ? text : out + text.slice(done)
  }
}
