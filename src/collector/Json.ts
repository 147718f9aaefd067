/**
 * A look at JSON before it is parsed.
 *
 * @since 0.1.0
 */

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const brace = 0x7b
const bracket = 0x5b

/** Where the text that begins at `at` ends: behind the next quote that no odd number of backslashes stands before. */
const endOfText = (json: string, at: number): number => {
  for (let end = json.indexOf("\"", at); end >= 0; end = json.indexOf("\"", end + 1)) {
    let before = end
    while (json.charCodeAt(before - 1) === backslash) before -= 1
    if ((end - before) % 2 === 0) return end + 1
  }
  return json.length
}

/**
 * Would parsing make more than `limit` values? An empty object takes two bytes here and thirty times as much there. Counted
 * are objects, lists and what commas divide; a text too short to hold so many is not looked at.
 *
 * @since 0.1.0
 * @category predicates
 */
export const holdsMoreValues = (json: string, limit: number): boolean => {
  if (json.length <= limit) return false
  let count = 0
  for (let at = 0; at < json.length;) {
    const code = json.charCodeAt(at)
    at = code === quote ? endOfText(json, at + 1) : at + 1
    if (code === comma || code === brace || code === bracket) count += 1
    if (count > limit) return true
  }
  return false
}
