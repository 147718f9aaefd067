/**
 * Values as OpenTelemetry writes them.
 *
 * @since 0.1.0
 */
import type { EventContext } from "../../domain/TelemetryEvent.js"
import { version } from "../../internal/version.js"
import type { AnyValue, KeyValue } from "./Protocol.js"

/**
 * Whole numbers travel as integers, which are text; null, and what JSON has no name for, as a value without a type.
 *
 * @since 0.1.0
 * @category conversions
 */
export const anyValue = (value: unknown): AnyValue => {
  switch (typeof value) {
    case "string":
      return { stringValue: value }
    case "boolean":
      return { boolValue: value }
    case "number":
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
    case "object":
      if (value === null) return {}
      return Array.isArray(value)
        ? { arrayValue: { values: value.map(anyValue) } }
        : { kvlistValue: { values: attributes(value) } }
    default:
      return {}
  }
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const attributes = (record: object): ReadonlyArray<KeyValue> =>
  Object.entries(record).map(([key, value]) => ({ key, value: anyValue(value) }))

/**
 * Milliseconds as nanoseconds.
 *
 * @since 0.1.0
 * @category conversions
 */
export const nanosOf = (millis: number): string => `${Math.max(0, Math.trunc(millis))}000000`

/**
 * The application is the service; the session is the instance of it, so that two runs never share a series.
 *
 * @since 0.1.0
 * @category conversions
 */
export const resource = ({ app, sessionId }: EventContext): { readonly attributes: ReadonlyArray<KeyValue> } => ({
  attributes: attributes({
    "service.name": app.name,
    "service.version": app.version,
    "service.instance.id": sessionId
  })
})

/**
 * @since 0.1.0
 * @category constants
 */
export const scope: { readonly name: string; readonly version: string } = { name: "effect-telemetry", version }

/**
 * Events by what is said of their source, in order.
 *
 * @since 0.1.0
 * @category grouping
 */
export const byContext = <A>(
  items: ReadonlyArray<{ readonly context: EventContext; readonly item: A }>
): ReadonlyArray<{ readonly context: EventContext; readonly items: ReadonlyArray<A> }> => {
  const groups = new Map<string, { readonly context: EventContext; readonly items: Array<A> }>()
  for (const { context, item } of items) {
    const key = JSON.stringify([context.sessionId, context.app.name, context.app.version])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { context, items: [item] })
    else group.items.push(item)
  }
  return [...groups.values()]
}
