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
 * Without those whose key came before: an attribute may be there once.
 *
 * @since 0.1.0
 * @category conversions
 */
export const unique = (all: ReadonlyArray<KeyValue>): ReadonlyArray<KeyValue> => {
  const keys = new Set<string>()
  return all.filter(({ key }) => keys.size < keys.add(key).size)
}

const most64 = 2n ** 64n - 1n

/**
 * Milliseconds as nanoseconds.
 *
 * @since 0.1.0
 * @category conversions
 */
export const nanosOf = (millis: number): string => String(BigInt(Math.max(0, Math.trunc(millis))) * 1_000_000n)

/**
 * Nanoseconds in decimals; null for a text that is none, or more than 64 bits hold.
 *
 * @since 0.1.0
 * @category conversions
 */
export const nanos = (text: string): bigint | null => {
  if (!/^\d{1,20}$/.test(text)) return null
  const value = BigInt(text)
  return value <= most64 ? value : null
}

/**
 * A count as 64 bits hold it.
 *
 * @since 0.1.0
 * @category conversions
 */
export const countOf = (n: number): bigint => {
  const value = BigInt(Math.max(0, Math.trunc(n)))
  return value <= most64 ? value : most64
}

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
