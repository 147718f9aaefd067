import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Catalog from "../../src/domain/Catalog.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Level from "../../src/domain/Level.js"
import * as Privacy from "../../src/domain/Privacy.js"

/** Contract, section 2: the names of the fields, a `?` behind those that may be absent. */
const contract: Readonly<Record<string, string>> = {
  command_executed: "command args duration exitCode error?",
  query_performed: "queryType query resultCount duration cached language?",
  parser_invoked: "language fileExtension duration symbolCount lineCount error?",
  error_occurred: "errorType message stack? context? fatal fingerprint severity category breadcrumbs? count",
  performance_measured: "metricName value unit context?",
  feature_used: "featureName enabled? variant? action?",
  ai_operation: "gatheringMs? compressionMs? apiMs? totalMs tokens? contextSize? provider? success",
  conversation: "conversationId phase messageCount? averageMessageLength? completed?",
  provider_call: "provider success duration errorTag?",
  suggestion: "suggestionType outcome timeToInteract?",
  web_vital: "metric value rating",
  health_changed: "service from to consecutiveFailures error?",
  session_started: "",
  session_heartbeat: "duration events",
  session_ended: "duration events errors",
  environment: "os arch runtime runtimeVersion cpuCount memoryClass ci",
  submission_health: "submitted failed rejected retries queueSize dropped latencyP95?",
  rollup_window: "windowId from to eventType dimension? count errors sum? min? max? histogram?"
}

const freeText = ["query", "message", "stack", "context", "breadcrumbs", "error"]

describe("EventCatalog", () => {
  it("declares the events and fields of the contract, no more and no fewer", () => {
    const declared = Object.fromEntries(EventCatalog.builtIn.map((definition) => [
      definition.type,
      Object.entries(definition.fields).map(([name, field]) => name + (field.optional ? "?" : "")).join(" ")
    ]))
    expect(declared).toEqual(contract)
  })

  it("keeps free text above level basic", () => {
    for (const definition of EventCatalog.builtIn) {
      for (const [name, field] of Object.entries(definition.fields)) {
        if (freeText.includes(name)) {
          expect(Level.includes(field.privacy.level ?? definition.level, "enhanced"), `${definition.type}.${name}`)
            .toBe(true)
        }
      }
    }
  })

  it("never takes text as it is, unless it is one of a few words or an id", () => {
    for (const definition of EventCatalog.builtIn) {
      for (const [name, field] of Object.entries(definition.fields)) {
        const takesAnyText = Either.isRight(Schema.decodeUnknownEither(field.schema)("any text at all"))
        expect(takesAnyText && field.privacy.treatment === "allow", `${definition.type}.${name}`).toBe(false)
      }
    }
  })

  it("measures a field of numbers and breaks down by a field that basic covers", () => {
    for (const { dimension, fields, level, metric, type } of EventCatalog.builtIn) {
      if (metric !== undefined) expect(fields[metric]?.schema, type).toBe(Schema.Number)
      if (dimension !== undefined) expect(fields[dimension]?.privacy.level ?? level, type).toBe("basic")
    }
  })
})

const Sample = EventDefinition.make("sample", {
  description: "A sample",
  purpose: "Show | a row",
  level: "enhanced",
  fields: {
    kind: Privacy.allow(Schema.Literal("a", "b")),
    note: Privacy.optional(Privacy.truncate(Schema.String, 100, { level: "full" })),
    who: Privacy.hash(Schema.String),
    gone: Privacy.drop(Schema.String),
    deep: Privacy.redact(Schema.Struct({ at: Schema.Number, tag: Schema.Literal("x") })),
    email: Privacy.optional(Privacy.redact(Schema.String.pipe(Schema.pattern(/@/))))
  }
})

describe("Catalog.row", () => {
  it("says the type, the treatment and the level of every field", () => {
    expect(Catalog.row(Sample)).toEqual({
      type: "sample",
      description: "A sample",
      purpose: "Show | a row",
      level: "enhanced",
      fields: [
        { name: "kind", type: "\"a\" | \"b\"", privacy: "allow" },
        { name: "note", type: "string?", privacy: "truncate 100, full" },
        { name: "who", type: "string", privacy: "hash" },
        { name: "gone", type: "string", privacy: "drop" },
        { name: "deep", type: "{ at: number; tag: \"x\" }", privacy: "redact" },
        { name: "email", type: "a string matching the pattern @?", privacy: "redact" }
      ]
    })
  })

  it("is a Markdown table whose cells no value can break", () => {
    const markdown = Catalog.toMarkdown([Sample, EventCatalog.SessionStarted])
    expect(markdown).toContain("| kind | \"a\" \\| \"b\" | allow |\n")
    expect(markdown).toContain(
      "\n## session_started\n\nA session has begun.\n\nPurpose: Count sessions. Level: basic.\n"
    )
  })
})

describe("Catalog.wireDataSchema", () => {
  const decode = Schema.decodeUnknownEither(Catalog.wireDataSchema(Sample))
  const whole = { kind: "a", note: "n", who: "h", deep: { at: 1, tag: "x" }, email: "[email]" }

  it("takes what the encoder makes, and strips what it does not know", () => {
    expect(decode({ ...whole, gone: "here", extra: 1 })).toEqual(Either.right(whole))
  })

  it("takes an event of a level that leaves fields out, and one without optional fields", () => {
    expect(Either.isRight(decode({ kind: "b", who: "h", deep: { at: 1, tag: "[redacted]" } }))).toBe(true)
  })

  it.each([
    ["a word outside a closed set", { ...whole, kind: "c" }],
    ["a field missing that every level has", { kind: "a", deep: { at: 1, tag: "x" } }],
    ["a number for text", { ...whole, note: 7 }],
    ["a number that JSON cannot hold", { ...whole, deep: { at: Infinity, tag: "x" } }],
    ["text for an object", { ...whole, deep: "x" }],
    ["an array for the whole", []]
  ])("refuses %s", (_, data) => {
    expect(Either.isLeft(decode(data))).toBe(true)
  })

  it("takes an object for an event without fields, and keeps nothing of it", () => {
    const decodeEmpty = Schema.decodeUnknownEither(Catalog.wireDataSchema(EventCatalog.SessionStarted))
    expect(decodeEmpty({ extra: 1 })).toEqual(Either.right({}))
    expect(Either.isLeft(decodeEmpty("text"))).toBe(true)
    expect(Either.isLeft(decodeEmpty([1]))).toBe(true)
  })
})

describe("Catalog.jsonSchema", () => {
  it("lists the fields, requires those that every level has, and closes the sets of words", () => {
    const schema = Catalog.jsonSchema(EventCatalog.QueryPerformed)
    expect(schema).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      title: "query_performed",
      type: "object",
      additionalProperties: true,
      required: ["queryType", "resultCount", "duration", "cached"],
      properties: { queryType: { enum: ["symbol", "text", "hybrid"] }, query: { type: "string" } }
    })
  })

  it("exists for every built-in event", () => {
    for (const definition of EventCatalog.builtIn) {
      expect(Object.keys(Catalog.jsonSchema(definition))).toContain("properties")
    }
  })
})
