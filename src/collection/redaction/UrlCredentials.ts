/**
 * What stands before the `@` of a URL's host: a user, a password, a token.
 *
 * @since 0.1.0
 */
import { At, type Rule, Separator, Slash } from "./Rule.js"

const end = /[/?#\s"'<>`|\\]/g
const maxLength = 1024

/**
 * `git@` is the same for everybody and is kept.
 *
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "credentials",
  needs: At | Separator | Slash,
  apply: (text) => {
    let out = ""
    let done = 0
    for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) {
      const start = at + 3
      end.lastIndex = start
      const stop = Math.min(end.exec(text)?.index ?? text.length, start + maxLength)
      const sign = start + text.slice(start, stop).lastIndexOf("@")
      at = Math.max(at, stop - 3)
      if (sign <= start) continue
      const user = text.slice(start, sign)
      if (user === "git" || user === "[credentials]") continue
      out += text.slice(done, start) + "[credentials]"
      done = sign
    }
    return done === 0 ? text : out + text.slice(done)
  }
}
