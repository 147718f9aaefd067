/**
 * Lengths and cuts of text, by code point.
 *
 * @since 0.1.0
 */
import * as Policy from "../../Policy.js"

/**
 * The first `maxLength` code points.
 *
 * @since 0.1.0
 * @category conversions
 */
export const truncate = (text: string, maxLength: number): string => {
  if (text.length <= maxLength) return text
  let end = 0
  for (let left = maxLength; left > 0 && end < text.length; left--) {
    end += text.codePointAt(end)! > 0xffff ? 2 : 1
  }
  return end < text.length ? text.slice(0, end) : text
}

/**
 * As much of a text as can matter when `maxLength` code points of it are kept, so that a long text costs no more than
 * that. The part it ends in is far behind the cut.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ahead = (text: string, maxLength: number): string => {
  const length = Math.min(Policy.maxTextLength, maxLength * 8 + 4096)
  return text.length <= length ? text : text.slice(0, length)
}
