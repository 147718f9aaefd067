/**
 * What a program is asked to do: commands, queries, parsing, measurements, features.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Policy from "../../Policy.js"
import * as EventDefinition from "../EventDefinition.js"
import * as Privacy from "../Privacy.js"

const message = Privacy.truncate(Schema.String, Policy.maxMessageLength, { level: "enhanced" })

/**
 * `command_executed`
 *
 * @since 0.1.0
 * @category events
 */
export const CommandExecuted = EventDefinition.make("command_executed", {
  description: "A command has run: its name, the names of its flags, how long it took and how it ended",
  purpose: "See which commands are used, which are slow and which fail",
  metric: "duration",
  dimension: "command",
  fields: {
    command: Privacy.redact(Schema.String),
    args: Privacy.flags(),
    duration: Privacy.allow(Schema.Number),
    exitCode: Privacy.allow(Schema.Number),
    error: Privacy.optional(message)
  }
})

/**
 * `query_performed`
 *
 * @since 0.1.0
 * @category events
 */
export const QueryPerformed = EventDefinition.make("query_performed", {
  description:
    "A search was answered: its kind, the number of results, how long it took and whether a cache answered it",
  purpose: "See how well and how fast searches are answered",
  metric: "duration",
  dimension: "queryType",
  fields: {
    queryType: Privacy.allow(Schema.Literal("symbol", "text", "hybrid")),
    query: Privacy.truncate(Schema.String, Policy.maxQueryLength, { level: "enhanced" }),
    resultCount: Privacy.allow(Schema.Number),
    duration: Privacy.allow(Schema.Number),
    cached: Privacy.allow(Schema.Boolean),
    language: Privacy.optional(Privacy.redact(Schema.String))
  }
})

/**
 * `parser_invoked`
 *
 * @since 0.1.0
 * @category events
 */
export const ParserInvoked = EventDefinition.make("parser_invoked", {
  description: "A file was parsed: its language and size in symbols and lines, never its name or its text",
  purpose: "See which languages are parsed, how fast, and where parsing fails",
  metric: "duration",
  dimension: "language",
  fields: {
    language: Privacy.redact(Schema.String),
    fileExtension: Privacy.redact(Schema.String),
    duration: Privacy.allow(Schema.Number),
    symbolCount: Privacy.allow(Schema.Number),
    lineCount: Privacy.allow(Schema.Number),
    error: Privacy.optional(message)
  }
})

/**
 * `performance_measured`
 *
 * @since 0.1.0
 * @category events
 */
export const PerformanceMeasured = EventDefinition.make("performance_measured", {
  description: "A named measurement: a time, a size, a count or a share",
  purpose: "Find what has become slower or larger from one version to the next",
  metric: "value",
  dimension: "metricName",
  fields: {
    metricName: Privacy.redact(Schema.String),
    value: Privacy.allow(Schema.Number),
    unit: Privacy.allow(Schema.Literal("ms", "bytes", "count", "percentage")),
    context: Privacy.optional(
      Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Unknown }), { level: "full" })
    )
  }
})

/**
 * `feature_used`
 *
 * @since 0.1.0
 * @category events
 */
export const FeatureUsed = EventDefinition.make("feature_used", {
  description: "A feature was switched on or off, or something was done with it",
  purpose: "See which features are worth keeping",
  dimension: "featureName",
  fields: {
    featureName: Privacy.redact(Schema.String),
    enabled: Privacy.optional(Privacy.allow(Schema.Boolean)),
    variant: Privacy.optional(Privacy.redact(Schema.String)),
    action: Privacy.optional(Privacy.redact(Schema.String))
  }
})
