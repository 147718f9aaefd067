/**
 * Credentials after the name of their scheme: `Bearer …`, `Basic …`, `Digest …`.
 *
 * @since 0.1.0
 */
import { occurs, type Rule, Space, Twelve, Upper } from "./Rule.js"

const scheme = /(?<![A-Za-z])(bearer|basic|digest|negotiate|apikey)(\s{1,4})([\w.~+/=:-]{8,4096})/gi

/** A plain word is no credential: those have a digit, a sign, or capitals in the middle. */
const looksRandom = (text: string): boolean => /\d|[_=+/~]|[a-z][A-Z]/.test(text)

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "credentials",
  needs: Upper | Space | Twelve,
  apply: (text) =>
    occurs(scheme, text)
      ? text.replace(scheme, (match, name: string, space: string, value: string) =>
        looksRandom(value) && !/^[./]/.test(value) ? name + space + "[credentials]" : match)
      : text
}
