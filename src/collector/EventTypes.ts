/**
 * What the collector knows of event types: how to check their data, and which of their fields are counted by. Types it
 * does not know are the business of the application that declared them: their envelope is checked, their data is not.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Catalog from "../domain/Catalog.js"
import * as EventCatalog from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Limits from "./Limits.js"
import * as Predicate from "./Predicate.js"
import * as Reason from "./Reason.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface EventType {
  /** What is wrong with the data; null when nothing is. */
  readonly check: (data: unknown) => string | null
  /** The number that sums and percentiles are taken of. */
  readonly metric: string | null
  /** The field that breaks the type down. */
  readonly dimension: string | null
}

/**
 * @since 0.1.0
 * @category tags
 */
export class EventTypes extends Context.Reference<EventTypes>()("effect-telemetry/collector/EventTypes", {
  defaultValue: () => make(EventCatalog.builtIn)
}) {}

const ofDefinition = (definition: EventDefinition.Any): EventType => {
  const schema = Catalog.wireDataSchema(definition)
  const fits = Predicate.compile(schema)
  const reason = Reason.make(schema, "eventData")
  return {
    check: (data) => fits(data) ? null : reason(data),
    metric: definition.metric ?? null,
    dimension: definition.dimension ?? null
  }
}

/**
 * The types of these definitions: the built-in ones, and those of an application that runs its own collector.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (definitions: ReadonlyArray<EventDefinition.Any>): ReadonlyMap<string, EventType> =>
  new Map(definitions.map((definition) => [definition.type, ofDefinition(definition)]))

/**
 * The value of the metric; null when there is none, or when it is no number to reckon with.
 *
 * @since 0.1.0
 * @category getters
 */
export const metricOf = (type: EventType | undefined, data: { readonly [key: string]: unknown }): number | null => {
  if (type === undefined || type.metric === null) return null
  const value = data[type.metric]
  return typeof value === "number" && Math.abs(value) <= Limits.maxMetric ? value : null
}

// Half of a pair, as cutting leaves it, and NUL are no text to Postgres.
// oxlint-disable-next-line no-control-regex
const unstorable = /\u0000|\p{Surrogate}/gu

/**
 * A value as the text that is counted by; the empty text where it is none.
 *
 * @since 0.1.0
 * @category conversions
 */
export const text = (value: unknown, length = Limits.maxDimensionLength): string =>
  typeof value === "string"
    ? value.slice(0, length).replace(unstorable, "\ufffd")
    : typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : ""

/**
 * The value of the dimension as text; the empty text when there is none.
 *
 * @since 0.1.0
 * @category getters
 */
export const dimensionOf = (type: EventType | undefined, data: { readonly [key: string]: unknown }): string =>
  type === undefined || type.dimension === null ? "" : text(data[type.dimension])
