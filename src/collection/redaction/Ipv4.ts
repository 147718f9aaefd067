/**
 * Version 4 addresses of the Internet Protocol, with a prefix length. Four numbers after the name of a browser or the word
 * "version" are a version.
 *
 * @since 0.1.0
 */
import { Dots, FewDigits, occurs, type Rule } from "./Rule.js"

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
const address = new RegExp(
  "(?<![\\w.])(?<!(?:Chrome|Chromium|Safari|Firefox|Edg|Edge|OPR|Version|Electron)/)(?<!version[ :=]{1,2})" +
    `(?:${octet}\\.){3}${octet}(?:/(?:3[0-2]|[12]?\\d)(?!\\d))?(?!\\w|\\.\\w)`,
  "gi"
)

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "ip",
  needs: Dots | FewDigits,
  apply: (text) => occurs(address, text) ? text.replace(address, "[ip]") : text
}
