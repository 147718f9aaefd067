/**
 * What goes wrong.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Policy from "../../Policy.js"
import * as EventDefinition from "../EventDefinition.js"
import * as Privacy from "../Privacy.js"

/**
 * `error_occurred`
 *
 * @since 0.1.0
 * @category events
 */
export const ErrorOccurred = EventDefinition.make("error_occurred", {
  description: "An error: its type and fingerprint, how bad it is and how often it came",
  purpose: "Find and repair what fails, the most frequent first",
  dimension: "errorType",
  fields: {
    errorType: Privacy.redact(Schema.String),
    message: Privacy.truncate(Schema.String, Policy.maxMessageLength, { level: "enhanced" }),
    stack: Privacy.optional(Privacy.truncate(Schema.String, Policy.maxStackLength, { level: "full" })),
    context: Privacy.optional(
      Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Unknown }), { level: "full" })
    ),
    fatal: Privacy.allow(Schema.Boolean),
    fingerprint: Privacy.redact(Schema.String),
    severity: Privacy.allow(Schema.Literal("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
    category: Privacy.redact(Schema.String),
    breadcrumbs: Privacy.optional(Privacy.redact(Schema.Array(Schema.Unknown), { level: "full" })),
    count: Privacy.allow(Schema.Number)
  }
})

/**
 * `health_changed`
 *
 * @since 0.1.0
 * @category events
 */
export const HealthChanged = EventDefinition.make("health_changed", {
  description: "A service the program depends on has become better or worse",
  purpose: "Tell failures of the program from failures of what it depends on",
  dimension: "service",
  fields: {
    service: Privacy.redact(Schema.String),
    from: Privacy.redact(Schema.String),
    to: Privacy.redact(Schema.String),
    consecutiveFailures: Privacy.allow(Schema.Number),
    error: Privacy.optional(Privacy.truncate(Schema.String, Policy.maxMessageLength, { level: "enhanced" }))
  }
})
