/**
 * Version 6 addresses of the Internet Protocol, with zone and prefix length. The unspecified and the loopback address say
 * nothing about anybody, and `::` is an operator in half of all languages: those stay.
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

const replace = (match: string): string => {
  const end = /(?:\.+|(?<!:):)$/.exec(match)?.[0] ?? ""
  const address = match.slice(0, match.length - end.length).replace(/[%/].*$/, "")
  return isAddress(address) ? "[ip]" + end : match
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
