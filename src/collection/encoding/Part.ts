/**
 * A declared schema compiled into functions that check a value and write it as JSON text in one go. They are derived from
 * the schema's syntax tree; for the kinds that have no form of their own the schema's own parser decides, and the value is
 * written like any undeclared one.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Policy from "../../Policy.js"
import type { Redactor } from "../Redaction.js"
import { quote } from "../redaction/Quote.js"
import { features } from "../redaction/Rule.js"

/**
 * Where and why a value was refused. There is one for each encoder, set by the part that refuses and completed with the
 * path on the way out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refusal {
  path: string
  expected: string
}

/**
 * JSON text, or the empty string for a value that was refused.
 *
 * @since 0.1.0
 * @category models
 */
export type Part = (value: unknown, depth: number) => string

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Redact text, names and numbers, or take them as they are. */
  readonly redactor: Redactor | undefined
  /** Writes what is not declared any closer. */
  readonly free: (value: unknown) => string | undefined
  readonly refusal: Refusal
}

/** Text as it is, but never more of it than is looked at anywhere. @internal */
export const plainText = (text: string): string => {
  const short = text.length > Policy.maxTextLength ? text.slice(0, Policy.maxTextLength) : text
  return quote(short, features(short))
}

/**
 * What a schema expects, in words for a person.
 *
 * @since 0.1.0
 * @category getters
 */
export const describe = (ast: AST.AST): string => {
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return "a string"
    case "NumberKeyword":
      return "a finite number"
    case "BooleanKeyword":
      return "a boolean"
    case "BigIntKeyword":
      return "a bigint"
    case "TupleType":
      return "an array"
    case "TypeLiteral":
      return "an object"
    case "Literal":
    case "Enums":
    case "Union":
      return "one of " + String(ast).replaceAll(" | ", ", ")
    default:
      return String(ast)
  }
}

const isUndefined = (ast: AST.AST): boolean => ast._tag === "UndefinedKeyword" || ast._tag === "VoidKeyword"

/**
 * @since 0.1.0
 * @category predicates
 */
export const acceptsUndefined = (ast: AST.AST): boolean =>
  isUndefined(ast) || (ast._tag === "Union" && ast.types.some(isUndefined))

