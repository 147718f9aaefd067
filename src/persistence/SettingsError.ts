/**
 * The one failure of settings.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * @since 0.1.0
 * @category errors
 */
export class SettingsError extends Schema.TaggedError<SettingsError>("effect-telemetry/persistence/SettingsError")(
  "SettingsError",
  {
    /** For a person: which setting, what is wrong with it, what to do. */
    message: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {}
