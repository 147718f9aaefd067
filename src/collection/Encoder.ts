/**
 * From what a caller hands over to what may be stored: checks the data against its declaration, leaves out what the level
 * does not cover, redacts and cuts what remains, and writes it down as JSON text, in one pass.
 *
 * @since 0.1.0
 */
import * as AST from "effect/SchemaAST"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Level from "../domain/Level.js"
import * as Measure from "../domain/Measure.js"
import type * as Privacy from "../domain/Privacy.js"
import { utf8Length } from "../persistence/Utf8.js"
import * as Policy from "../Policy.js"
import { flagNames } from "./Arguments.js"
import * as Part from "./encoding/Part.js"
import type { Redactor } from "./Redaction.js"

/**
 * Why data was not accepted: the path of the field and what was expected, never the value.
 *
 * @since 0.1.0
 * @category models
 */
export interface Issue {
  readonly path: string
  readonly message: string
}

/**
 * @since 0.1.0
 * @category models
 */
export type Encoded =
  | { readonly _tag: "Encoded"; readonly json: string; readonly measure: Measure.Measure }
  | { readonly _tag: "Invalid"; readonly issue: Issue }
  | { readonly _tag: "Oversize"; readonly bytes: number }

/**
 * Never throws, whatever it is given, and never changes it. Fields above the level are not even read; keys that are not
 * declared are left out. A number that is declared must be finite; how undeclared values are written is said in
 * `redaction/Value`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Encoder {
  readonly definition: EventDefinition.Any
  readonly encode: (data: unknown, level: Level.Level) => Encoded
  /** What remains of encoded data at a lower level; null when the event is not recorded there at all. */
  readonly lower: (json: string, level: Level.Level) => string | null
}

interface Step {
  readonly name: string
  /** The name as JSON, as the first member of the object and as a later one. */
  readonly first: string
  readonly next: string
  readonly isOptional: boolean
  readonly expected: string
  /** Every object answers to the name: it counts only where the data has it itself. */
  readonly isInherited: boolean
  readonly part: Part.Part
  readonly take: Measure.Take | undefined
}

/** The value of a JSON text: most are texts, which need no parser. */
const valueOf = (json: string): unknown =>
  json.charCodeAt(0) === 34 && !json.includes("\\") ? json.slice(1, -1) : JSON.parse(json)

/** Bytes as UTF-8, counted only when the length leaves a doubt. */
const sizeOf = (json: string): number => json.length * 3 <= Policy.maxEventBytes ? json.length : utf8Length(json)

/**
 * Compiles a definition, once for each level. `hash` is keyed with something that only this installation knows. `onField`
 * is told of each field before it is read; see `Explain`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  definition: EventDefinition.Any,
  redactor: Redactor,
  hash: (text: string) => string,
  onField?: (name: string) => void
): Encoder => {
  const refusal: Part.Refusal = { path: "", expected: "" }

  const refuse = (expected: string): "" => {
    refusal.path = ""
    refusal.expected = expected
    return ""
  }

  const ofText = (write: (text: string) => string): Part.Part => (value) =>
    typeof value === "string" ? write(value) : refuse("a string")

  const partOf = ({ privacy, schema }: Privacy.Any, name: string): Part.Part => {
    const ast = AST.typeAST(schema.ast)
    const declared = Part.compile(ast, {
      redactor: privacy.treatment === "redact" ? redactor : undefined,
      free: redactor.jsonValue,
      refusal
    })
    switch (privacy.treatment) {
      case "truncate": {
        const maxLength = privacy.maxLength ?? Policy.maxMessageLength
        if (redactor.isPrivate(name)) return ofText(redactor.hidden)
        return ofText((text) => redactor.jsonCut(text, maxLength))
      }
      case "hash":
        return ofText((text) => Part.plainText(hash(text)))
      case "flags":
        return (value) => {
          const json = declared(value, 0)
          return json === "" ? json : redactor.jsonValue(flagNames(JSON.parse(json))) ?? "[]"
        }
      case "redact":
        return ast._tag === "StringKeyword" && redactor.isPrivate(name) ? ofText(redactor.hidden) : declared
      default:
        return declared
    }
  }

  const takes = Measure.takes(definition)
  const steps = Object.entries(definition.fields).filter(([, field]) => field.privacy.treatment !== "drop").map((
    [name, field]
  ): Step & { readonly level: Level.Level } => {
    const key = JSON.stringify(name) + ":"
    return {
      name,
      first: key,
      next: "," + key,
      isOptional: field.optional || Part.acceptsUndefined(AST.typeAST(field.schema.ast)),
      expected: Part.describe(AST.typeAST(field.schema.ast)),
      isInherited: name in Object.prototype,
      part: partOf(field, name),
      take: takes.get(name),
      level: field.privacy.level ?? definition.level
    }
  })
  const plans = new Map(
    Level.all.filter((level) => Level.includes(level, definition.level))
      .map((level) => [level, steps.filter((step) => Level.includes(level, step.level))] as const)
  )

  const invalid = (path: string, expected: string): Encoded => ({
    _tag: "Invalid",
    issue: { path, message: (path === "" ? "" : path + ": ") + "expected " + expected }
  })

  const encode = (data: unknown, level: Level.Level): Encoded => {
    const plan = plans.get(level)
    if (plan === undefined) return invalid("", `the level ${definition.level} at least`)
    if (typeof data !== "object" || data === null) return invalid("", "an object")
    const owner = data as Readonly<Record<string, unknown>>
    const measure = Measure.unsafeMake(definition.type)
    let json = "{"
    let at = ""
    try {
      for (let i = 0; i < plan.length; i++) {
        const step = plan[i]!
        at = step.name
        if (onField !== undefined) onField(at)
        const value = step.isInherited && !Object.hasOwn(owner, at) ? undefined : owner[at]
        if (value === undefined || (value === null && step.isOptional)) {
          if (step.isOptional) continue
          return invalid(at, step.expected)
        }
        const text = step.part(value, 0)
        if (text === "") return invalid(refusal.path === "" ? at : at + "." + refusal.path, refusal.expected)
        if (step.take !== undefined) step.take(measure, valueOf(text))
        json += (json.length === 1 ? step.first : step.next) + text
      }
    } catch {
      return invalid(at, "a value that can be read")
    }
    json += "}"
    const bytes = sizeOf(json)
    return bytes > Policy.maxEventBytes ? { _tag: "Oversize", bytes } : { _tag: "Encoded", json, measure }
  }

  const lower = (json: string, level: Level.Level): string | null => {
    const plan = plans.get(level)
    if (plan === undefined) return null
    try {
      const data: Readonly<Record<string, unknown>> = JSON.parse(json)
      if (typeof data !== "object" || data === null || Array.isArray(data)) return null
      return "{" + plan.filter((step) => Object.hasOwn(data, step.name))
        .map((step) => step.first + JSON.stringify(data[step.name])).join(",") +
        "}"
    } catch {
      return null
    }
  }

  return { definition, encode, lower }
}
