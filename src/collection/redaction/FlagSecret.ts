/**
 * Values of command-line flags that a name gives away: `--token …`, and the `user:password` of `-u`.
 *
 * @since 0.1.0
 */
import { Dash, occurs, type Rule, Space } from "./Rule.js"
import * as SensitiveName from "./SensitiveName.js"

const flag = /(?<![\w-])(--?)([A-Za-z][A-Za-z-]{0,40})( {1,4})(["']?)([^\s"'-][^\s"']*)/g

const replace = (
  match: string,
  dashes: string,
  name: string,
  space: string,
  quote: string,
  value: string
): string => {
  if (value.startsWith("[")) return match
  const isUser = name === "u" || name === "user"
  return (isUser ? /^[^:/]+:[^/]/.test(value) : dashes === "--" && SensitiveName.isSecret(name))
    ? dashes + name + space + quote + "[secret]"
    : match
}

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "secret",
  needs: Dash | Space,
  apply: (text) => occurs(flag, text) ? text.replace(flag, replace) : text
}
