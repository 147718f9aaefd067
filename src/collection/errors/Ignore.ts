/**
 * Errors an application does not want to hear of.
 *
 * @since 0.1.0
 */

/**
 * Text: the type, or a part of the message. A regular expression: tried on both.
 *
 * @since 0.1.0
 * @category models
 */
export type Pattern = string | RegExp

/** Characters that are looked at, so that a pattern that backtracks has little to backtrack over. */
const looked = 1000

const matches = (pattern: Pattern, errorType: string, message: string): boolean =>
  typeof pattern === "string"
    ? pattern !== "" && (errorType === pattern || message.includes(pattern))
    // Unlike `test`, `search` has no memory of where the last one ended.
    : errorType.search(pattern) >= 0 || message.search(pattern) >= 0

/**
 * @since 0.1.0
 * @category predicates
 */
export const isIgnored = (patterns: ReadonlyArray<Pattern>, errorType: string, message: string): boolean =>
  patterns.some((pattern) => matches(pattern, errorType.slice(0, looked), message.slice(0, looked)))
