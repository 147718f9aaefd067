/**
 * @internal
 */
import * as Data from "effect/Data"

/** The rows contradict each other: nothing but damage to the file does that. */
export class Damaged extends Data.TaggedError("Damaged")<{ readonly message: string }> {}
