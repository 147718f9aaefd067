/**
 * Private keys in PEM and PGP armour, to the end of the armour; where that is missing, to the end of the text.
 *
 * @since 0.1.0
 */
import { Dashes, type Rule, Space, Twelve, Upper } from "./Rule.js"

const begin = /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g
const end = /-{4,5} ?END [A-Z0-9 ]{0,60}-{4,5}/g

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "private-key",
  needs: Dashes | Upper | Space | Twelve,
  apply: (text) => {
    if (!text.includes("BEGIN")) return text
    let out = ""
    let done = 0
    begin.lastIndex = 0
    for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
      end.lastIndex = begin.lastIndex
      const stop = end.exec(text) === null ? text.length : end.lastIndex
      out += text.slice(done, match.index) + "[private-key]"
      done = stop
      begin.lastIndex = stop
    }
    return done === 0 ? text : out + text.slice(done)
  }
}
