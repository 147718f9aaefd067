/**
 * Text as JSON text. Most text has nothing to escape, and then two quotes are all it takes.
 *
 * @since 0.1.0
 */
import { Escape, Wide } from "./Rule.js"

const unusable = /[\0\p{Cs}]/gu
const unusableTest = /[\0\p{Cs}]/u

/**
 * Without what databases and other languages refuse: NUL and halves of surrogate pairs become U+FFFD.
 *
 * @since 0.1.0
 * @category conversions
 */
export const wellFormed = (text: string): string => unusableTest.test(text) ? text.replace(unusable, "\uFFFD") : text

/**
 * JSON text of `text`, whose features (of itself, or of a text it was made from by a rule) are `features`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const quote = (text: string, features: number): string =>
  (features & (Escape | Wide)) === 0 ? "\"" + text + "\"" : JSON.stringify(wellFormed(text))
