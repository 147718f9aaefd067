/**
 * A slice: schemas.
 *
 * @since 0.1.0
 */
export { Struct } from "effect/Schema"
