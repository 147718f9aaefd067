/**
 * A slice: what events look like, and what is done with them before they are stored.
 *
 * @since 0.1.0
 */
export { layer } from "../../collection/ErrorTracking.js"
