/**
 * What `eventData` looks like once it has been through the encoder: the declared schema, with what redaction and levels do
 * to it. This is what a collector checks and what the JSON Schema of an event describes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type * as EventDefinition from "./EventDefinition.js"
import * as Level from "./Level.js"
import type * as Privacy from "./Privacy.js"

const text = Schema.String.ast
const anything = Schema.Unknown.ast
const finite = Schema.Number.pipe(Schema.finite()).ast
const nothing = Schema.Null.ast

/** Without any member a schema of objects would take text and arrays too, and strip nothing: this member no key fits. */
const noKey = new AST.IndexSignature(Schema.String.pipe(Schema.pattern(/(?!)/)).ast, anything, true)

const isUndefined = (ast: AST.AST): boolean => ast._tag === "UndefinedKeyword" || ast._tag === "VoidKeyword"

const withoutUndefined = (ast: AST.AST): AST.AST =>
  ast._tag === "Union" ? AST.Union.make(ast.types.filter((type) => !isUndefined(type))) : ast

/** Inside a redacted value any part may have become a word in brackets. */
const part = (ast: AST.AST, redacted: boolean): AST.AST => {
  const type = wire(ast, redacted)
  return redacted && type !== anything && type !== text ? AST.Union.make([type, text]) : type
}

const property = (signature: AST.PropertySignature, redacted: boolean): AST.PropertySignature => {
  const type = withoutUndefined(signature.type)
  return new AST.PropertySignature(
    signature.name,
    part(type, redacted),
    signature.isOptional || type !== signature.type || isUndefined(type),
    true
  )
}

/** The base of a chain of refinements, and whether every one of them still holds once text in it may have changed. */
const refinement = (ast: AST.Refinement, redacted: boolean): AST.AST => {
  let base: AST.AST = ast.from
  while (base._tag === "Refinement") base = base.from
  switch (base._tag) {
    case "NumberKeyword":
    case "BooleanKeyword":
    case "Literal":
      return ast
    case "StringKeyword":
      return redacted ? text : ast
    default:
      return wire(base, redacted)
  }
}

const wire = (ast: AST.AST, redacted: boolean): AST.AST => {
  switch (ast._tag) {
    case "StringKeyword":
      return text
    case "NumberKeyword":
      return finite
    case "BooleanKeyword":
    case "Enums":
      return ast
    case "Literal":
      return typeof ast.literal === "bigint" ? text : ast
    case "BigIntKeyword":
      return text
    case "TemplateLiteral":
      return redacted ? text : ast
    case "UndefinedKeyword":
    case "VoidKeyword":
      return nothing
    case "Refinement":
      return refinement(ast, redacted)
    case "Union":
      return AST.Union.make(ast.types.map((type) => wire(type, redacted)))
    case "TupleType":
      return new AST.TupleType(
        ast.elements.map((element) => new AST.OptionalType(part(element.type, redacted), element.isOptional)),
        ast.rest.map((rest) => new AST.Type(part(rest.type, redacted))),
        true
      )
    case "TypeLiteral":
      return new AST.TypeLiteral(
        ast.propertySignatures.map((signature) => property(signature, redacted)),
        ast.indexSignatures.length === 0
          ? []
          : [new AST.IndexSignature(text, AST.Union.make(ast.indexSignatures.map((i) => part(i.type, redacted))), true)]
      )
    default:
      return anything
  }
}

const field = (classified: Privacy.Any): AST.AST => {
  const { schema, privacy } = classified
  switch (privacy.treatment) {
    case "truncate":
    case "hash":
      return text
    case "flags":
      return Schema.Array(Schema.String).ast
    default:
      return wire(withoutUndefined(AST.typeAST(schema.ast)), privacy.treatment === "redact")
  }
}

const acceptsUndefined = (ast: AST.AST): boolean =>
  isUndefined(ast) || (ast._tag === "Union" && ast.types.some(isUndefined))

/**
 * May the field be absent on the wire: because it is optional, or because the event is recorded at levels that do not
 * cover it?
 *
 * @since 0.1.0
 * @category predicates
 */
export const mayBeAbsent = (definition: EventDefinition.Any, classified: Privacy.Any): boolean =>
  classified.optional || !Level.includes(definition.level, classified.privacy.level ?? definition.level) ||
  acceptsUndefined(AST.typeAST(classified.schema.ast))

/**
 * The schema of `eventData` as it travels. Fields above the level of the event are optional, text that is cut or hashed is
 * a string, dropped fields are unknown to it. Keys it does not know are stripped, not refused.
 *
 * @since 0.1.0
 * @category schemas
 */
export const schema = (
  definition: EventDefinition.Any
): Schema.Schema<{ readonly [field: string]: unknown }> =>
  Schema.make(
    new AST.TypeLiteral(
      Object.entries(definition.fields).filter(([, classified]) => classified.privacy.treatment !== "drop").map((
        [name, classified]
      ) => new AST.PropertySignature(name, field(classified), mayBeAbsent(definition, classified), true)),
      Object.keys(definition.fields).length === 0 ? [noKey] : [],
      {
        [AST.TitleAnnotationId]: definition.type,
        [AST.DescriptionAnnotationId]: definition.description
      }
    )
  )
