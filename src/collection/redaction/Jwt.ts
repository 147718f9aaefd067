/**
 * JSON Web Tokens, signed, unsigned and encrypted.
 *
 * @since 0.1.0
 */
import { Dot, Long, type Rule } from "./Rule.js"

const segments = /eyJ[\w-]{9,}={0,2}(?:\.[\w-]*={0,2}){1,4}/y

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "jwt",
  needs: Dot | Long,
  apply: (text) => {
    let out = ""
    let done = 0
    for (let at = text.indexOf("eyJ"); at !== -1; at = text.indexOf("eyJ", at + 3)) {
      segments.lastIndex = at
      const token = segments.exec(text)?.[0]
      if (token === undefined) {
        while (at < text.length && /[\w-]/.test(text[at]!)) at++
        continue
      }
      const [, payload = "", signature = ""] = token.split(".")
      if (payload.length + signature.length >= 10) {
        out += text.slice(done, at) + "[jwt]"
        done = at + token.length
      }
      at += token.length - 3
    }
    return done === 0 ? text : out + text.slice(done)
  }
}
