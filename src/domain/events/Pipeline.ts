/**
 * What telemetry says about itself.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as EventDefinition from "../EventDefinition.js"
import * as Privacy from "../Privacy.js"

const number = Privacy.allow(Schema.Number)

/**
 * `submission_health`
 *
 * @since 0.1.0
 * @category events
 */
export const SubmissionHealth = EventDefinition.make("submission_health", {
  description: "How many events were sent, refused, retried and lost, and how long sending takes",
  purpose: "Know how complete the other figures are",
  fields: {
    submitted: number,
    failed: number,
    rejected: number,
    retries: number,
    queueSize: number,
    dropped: number,
    latencyP95: Privacy.optional(number)
  }
})

/**
 * `rollup_window`. It is sealed and sent once under its `windowId`; from and to are milliseconds since the epoch, the
 * histogram is pairs of bucket and count.
 *
 * @since 0.1.0
 * @category events
 */
export const RollupWindow = EventDefinition.make("rollup_window", {
  description: "Sums of one type of event over a window of time, sent in place of the events themselves",
  purpose: "Learn from totals without sending single events",
  dimension: "eventType",
  fields: {
    windowId: Privacy.allow(Schema.UUID),
    from: number,
    to: number,
    eventType: Privacy.redact(Schema.String),
    dimension: Privacy.optional(Privacy.redact(Schema.String)),
    count: number,
    errors: number,
    sum: Privacy.optional(number),
    min: Privacy.optional(number),
    max: Privacy.optional(number),
    histogram: Privacy.optional(Privacy.allow(Schema.Array(Schema.Tuple(Schema.Int, Schema.Number))))
  }
})
