/**
 * Social security numbers of the United States: in their usual grouping, or as nine digits after words that name them.
 *
 * @since 0.1.0
 */
import { Grouped, ManyDigits, occurs, type Rule, Space } from "./Rule.js"

const grouped = /(?<![\w-])(?!000|666)\d{3}([-. ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-]|\.\d)/g
const named = /((?:ssn|social security)[^\d\n]{0,24})\d{9}(?!\d)/gi

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "ssn",
  needs: ManyDigits | Grouped,
  apply: (text) => occurs(grouped, text) ? text.replace(grouped, "[ssn]") : text
}

/**
 * @since 0.1.0
 * @category rules
 */
export const namedRule: Rule = {
  name: "ssn",
  needs: ManyDigits | Space,
  apply: (text) => occurs(named, text) ? text.replace(named, "$1[ssn]") : text
}
