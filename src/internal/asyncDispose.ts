/**
 * The symbol of `await using`.
 *
 * @since 0.1.0
 */

/**
 * Older browsers have no such symbol; the member is then found under this name alone.
 *
 * @since 0.1.0
 * @category symbols
 */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")
