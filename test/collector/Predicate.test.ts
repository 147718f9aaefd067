import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import * as Envelope from "../../src/collector/Envelope.js"
import * as Predicate from "../../src/collector/Predicate.js"
import * as Reason from "../../src/collector/Reason.js"
import * as Catalog from "../../src/domain/Catalog.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import { WireEvent } from "../../src/domain/TelemetryEvent.js"
import { event, uuid4 } from "./support.js"

const schemas: ReadonlyArray<readonly [string, Schema.Schema<never, unknown> | Schema.Schema.AnyNoContext]> = [
  ["the envelope", WireEvent],
  ...EventCatalog.builtIn.map((definition) => [definition.type, Catalog.wireDataSchema(definition)] as const),
  ["a tuple", Schema.Struct({ a: Schema.Tuple(Schema.String, Schema.Number) })],
  ["a record of numbers", Schema.Record({ key: Schema.String, value: Schema.Number })],
  ["an empty struct", Schema.Struct({})]
]

const names = [...new Set(EventCatalog.builtIn.flatMap(({ fields }) => Object.keys(fields))), ...Object.keys(event())]

const words = fc.constantFrom("basic", "full", "symbol", "warning", "LCP", "good", "accepted", "", "x")

const value = fc.oneof(fc.jsonValue(), words, fc.integer(), fc.boolean(), fc.array(words), fc.constant({ a: 1 }))

/** Sometimes sound, mostly one field away from it. */
const nearly = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom(...names), value),
  fc.record({ field: fc.constantFrom(...Object.keys(event())), value }).map((change) => ({
    ...event(),
    [change.field]: change.value
  })),
  fc.record({ field: fc.constantFrom(...Object.keys(event())) }).map(({ field }) => {
    const { [field]: _, ...rest } = event()
    return rest
  })
)

describe("a compiled schema", () => {
  it.each(schemas)("of %s says what the schema says", (_, schema) => {
    const fits = Predicate.compile(schema as Schema.Schema<unknown>)
    const is = Schema.is(schema as Schema.Schema<unknown>)
    const samples = fc.sample(nearly, { numRuns: 400, seed: 7 })
    for (const sample of samples) {
      const parsed: unknown = JSON.parse(JSON.stringify(sample))
      assert.strictEqual(fits(parsed), is(parsed), JSON.stringify(parsed))
    }
  })

  it("takes every event that the schema can make", () => {
    for (const definition of EventCatalog.builtIn) {
      const fits = Predicate.compile(Catalog.wireDataSchema(definition))
      const reason = Reason.make(Catalog.wireDataSchema(definition))
      const data = Object.fromEntries(
        Object.keys(definition.fields).map((name) => [name, { value: "never shown" }])
      )
      if (fits(data)) continue
      assert.match(reason(data) ?? "", /^\w+(\.\w+)* is not valid$/)
    }
  })

  it("of the envelope is equalled by the one that was written by hand", () => {
    const is = Schema.is(WireEvent)
    assert.isTrue(Envelope.isSound(event({ installationId: uuid4(), suppressed: 3 })))
    for (const sample of fc.sample(nearly, { numRuns: 3_000, seed: 11 })) {
      const parsed: unknown = JSON.parse(JSON.stringify(sample))
      assert.strictEqual(Envelope.isSound(parsed), is(parsed), JSON.stringify(parsed))
    }
  })

  it("does not take a field from the prototype", () => {
    const fits = Predicate.compile(Schema.Struct({ constructor: Schema.Unknown }))
    assert.isFalse(fits({}))
    assert.isTrue(fits({ constructor: 1 }))
  })
})

describe("a reason", () => {
  const reason = Reason.make(WireEvent)

  it("names the field and what about it", () => {
    const { level: _, ...without } = event()
    assert.isNull(reason(event()))
    assert.strictEqual(reason(without), "level is missing")
    assert.strictEqual(reason(event({ app: { name: "", version: "1" } })), "app.name is not valid")
    assert.strictEqual(reason(17), "the event is not valid")
  })

  it("never quotes the value, however deep it is", () => {
    fc.assert(fc.property(fc.constantFrom(...Object.keys(event())), fc.jsonValue(), (field, value) => {
      const text = reason(event({ [field]: { marker: "m4rk3r", value } }))
      assert.notInclude(text ?? "", "m4rk3r")
    }))
    const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000))
    assert.strictEqual(reason(event({ sessionId: deep })), "sessionId is not valid")
    assert.strictEqual(reason(deep), "the event is not valid")
  })
})
