/**
 * Version 6 addresses of the Internet Protocol, with zone and prefix length. `::` is an operator in half of all languages,
 * and `::1` a step in some: these two count only where they stand as an address does.
 *
 * @since 0.1.0
 */
import { Colons, occurs, type Rule } from "./Rule.js"

const candidate =
  /(?<![0-9A-Za-z_:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,45}(?:%[0-9A-Za-z]{1,16})?(?:\/\d{1,3})?(?![0-9A-Za-z_:])/g
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/

/** How many groups of 16 bits the text is; -1 where it is not made of such groups. */
const groups = (text: string): number => {
  if (text === "") return 0
  const parts = text.split(":")
  const last = parts[parts.length - 1]!
  const mapped = last.includes(".")
  if (mapped && !ipv4.test(last)) return -1
  const plain = mapped ? parts.slice(0, -1) : parts
  return plain.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part)) ? plain.length + (mapped ? 2 : 0) : -1
}

const isAddress = (text: string): boolean => {
  const halves = text.split("::")
  if (halves.length === 1) return groups(text) === 8
  if (halves.length !== 2 || text.length < 4 || !/\d/.test(text)) return false
  const before = groups(halves[0]!)
  const after = groups(halves[1]!)
  return before !== -1 && after !== -1 && before + after < 8
}

/** `::1` as a word, in brackets or after an equals sign, but neither `x[::1]` nor `[:, ::1]`; `::` with a prefix or as a value. */
const isShortAddress = (match: string, at: number, text: string): boolean => {
  const before = text[at - 1] ?? " "
  const after = text[at + match.length] ?? " "
  if (/^::1?\/\d/.test(match)) return true
  if (match === "::") return before === "=" && /[\s,;&]/.test(after)
  if (match !== "::1" || !/[\s=[("'/@]/.test(before)) return false
  return (before === "[") === (after === "]") && !(before === "[" && /[\w)\]]/.test(text[at - 2] ?? " "))
}

const replace = (match: string, at: number, text: string): string => {
  const end = /(?:\.+|(?<!:):)$/.exec(match)?.[0] ?? ""
  const address = match.slice(0, match.length - end.length)
  return isAddress(address.replace(/[%/].*$/, "")) || isShortAddress(address, at, text) ? "[ip]" + end : match
}

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "ip",
  needs: Colons,
  apply: (text) => occurs(candidate, text) ? text.replace(candidate, replace) : text
}
