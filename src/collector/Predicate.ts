/**
 * A schema compiled to a plain function that says yes or no. It is several times faster than decoding, which matters for
 * every event that arrives, and it may err on one side only: what it refuses is asked of the schema itself. For values that
 * came from JSON.
 *
 * @since 0.1.0
 */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * @since 0.1.0
 * @category models
 */
export type Check = (value: unknown) => boolean

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const always: Check = () => true

const ofStruct = (ast: AST.TypeLiteral): Check | null => {
  const names = ast.propertySignatures.map((property) => property.name)
  const checks = ast.propertySignatures.map((property) => ofAst(property.type))
  const optional = ast.propertySignatures.map((property) => property.isOptional)
  const inherited = names.map((name) => name in Object.prototype)
  const values = ast.indexSignatures.map((signature) => ofAst(signature.type))
  if (
    !names.every((name): name is string => typeof name === "string") ||
    ast.indexSignatures.some((signature) => !AST.isStringKeyword(signature.parameter)) ||
    (names.length === 0 && values.length === 0)
  ) return null
  const open = values.every((check) => check === always)
  return (value) => {
    if (!isRecord(value)) return false
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      const field = value[name]
      if (field === undefined) {
        if (!optional[i]!) return false
      } else if ((inherited[i]! && !Object.hasOwn(value, name)) || !checks[i]!(field)) return false
    }
    return open || Object.keys(value).every((key) => values.every((check) => check(value[key])))
  }
}

const ofAst = (ast: AST.AST): Check => {
  switch (ast._tag) {
    case "StringKeyword":
      return (value) => typeof value === "string"
    case "NumberKeyword":
      return (value) => typeof value === "number"
    case "BooleanKeyword":
      return (value) => typeof value === "boolean"
    case "UnknownKeyword":
    case "AnyKeyword":
      return always
    case "UndefinedKeyword":
      return (value) => value === undefined
    case "Literal":
      return (value) => value === ast.literal
    case "Union": {
      const members = ast.types.map(ofAst)
      return (value) => members.some((member) => member(value))
    }
    case "Refinement": {
      const from = ofAst(ast.from)
      return (value) => from(value) && ast.filter(value, AST.defaultParseOption, ast)._tag === "None"
    }
    case "TypeLiteral": {
      const struct = ofStruct(ast)
      if (struct !== null) return struct
      break
    }
    case "TupleType": {
      const rest = ast.rest[0]
      if (ast.elements.length === 0 && ast.rest.length === 1 && rest !== undefined) {
        const item = ofAst(rest.type)
        return (value) => Array.isArray(value) && value.every(item)
      }
      break
    }
  }
  return ParseResult.is(Schema.make(ast))
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const compile = <A>(schema: Schema.Schema<A>): Check => ofAst(schema.ast)
