/**
 * What an assistant inside a program does. None of these events carries what was said.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as EventDefinition from "../EventDefinition.js"
import * as Privacy from "../Privacy.js"

const number = Privacy.allow(Schema.Number)

/**
 * `ai_operation`
 *
 * @since 0.1.0
 * @category events
 */
export const AiOperation = EventDefinition.make("ai_operation", {
  description: "An operation with a language model: the time of its phases and its size in tokens",
  purpose: "See where the time of an answer goes and what it costs",
  metric: "totalMs",
  dimension: "provider",
  fields: {
    gatheringMs: Privacy.optional(number),
    compressionMs: Privacy.optional(number),
    apiMs: Privacy.optional(number),
    totalMs: number,
    tokens: Privacy.optional(number),
    contextSize: Privacy.optional(number),
    provider: Privacy.optional(Privacy.redact(Schema.String)),
    success: Privacy.allow(Schema.Boolean)
  }
})

/**
 * `conversation`
 *
 * @since 0.1.0
 * @category events
 */
export const Conversation = EventDefinition.make("conversation", {
  description: "A conversation has moved on: its phase and the number and length of its messages, never their text",
  purpose: "See how long conversations are and whether they reach their end",
  dimension: "phase",
  fields: {
    conversationId: Privacy.hash(Schema.String),
    phase: Privacy.redact(Schema.String),
    messageCount: Privacy.optional(number),
    averageMessageLength: Privacy.optional(number),
    completed: Privacy.optional(Privacy.allow(Schema.Boolean))
  }
})

/**
 * `provider_call`
 *
 * @since 0.1.0
 * @category events
 */
export const ProviderCall = EventDefinition.make("provider_call", {
  description: "A call to an outside provider: whether it succeeded and how long it took",
  purpose: "See which providers are slow or fail",
  metric: "duration",
  dimension: "provider",
  fields: {
    provider: Privacy.redact(Schema.String),
    success: Privacy.allow(Schema.Boolean),
    duration: number,
    errorTag: Privacy.optional(Privacy.redact(Schema.String))
  }
})

/**
 * `suggestion`
 *
 * @since 0.1.0
 * @category events
 */
export const Suggestion = EventDefinition.make("suggestion", {
  description: "A suggestion was shown, accepted or dismissed",
  purpose: "See which suggestions help",
  dimension: "suggestionType",
  fields: {
    suggestionType: Privacy.redact(Schema.String),
    outcome: Privacy.allow(Schema.Literal("shown", "accepted", "dismissed")),
    timeToInteract: Privacy.optional(number)
  }
})
