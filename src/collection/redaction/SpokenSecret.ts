/**
 * Secrets in sentences: `the password is hunter2`, `token 9f8e7d6c5b4a3928`.
 *
 * @since 0.1.0
 */
import { Mixed, occurs, type Rule, Space, Twelve } from "./Rule.js"

const said =
  /(?<![\w-])((?:pass(?:word|phrase|code)|secret|token|api[ -]key)(?: (?:is|was|of)(?: now)?:? | ))(["'`]?)([^\s"'`,;]{6,256})/gi

/** Said without `is`, a short word is more likely what a parser complains of. */
const minUnsaid = 12

const isSecret = (before: string, value: string): boolean =>
  /\d/.test(value) && /[A-Za-z]/.test(value) && !/[:=([]/.test(value) &&
  (value.length >= minUnsaid || /(?:is|was|now):? $/i.test(before))

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "secret",
  needs: Mixed | Space | Twelve,
  apply: (text) =>
    occurs(said, text)
      ? text.replace(said, (match, before: string, quote: string, value: string) =>
        isSecret(before, value) ? before + quote + "[secret]" : match)
      : text
}
