/**
 * What of one event goes into the rollups: the value of its dimension, the value of its metric, and whether something went
 * wrong. It is taken from what is stored, so that nothing gets into a rollup that redaction has kept out of the event.
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
 * A measure that its maker is still taking.
 *
 * @since 0.1.0
 * @category models
 */
export interface Mutable {
  dimension: string | null
  value: number | null
  isError: boolean
}

/**
 * Takes into account what one field holds.
 *
 * @since 0.1.0
 * @category models
 */
export type Take = (into: Mutable, value: unknown) => void

/**
 * The fields by which an event says that something went wrong.
 *
 * @since 0.1.0
 * @category constants
 */
export const errorFields = ["success", "error", "exitCode"] as const

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
 * Does an event say that something went wrong?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isError = (type: string, data: { readonly [name: string]: unknown }): boolean =>
  type === "error_occurred" || errorFields.some((name) => saysError(name, data[name]))

/**
 * Before any field was looked at.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unsafeMake = (type: string): Mutable => ({
  dimension: null,
  value: null,
  isError: type === "error_occurred"
})

/**
 * By name, the fields of a type that a measure depends on. Of a type that is not declared only the errors are known.
 *
 * @since 0.1.0
 * @category constructors
 */
export const takes = (definition: EventDefinition.Any | undefined): ReadonlyMap<string, Take> => {
  const names: ReadonlyArray<string> = definition === undefined ? errorFields : Object.keys(definition.fields)
  const out = new Map<string, Take>()
  for (const name of names) {
    const isDimension = name === definition?.dimension
    const isMetric = name === definition?.metric
    const isSaying = errorFields.some((field) => field === name)
    if (!isDimension && !isMetric && !isSaying) continue
    out.set(name, (into, value) => {
      if (isDimension) into.dimension = toDimension(value)
      if (isMetric && typeof value === "number") into.value = value
      if (isSaying && saysError(name, value)) into.isError = true
    })
  }
  return out
}

/**
 * Reads events of one type back, as the encoder has written them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const reader = (type: string, definition: EventDefinition.Any | undefined): (json: string) => Measure => {
  const all = takes(definition)
  return (json) => {
    const measure = unsafeMake(type)
    const data: unknown = JSON.parse(json)
    if (typeof data !== "object" || data === null) return measure
    for (const [name, value] of Object.entries(data)) all.get(name)?.(measure, value)
    return measure
  }
}
