/**
 * A slice: what looks at a stack trace when it is evaluated.
 *
 * @since 0.1.0
 */
export { internalCall } from "effect/Utils"