/** The values of a union of literals, with the text of each; undefined where something else is in it. */
const closedSet = (ast: AST.AST): ReadonlyMap<unknown, string> | undefined => {
  const types = ast._tag === "Union" ? ast.types : [ast]
  const values = new Map<unknown, string>()
  for (const type of types) {
    if (type._tag === "Literal") {
      values.set(
        type.literal,
        typeof type.literal === "bigint" ? "\"" + type.literal + "\"" : JSON.stringify(type.literal)
      )
    } else if (type._tag === "Enums") {
      for (const [, value] of type.enums) values.set(value, JSON.stringify(value))
    } else return undefined
  }
  return values
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const compile = (ast: AST.AST, options: Options): Part => {
  const { free, redactor, refusal } = options
  const text = redactor === undefined ? plainText : redactor.json

  const refuse = (expected: string, path = ""): "" => {
    refusal.path = path
    refusal.expected = expected
    return ""
  }

  const inside = (key: string | number): "" => {
    refusal.path = refusal.path === "" ? String(key) : key + "." + refusal.path
    return ""
  }

  const expecting = (type: AST.AST, part: (value: unknown, depth: number) => string | undefined): Part => {
    const expected = describe(type)
    return (value, depth) => part(value, depth) ?? refuse(expected)
  }

  const refinement = (type: AST.Refinement): Part => {
    const expected = describe(type)
    const filters: Array<AST.Refinement> = []
    let base: AST.AST = type
    for (; base._tag === "Refinement"; base = base.from) filters.unshift(base)
    const part = go(base)
    return (value, depth) => {
      const json = part(value, depth)
      if (json === "") return json
      for (const filter of filters) {
        if (Option.isSome(filter.filter(value, AST.defaultParseOption, filter))) return refuse(expected)
      }
      return json
    }
  }

  const union = (type: AST.Union): Part => {
    const parts = type.types.filter((member) => !isUndefined(member)).map(go)
    if (parts.length === 1) return parts[0]!
    const expected = describe(type)
    return (value, depth) => {
      for (const part of parts) {
        const json = part(value, depth)
        if (json !== "") return json
      }
      return refuse(expected)
    }
  }

  const tuple = (type: AST.TupleType): Part => {
    const elements = type.elements.map((element) => go(element.type))
    const least = type.elements.filter((element) => !element.isOptional).length
    const [rest, ...after] = type.rest.map((element) => go(element.type))
    if (after.length > 0) return declared(type)
    const expected = describe(type)
    return (value, depth) => {
      if (!Array.isArray(value) || value.length < least || (rest === undefined && value.length > elements.length)) {
        return refuse(expected)
      }
      let json = "["
      const length = value.length
      for (let i = 0; i < length && json.length <= Policy.maxEventBytes; i++) {
        const item: unknown = value[i]
        const member = item === undefined ? "null" : (elements[i] ?? rest!)(item, depth + 1)
        if (member === "") return inside(i)
        json += i === 0 ? member : "," + member
      }
      return json + "]"
    }
  }

  const record = (type: AST.TypeLiteral): Part => {
    const properties = type.propertySignatures.flatMap((signature) =>
      typeof signature.name !== "string" || signature.name === "__proto__" ? [] : [{
        name: signature.name,
        json: JSON.stringify(signature.name) + ":",
        part: go(signature.type),
        expected: describe(signature.type),
        isPrivate: redactor?.isPrivate(signature.name) ?? false,
        isOptional: signature.isOptional || acceptsUndefined(signature.type)
      }]
    )
    const names = new Set(properties.map((property) => property.name))
    const index = type.indexSignatures[0]
    const others = index === undefined ? undefined : go(index.type)
    const key = redactor === undefined ? plainText : redactor.json
    return (value, depth) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("an object")
      const owner: Readonly<Record<string, unknown>> = value as Readonly<Record<string, unknown>>
      let json = ""
      for (const property of properties) {
        const item = owner[property.name]
        if (item === undefined) {
          if (property.isOptional) continue
          return refuse(property.expected, property.name)
        }
        const member = redactor !== undefined && property.isPrivate && typeof item !== "boolean" && item !== null
          ? redactor.hidden()
          : property.part(item, depth + 1)
        if (member === "") return inside(property.name)
        json += (json === "" ? "" : ",") + property.json + member
      }
      if (others !== undefined) {
        for (const name of Object.keys(owner)) {
          if (names.has(name) || name === "__proto__") continue
          if (json.length > Policy.maxEventBytes) break
          const item = owner[name]
          if (item === undefined) continue
          const short = name.length > 128 ? name.slice(0, 128) : name
          const member = redactor?.isPrivate(short) === true && typeof item !== "boolean" && item !== null
            ? redactor.hidden()
            : others(item, depth + 1)
          if (member === "") return inside(key(short).slice(1, -1))
          json += (json === "" ? "" : ",") + key(short) + ":" + member
        }
      }
      return "{" + json + "}"
    }
  }

  const declared = (type: AST.AST): Part => {
    const is = ParseResult.is(Schema.make<unknown>(type))
    return expecting(type, (value) => is(value) ? free(value) ?? "null" : undefined)
  }

  const go = (type: AST.AST): Part => {
    const set = closedSet(type)
    if (set !== undefined) return expecting(type, (value) => set.get(value))
    switch (type._tag) {
      case "StringKeyword":
        return (value) => typeof value === "string" ? text(value) : refuse("a string")
      case "NumberKeyword":
        return (value) => typeof value === "number" && value - value === 0 ? "" + value : refuse("a finite number")
      case "BooleanKeyword":
        return (value) => value === true ? "true" : value === false ? "false" : refuse("a boolean")
      case "BigIntKeyword":
        return expecting(type, (value) => {
          const json = typeof value === "bigint" ? free(value) : undefined
          return json === "null" ? undefined : json
        })
      case "UnknownKeyword":
      case "AnyKeyword":
        return (value) => free(value) ?? "null"
      case "Refinement":
        return refinement(type)
      case "Union":
        return union(type)
      case "TupleType":
        return tuple(type)
      case "TypeLiteral":
        return type.propertySignatures.length === 0 && isOfAnything(type) ? anyRecord(free, refuse) : record(type)
      case "Suspend": {
        let part: Part | undefined
        return (value, depth) => depth > Policy.maxDepth ? "null" : (part ??= go(type.f()))(value, depth + 1)
      }
      default:
        return declared(type)
    }
  }

  return go(ast)
}

const isOfAnything = (type: AST.TypeLiteral): boolean =>
  type.indexSignatures.length === 1 && type.indexSignatures[0]!.parameter._tag === "StringKeyword" &&
  (type.indexSignatures[0]!.type._tag === "UnknownKeyword" || type.indexSignatures[0]!.type._tag === "AnyKeyword")

const anyRecord = (free: Options["free"], refuse: (expected: string) => ""): Part => (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? asObject(free(value)) ?? refuse("an object")
    : refuse("an object")

/** A date, bytes and their like are objects that are not written as one. */
const asObject = (json: string | undefined): string | undefined => json?.startsWith("{") === true ? json : undefined
