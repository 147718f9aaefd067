/**
 * The one failure of everything that keeps data.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * - `full`: no space left
 * - `locked`: another process holds the database for longer than we wait
 * - `readonly`: the file or its directory cannot be written
 * - `corrupt`: the file is damaged; it is set aside and a new one is started
 * - `newer`: written by a newer version of the library; left untouched
 * - `unavailable`: cannot be opened or reached for another reason
 *
 * @since 0.1.0
 * @category models
 */
export const StoreErrorReason = Schema.Literal("full", "locked", "readonly", "corrupt", "newer", "unavailable")

/**
 * @since 0.1.0
 * @category models
 */
export type StoreErrorReason = typeof StoreErrorReason.Type

/**
 * @since 0.1.0
 * @category errors
 */
export class StoreError extends Schema.TaggedError<StoreError>("effect-telemetry/persistence/StoreError")(
  "StoreError",
  {
    reason: StoreErrorReason,
    /** For a person: what happened and what to do. */
    message: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {}
