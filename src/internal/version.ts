/**
 * The version of this library, as package.json says it; a test keeps the two equal.
 *
 * @since 0.1.0
 * @category constants
 */
export const version = "0.1.0"
