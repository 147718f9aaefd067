/**
 * A value of the configuration is refused.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The message names the source and the fix, and never repeats a key or an address.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigIssue extends Schema.TaggedError<ConfigIssue>("effect-telemetry/ConfigIssue")("ConfigIssue", {
  message: Schema.String,
  /** The variable, setting, flag or option that holds the value. */
  source: Schema.String
}) {}
