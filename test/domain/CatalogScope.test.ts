import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as ConsentGate from "../../src/consent/ConsentGate.js"
import * as ConsentStore from "../../src/consent/ConsentStore.js"
import * as CatalogScope from "../../src/domain/CatalogScope.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Ids from "../../src/domain/Ids.js"
import * as Notice from "../../src/domain/Notice.js"
import * as Privacy from "../../src/domain/Privacy.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"

const build = (fields: EventDefinition.Fields) =>
  EventDefinition.make("build_finished", {
    description: "A build has ended",
    purpose: "See how long builds take",
    fields
  })

const n = Privacy.allow(Schema.Number)
const one = build({ n, gone: Privacy.drop(Schema.String), note: Privacy.truncate(Schema.String, 9, { level: "full" }) })

describe("how far a catalogue reaches", () => {
  it("is told by the application's own events, at a level", () => {
    expect(CatalogScope.of(EventCatalog.builtIn)("full")).toBeNull()
    expect(CatalogScope.of([...EventCatalog.builtIn, one])("basic")).toEqual([
      "build_finished",
      "build_finished.n allow"
    ])
    expect(CatalogScope.of([one])("full")).toEqual([
      "build_finished",
      "build_finished.n allow",
      "build_finished.note truncate 9"
    ])
  })

  it.each<readonly [string, EventDefinition.Any, "basic" | "full", boolean]>([
    ["the same", one, "basic", false],
    ["a field less", build({}), "basic", false],
    ["a new field", build({ n, m: n }), "basic", true],
    ["a new field above the level", build({ n, m: Privacy.allow(Schema.Number, { level: "full" }) }), "basic", false],
    ["more of a text", build({ note: Privacy.truncate(Schema.String, 10, { level: "full" }) }), "full", true],
    ["another treatment", build({ n: Privacy.redact(Schema.Number) }), "basic", true],
    ["a new event", EventDefinition.make("x", { description: "d", purpose: "p", fields: {} }), "basic", true]
  ])("is wider or not: %s", (_, next, level, wider) => {
    expect(CatalogScope.isWider(CatalogScope.of([next])(level), CatalogScope.of([one])(level))).toBe(wider)
  })
})

describe("consent to a catalogue", () => {
  const gate = (store: ConsentStore.Memory, events: ReadonlyArray<EventDefinition.Any>) =>
    Effect.flatMap(ConsentGate.ConsentGate, Effect.succeed).pipe(Effect.provide(
      ConsentGate.layer.pipe(Layer.provide(Layer.mergeAll(
        Layer.succeed(ConsentStore.ConsentStore, store),
        Ids.layerSeeded(1),
        TelemetryConfig.layerTest({ events: [...EventCatalog.builtIn, ...events] })
      )))
    ))
  const wider = build({ n, m: n })

  it.effect("is asked for anew when the application wants more, and not when it wants less", () =>
    Effect.gen(function*() {
      const store = ConsentStore.makeMemory()
      yield* (yield* gate(store, [one])).enable({ level: "basic", noticeShown: true })
      expect((yield* store.read)?.noticeShownAt).toBe(0)
      expect((yield* gate(store, [one])).unsafeCurrent().reason).toBe("consented")
      expect((yield* gate(store, [build({})])).unsafeCurrent().reason).toBe("consented")
      const asking = yield* gate(store, [wider])
      expect(asking.unsafeCurrent()).toMatchObject({ enabled: false, reason: "policy-changed" })
      expect((yield* asking.enable({})).reason).toBe("consented")
      const epochs = (yield* store.read)!.epochs
      expect(epochs.map(({ catalog }) => catalog?.length)).toEqual([2, 3])
      yield* (yield* gate(store, [one])).enable({})
      expect((yield* store.read)!.epochs).toEqual(epochs)
    }))

  it.effect("that was given where nobody knew the application's events goes on", () =>
    Effect.gen(function*() {
      const store = ConsentStore.makeMemory()
      yield* (yield* gate(store, [])).enable({})
      expect((yield* gate(store, [wider])).unsafeCurrent().reason).toBe("consented")
    }))
})

describe("the notice", () => {
  const options: Notice.Options = {
    app: "ax",
    events: [...EventCatalog.builtIn, one],
    level: "basic",
    origin: null,
    dataDir: "/data",
    retentionMillis: 30 * 86_400_000,
    invocation: "ax telemetry"
  }

  it("says what, what for, where, for how long and how to stop it", () => {
    const text = Notice.text(options)
    expect(text).toContain("nothing that you type")
    expect(text).toContain("  - See how long builds take")
    expect(text).toContain("in /data, for at most 30 days. Nothing is sent.")
    expect(text).toContain("ax telemetry disable")
    expect(Notice.text({ ...options, origin: "https://t.example.com" })).toContain("sent to https://t.example.com")
  })
})
