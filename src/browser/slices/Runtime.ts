/**
 * A slice: fibers, layers and streams.
 *
 * @since 0.1.0
 */
export { make } from "effect/ManagedRuntime"
