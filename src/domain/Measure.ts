/**
 * What of one event goes into the rollups: the value of its dimension, the value of its metric, and whether something went
 * wrong. It is read out of the stored text, which costs a fraction of parsing it.
 *
 * @since 0.1.0
 */
import * as AST from "effect/SchemaAST"
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

const code = {
  quote: 34,
  comma: 44,
  colon: 58,
  open: 123,
  close: 125,
  openList: 91,
  closeList: 93,
  backslash: 92,
  digit0: 48,
  digit9: 57
} as const

const isDigit = (c: number): boolean => c >= code.digit0 && c <= code.digit9

const parse = (json: string, start: number, end: number): unknown => {
  const first = json.charCodeAt(start)
  if (isDigit(first) && end - start < 10) {
    let value = 0
    let at = start
    for (let c = first; at < end && isDigit(c); c = json.charCodeAt(++at)) value = value * 10 + c - code.digit0
    if (at === end) return value
  }
  const text = json.slice(start, end)
  return first === code.quote && !text.includes("\\") ? text.slice(1, -1) : JSON.parse(text)
}

/** The place of the quote that ends the text begun at `start`; -1 without one. */
const endOfText = (json: string, start: number): number => {
  for (let at = json.indexOf("\"", start + 1); at !== -1; at = json.indexOf("\"", at + 1)) {
    if (json.charCodeAt(at - 1) !== code.backslash) return at
    let escapes = 1
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
      found(name, parse(json, endOfName + 2, end))
      left--
    }
    at = end + 1
  }
}

/** May a value of this schema hold an object, and so names of its own? */
const isFlat = (ast: AST.AST): boolean => {
  switch (ast._tag) {
    case "Union":
      return ast.types.every(isFlat)
    case "Refinement":
      return isFlat(ast.from)
    case "TupleType":
      return ast.elements.every(({ type }) => isFlat(type)) && ast.rest.every(({ type }) => isFlat(type))
    case "StringKeyword":
    case "NumberKeyword":
    case "BooleanKeyword":
    case "Literal":
    case "TemplateLiteral":
    case "UndefinedKeyword":
      return true
    default:
      return false
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

interface Field {
  readonly name: string
  /** The name as it is written. */
  readonly text: string
  readonly isDimension: boolean
  readonly isMetric: boolean
}

interface Mutable {
  dimension: string | null
  value: number | null
  isError: boolean
}

const take = (into: Mutable, field: Field, value: unknown): void => {
  if (field.isDimension) into.dimension = toDimension(value)
  if (field.isMetric && typeof value === "number") into.value = value
  if (saysError(field.name, value)) into.isError = true
}

/**
 * Can the name be searched for, without looking at what stands before it? In JSON a quote within a text is never followed by
 * a colon without an escape in between, so that what looks like a name is one, of the event itself or of an object in it. So
 * no object may come before the first place where the name stands.
 */
const isSearchable = (fields: EventDefinition.Fields, name: string): boolean => {
  const all = Object.entries(fields)
  const firstObject = all.findIndex(([, { schema }]) => !isFlat(AST.typeAST(schema.ast)))
  if (firstObject === -1) return true
  const field = fields[name]
  return field !== undefined && !field.optional && field.privacy.level === undefined &&
    all.findIndex(([other]) => other === name) < firstObject
}

/** Fields are best in the order in which they are written, but any will do. */
const search = (json: string, fields: ReadonlyArray<Field>, into: Mutable): void => {
  let next = 1
  for (const field of fields) {
    let at = json.startsWith(field.text, next) ? next : json.indexOf(field.text, next)
    if (at === -1) at = json.indexOf(field.text, 1)
    if (at === -1) continue
    const start = at + field.text.length
    const end = endOfValue(json, start)
    if (end === -1) continue
    take(into, field, parse(json, start, end))
    next = end + 1
  }
}

/**
 * Reads events of one type, as the encoder has written them. Of a type that is not declared only the errors are known.
 *
 * @since 0.1.0
 * @category constructors
 */
export const reader = (
  type: string,
  definition: EventDefinition.Any | undefined
): (json: string) => Measure => {
  const always = type === "error_occurred"
  const { dimension, metric } = definition ?? {}
  const declared = definition === undefined ? errorFields : Object.keys(definition.fields)
  const saying: ReadonlyArray<string> = always ? [] : errorFields
  const fields = declared
    .filter((name) => name === dimension || name === metric || saying.includes(name))
    .map((name): Field => ({
      name,
      text: JSON.stringify(name) + ":",
      isDimension: name === dimension,
      isMetric: name === metric
    }))
  const byName = new Map(fields.map((field) => [field.name, field]))
  const names = new Set(byName.keys())
  const mayBeSearched = definition !== undefined && fields.every(({ name }) => isSearchable(definition.fields, name))
  return (json) => {
    const measure: Mutable = { dimension: null, value: null, isError: always }
    if (mayBeSearched) search(json, fields, measure)
    else scan(json, names, (name, value) => take(measure, byName.get(name)!, value))
    return measure
  }
}
