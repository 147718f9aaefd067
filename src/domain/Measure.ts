/**
 * What of one event goes into the rollups: the value of its dimension, the value of its metric, and whether something went
 * wrong. It is read out of the stored text, which costs a fraction of parsing it.
 *
 * @since 0.1.0
 */
import * as Policy from "../Policy.js"
import type * as EventDefinition from "./EventDefinition.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Measure {
  /** Null where the type has no dimension, or this event no value of it. */
  readonly dimension: string | null
  readonly value: number | null
  readonly isError: boolean
}

/**
 * The fields by which an event says that something went wrong.
 *
 * @since 0.1.0
 * @category constants
 */
export const errorFields = ["success", "error", "exitCode"] as const

const code = { quote: 34, comma: 44, colon: 58, open: 123, close: 125, openList: 91, closeList: 93, backslash: 92 } as const

/** The place of the quote that ends the text begun at `start`; -1 without one. */
const endOfText = (json: string, start: number): number => {
  for (let at = json.indexOf("\"", start + 1); at !== -1; at = json.indexOf("\"", at + 1)) {
    let escapes = 0
    while (json.charCodeAt(at - 1 - escapes) === code.backslash) escapes++
    if (escapes % 2 === 0) return at
  }
  return -1
}

/** The place after the value that begins at `start`; -1 when it does not end. */
const endOfValue = (json: string, start: number): number => {
  let depth = 0
  for (let at = start; at < json.length; at++) {
    const c = json.charCodeAt(at)
    if (c === code.quote) {
      at = endOfText(json, at)
      if (at === -1) return -1
    } else if (c === code.open || c === code.openList) depth++
    else if (c === code.close || c === code.closeList) {
      if (depth === 0) return at
      depth--
    } else if (c === code.comma && depth === 0) return at
  }
  return -1
}

/**
 * The members of an object in JSON that `names` has, handed to `found` in their order there; stops when each was found. The
 * text is as `JSON.stringify` writes it; of any other nothing more is found.
 *
 * @since 0.1.0
 * @category accessors
 */
export const scan = (
  json: string,
  names: ReadonlySet<string>,
  found: (name: string, value: unknown) => void
): void => {
  let left = names.size
  let at = 1
  while (left > 0 && json.charCodeAt(at) === code.quote) {
    const endOfName = endOfText(json, at)
    if (endOfName === -1 || json.charCodeAt(endOfName + 1) !== code.colon) return
    const name = json.slice(at + 1, endOfName)
    const end = endOfValue(json, endOfName + 2)
    if (end === -1) return
    if (names.has(name)) {
      found(name, JSON.parse(json.slice(endOfName + 2, end)))
      left--
    }
    at = end + 1
  }
}

const cut = (text: string): string =>
  text.length <= Policy.maxDimensionLength ? text : [...text].slice(0, Policy.maxDimensionLength).join("")

const toDimension = (value: unknown): string | null =>
  typeof value === "string" && value !== ""
    ? cut(value)
    : typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : null

const saysError = (name: string, value: unknown): boolean =>
  name === "success"
    ? value === false
    : name === "exitCode"
    ? typeof value === "number" && value !== 0
    : name === "error" && typeof value === "string"

/**
 * Reads events of one type. Of a type that is not declared only the errors are known.
 *
 * @since 0.1.0
 * @category constructors
 */
export const reader = (
  type: string,
  definition: EventDefinition.Any | undefined
): (json: string) => Measure => {
  const dimensionField = definition?.dimension
  const metricField = definition?.metric
  const always = type === "error_occurred"
  const names = new Set<string>(
    errorFields.filter((name) => !always && (definition === undefined || Object.hasOwn(definition.fields, name)))
  )
  if (dimensionField !== undefined) names.add(dimensionField)
  if (metricField !== undefined) names.add(metricField)
  return (json) => {
    let dimension: string | null = null
    let value: number | null = null
    let isError = always
    scan(json, names, (name, found) => {
      if (name === dimensionField) dimension = toDimension(found)
      if (name === metricField && typeof found === "number") value = found
      if (saysError(name, found)) isError = true
    })
    return { dimension, value, isError }
  }
}
