/**
 * What is collected, said three ways from one declaration: a row for people, Markdown for documents, JSON Schema for
 * programs.
 *
 * @since 0.1.0
 */
import * as JSONSchema from "effect/JSONSchema"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type * as EventDefinition from "./EventDefinition.js"
import type { Level } from "./Level.js"
import type * as Privacy from "./Privacy.js"
import * as Wire from "./Wire.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface FieldRow {
  readonly name: string
  /** As in TypeScript; a `?` at the end means that the field may be absent. */
  readonly type: string
  /** The treatment, and the level from which on the field is kept where it is above that of its event. */
  readonly privacy: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Row {
  readonly type: string
  readonly description: string
  readonly purpose: string
  readonly level: Level
  readonly fields: ReadonlyArray<FieldRow>
}

const privacyText = (privacy: Privacy.Privacy, level: Level): string =>
  privacy.treatment + (privacy.maxLength === undefined ? "" : " " + privacy.maxLength) +
  (privacy.level === undefined || privacy.level === level ? "" : ", " + privacy.level)

const typeText = (ast: AST.AST): string => String(ast).replaceAll("readonly ", "")

/**
 * @since 0.1.0
 * @category conversions
 */
export const row = (definition: EventDefinition.Any): Row => ({
  type: definition.type,
  description: definition.description,
  purpose: definition.purpose,
  level: definition.level,
  fields: Object.entries(definition.fields).map(([name, classified]) => ({
    name,
    type: typeText(AST.typeAST(classified.schema.ast)) + (classified.optional ? "?" : ""),
    privacy: privacyText(classified.privacy, definition.level)
  }))
})

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const section = (event: Row): string =>
  [
    `## ${event.type}`,
    "",
    `${event.description}.`,
    "",
    `Purpose: ${event.purpose}. Level: ${event.level}.`,
    ...(event.fields.length === 0 ? [] : [
      "",
      "| field | type | privacy |",
      "|---|---|---|",
      ...event.fields.map((field) => `| ${cell(field.name)} | ${cell(field.type)} | ${cell(field.privacy)} |`)
    ])
  ].join("\n")

/**
 * The whole catalogue as a document.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toMarkdown = (definitions: ReadonlyArray<EventDefinition.Any>): string =>
  ["# What is collected", ...definitions.map((definition) => section(row(definition)))].join("\n\n") + "\n"

/**
 * The schema of an event's data as it travels; see {@link Wire.schema}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const wireDataSchema: (
  definition: EventDefinition.Any
) => Schema.Schema<{ readonly [field: string]: unknown }> = Wire.schema

/**
 * The JSON Schema (draft 7) of an event's data as it travels.
 *
 * @since 0.1.0
 * @category conversions
 */
export const jsonSchema = (definition: EventDefinition.Any): JSONSchema.JsonSchema7 & { readonly $schema: string } => {
  const definitions: Record<string, JSONSchema.JsonSchema7> = {}
  const schema = JSONSchema.fromAST(Wire.schema(definition).ast, {
    definitions,
    topLevelReferenceStrategy: "skip",
    additionalPropertiesStrategy: "allow"
  })
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
    ...schema
  }
}
