/**
 * MAC addresses, in pairs with `:` or `-` and in groups of four with dots.
 *
 * @since 0.1.0
 */
import { Colons, Dashes, Dot, FewDigits, occurs, type Rule, Twelve } from "./Rule.js"

const pairs = (sign: string): RegExp =>
  new RegExp(`(?<![\\w:-])[0-9A-Fa-f]{2}${sign}(?:[0-9A-Fa-f]{2}${sign}){4}[0-9A-Fa-f]{2}(?![\\w:-])`, "g")
const withColons = pairs(":")
const withDashes = pairs("-")
const withDots = /(?<![\w.])(?=[0-9.]{0,14}[A-Fa-f])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?!\w|\.\w)/g

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "mac",
  needs: Colons | Twelve,
  apply: (text) => occurs(withColons, text) ? text.replace(withColons, "[mac]") : text
}

/**
 * @since 0.1.0
 * @category rules
 */
export const dashedRule: Rule = {
  name: "mac",
  needs: Dashes | Twelve,
  apply: (text) => occurs(withDashes, text) ? text.replace(withDashes, "[mac]") : text
}

/**
 * @since 0.1.0
 * @category rules
 */
export const dottedRule: Rule = {
  name: "mac",
  needs: Dot | FewDigits | Twelve,
  apply: (text) => occurs(withDots, text) ? text.replace(withDots, "[mac]") : text
}
