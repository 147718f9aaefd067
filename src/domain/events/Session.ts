/**
 * The life of a session and the machine it runs on, in words too coarse to tell one machine from another.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as EventDefinition from "../EventDefinition.js"
import * as Privacy from "../Privacy.js"

const number = Privacy.allow(Schema.Number)
const text = Privacy.redact(Schema.String)

/**
 * `session_started`
 *
 * @since 0.1.0
 * @category events
 */
export const SessionStarted = EventDefinition.make("session_started", {
  description: "A session has begun",
  purpose: "Count sessions",
  fields: {}
})

/**
 * `session_heartbeat`
 *
 * @since 0.1.0
 * @category events
 */
export const SessionHeartbeat = EventDefinition.make("session_heartbeat", {
  description: "A session goes on",
  purpose: "Know how long sessions last, also those that end without a word",
  metric: "duration",
  fields: { duration: number, events: number }
})

/**
 * `session_ended`
 *
 * @since 0.1.0
 * @category events
 */
export const SessionEnded = EventDefinition.make("session_ended", {
  description: "A session has ended: how long it was, how many events and errors it had",
  purpose: "See how long the program is used and how often without an error",
  metric: "duration",
  fields: { duration: number, events: number, errors: number }
})

/**
 * `environment`
 *
 * @since 0.1.0
 * @category events
 */
export const Environment = EventDefinition.make("environment", {
  description: "What the program runs on: operating system, architecture, runtime, processors, class of memory",
  purpose: "Know which platforms to support and to test on",
  dimension: "os",
  fields: {
    os: text,
    arch: text,
    runtime: text,
    runtimeVersion: text,
    cpuCount: number,
    memoryClass: text,
    ci: Privacy.allow(Schema.Boolean)
  }
})

/**
 * `web_vital`
 *
 * @since 0.1.0
 * @category events
 */
export const WebVital = EventDefinition.make("web_vital", {
  description: "How fast and how steady a page was for the person who opened it",
  purpose: "Find pages that are slow for people, not only in a laboratory",
  metric: "value",
  dimension: "metric",
  fields: {
    metric: Privacy.allow(Schema.Literal("LCP", "CLS", "INP", "FID", "TTFB", "FCP")),
    value: number,
    rating: Privacy.allow(Schema.Literal("good", "needs-improvement", "poor"))
  }
})
