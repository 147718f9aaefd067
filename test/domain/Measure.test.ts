import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Measure from "../../src/domain/Measure.js"
import * as Privacy from "../../src/domain/Privacy.js"
import * as Policy from "../../src/Policy.js"

describe("Measure", () => {
  const of = (definition: EventDefinition.Any, data: object) =>
    Measure.reader(definition.type, definition)(JSON.stringify(data))

  it("reads dimension, metric and error of an event by its declaration", () => {
    expect(of(EventCatalog.CommandExecuted, { command: "build", args: [], duration: 12, exitCode: 2 }))
      .toEqual({ dimension: "build", value: 12, isError: true })
    expect(of(EventCatalog.ProviderCall, { provider: "p", success: false, duration: 7 }))
      .toEqual({ dimension: "p", value: 7, isError: true })
    expect(of(EventCatalog.ErrorOccurred, { errorType: "E", message: "m", fatal: false }))
      .toEqual({ dimension: "E", value: null, isError: true })
    expect(of(EventCatalog.FeatureUsed, { featureName: "export", enabled: true }))
      .toEqual({ dimension: "export", value: null, isError: false })
  })

  it("takes no error from a field that the type does not declare, nor from a nested one", () => {
    expect(of(EventCatalog.PerformanceMeasured, { metricName: "m", value: 1, context: { error: "x", success: false } }))
      .toEqual({ dimension: "m", value: 1, isError: false })
  })

  it("is not deceived by texts that look like names, nor by the order of the fields", () => {
    const text = `x","duration":5,"exitCode":1`
    expect(of(EventCatalog.CommandExecuted, { command: text, args: ["\\", text], duration: 12, exitCode: 0 }))
      .toEqual({ dimension: text, value: 12, isError: false })
    expect(of(EventCatalog.CommandExecuted, { exitCode: 2, duration: -1.5e-7, args: [], command: "" }))
      .toEqual({ dimension: null, value: -1.5e-7, isError: true })
    expect(of(EventCatalog.AiOperation, { totalMs: 1234567890123, success: true }))
      .toEqual({ dimension: null, value: 1234567890123, isError: false })
  })

  it("knows of an undeclared type its errors only", () => {
    const read = Measure.reader("unheard_of", undefined)
    expect(read(`{"command":"a","duration":3,"success":false}`))
      .toEqual({ dimension: null, value: null, isError: true })
    expect(read(`{"exitCode":0}`).isError).toBe(false)
  })

  it("a dimension is text, a number or a yes and no, of bounded length", () => {
    const definition = EventDefinition.make("own", {
      description: "d",
      purpose: "p",
      dimension: "kind",
      fields: { kind: Privacy.allow(Schema.Unknown) }
    })
    const dimension = (kind: unknown) => of(definition, { kind }).dimension
    expect([dimension("a"), dimension(3), dimension(true), dimension(""), dimension(null), dimension(["a"])])
      .toEqual(["a", "3", "true", null, null, null])
    expect([...dimension("😀".repeat(300)) ?? ""].length).toBe(Policy.maxDimensionLength)
  })
})
