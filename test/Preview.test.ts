import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as DebugLog from "../src/collection/DebugLog.js"
import * as EventCatalog from "../src/domain/EventCatalog.js"
import * as EventDefinition from "../src/domain/EventDefinition.js"
import * as Privacy from "../src/domain/Privacy.js"
import { Telemetry } from "../src/Telemetry.js"
import { FakeCollector } from "../src/testing/FakeCollector.js"
import * as TelemetryTest from "../src/testing/TelemetryTest.js"

const Noted = EventDefinition.make("noted", {
  description: "d",
  purpose: "p",
  fields: {
    note: Privacy.truncate(Schema.String, 20),
    free: Privacy.redact(Schema.Unknown, { level: "full" }),
    who: Privacy.hash(Schema.String),
    args: Privacy.flags(),
    gone: Privacy.drop(Schema.String),
    token: Privacy.redact(Schema.String),
    n: Privacy.allow(Schema.Number),
    more: Privacy.optional(Privacy.allow(Schema.Number))
  }
})

const data = {
  note: "from jane@example.com at 203.0.113.77 and so on",
  free: [{ "4111 1111 1111 1111": { password: "hunter2" } }],
  who: "jane",
  args: ["--out", "x"],
  gone: "never",
  token: "abc",
  n: 1
}

const config = {
  events: [
    ...EventCatalog.builtIn,
    Noted,
    EventDefinition.make("rare", {
      description: "d",
      purpose: "p",
      sampling: { _tag: "Never" },
      fields: {}
    })
  ]
}

describe("a preview", () => {
  it.scoped("is the body of the request, to the byte", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const collector = yield* FakeCollector
      const shown = yield* telemetry.preview("noted", data)
      telemetry.unsafeTrack("noted", data)
      yield* telemetry.submitNow
      const [request] = yield* collector.requests
      const id = /"id":"[^"]+"/
      expect(shown.body!.replace(id, "")).toBe(request!.body.replace(id, ""))
      expect(shown.body).not.toMatch(/hunter2|jane|4111|never/)
    }).pipe(Effect.provide(TelemetryTest.layerCollector({ config }))))

  it.scoped("names the rule behind every change", () =>
    Effect.gen(function*() {
      const { fields } = yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.preview("noted", data))
      expect(fields).toEqual([
        { field: "note", outcome: "redacted", rules: ["email", "ip"], truncated: true },
        { field: "free", outcome: "redacted", rules: ["card", "private-name"], truncated: false },
        { field: "who", outcome: "hashed", rules: [], truncated: false },
        { field: "args", outcome: "flags", rules: [], truncated: false },
        { field: "gone", outcome: "dropped", rules: [], truncated: false },
        { field: "token", outcome: "redacted", rules: ["private-name"], truncated: false },
        { field: "n", outcome: "kept", rules: [], truncated: false },
        { field: "more", outcome: "absent", rules: [], truncated: false }
      ])
    }).pipe(Effect.provide(TelemetryTest.layerWith({ config }))))

  it.scoped("says what a level leaves out, what does not fit and what is not declared", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const basic = yield* telemetry.preview("noted", data, { level: "basic" })
      expect(basic.fields.filter(({ outcome }) => outcome === "level").map(({ field }) => field)).toEqual(["free"])
      expect(basic.body).not.toContain("installationId")
      expect(yield* telemetry.preview("noted", { ...data, n: "1" })).toMatchObject({
        body: null,
        issue: "n: expected a finite number"
      })
      expect(yield* telemetry.preview("nothing", {})).toMatchObject({ body: null, issue: "this type is not declared" })
    }).pipe(Effect.provide(TelemetryTest.layerWith({ config }))))

  it.scoped("needs no consent, and neither stores nor counts anything", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const shown = yield* telemetry.preview("feature_used", { featureName: "x", enabled: true }, { level: "full" })
      expect(shown.body).toContain("\"featureName\":\"x\"")
      expect((yield* telemetry.status).store.events).toBe(0)
      expect((yield* telemetry.ledger).capture).toEqual({})
    }).pipe(Effect.provide(TelemetryTest.layerWith({ level: null }))))
})

describe("developer mode", () => {
  const watched = (debug: boolean) =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const filed: Array<string> = []
      const logger = Logger.make(({ message }) => void logged.push(String(message)))
      const file: DebugLog.FileService = {
        append: (lines) => Effect.sync(() => void filed.push(lines)),
        read: () => Effect.succeed({ lines: [], next: 0 }),
        clear: Effect.sync(() => void filed.splice(0))
      }
      yield* Effect.gen(function*() {
        const telemetry = yield* Telemetry
        telemetry.unsafeTrack("noted", data)
        telemetry.unsafeTrack("noted", { ...data, n: "jane" })
        telemetry.unsafeTrack("rare", {})
        yield* telemetry.flush
      }).pipe(Effect.provide(
        TelemetryTest.layerWith({ level: "enhanced", config: { ...config, debug } }).pipe(
          Layer.provide(
            Layer.mergeAll(Layer.succeed(DebugLog.DebugFile, file), Logger.replace(Logger.defaultLogger, logger))
          )
        )
      ))
      return { logged, lines: filed.join("").split("\n").filter((line) => line !== "") }
    })

  it.effect("shows every captured event as it is sent, what was dropped, and why", () =>
    Effect.gen(function*() {
      const { lines, logged } = yield* watched(true)
      const [recorded, invalid, sampled] = lines.map((line) => JSON.parse(line))
      expect(recorded).toMatchObject({ eventType: "noted", level: "enhanced", debug: { outcome: "recorded" } })
      expect(recorded.debug.fields.map(({ field, outcome }: { field: string; outcome: string }) => [field, outcome]))
        .toEqual([["note", "redacted"], ["free", "level"], ["who", "hashed"], ["args", "flags"], ["gone", "dropped"], [
          "token",
          "redacted"
        ]])
      expect(invalid).toMatchObject({ eventType: "noted", debug: { outcome: "invalid", issue: expect.any(String) } })
      expect(sampled).toMatchObject({ eventType: "rare", debug: { outcome: "sampling", issue: "Never" } })
      expect(lines.join()).not.toMatch(/jane|hunter2|4111/)
      expect(logged.filter((line) => line.startsWith("telemetry: {")).map((line) => line.slice(11))).toEqual(lines)
    }))

  it.effect("says nothing while it is off", () =>
    Effect.gen(function*() {
      expect(yield* watched(false)).toEqual({ lines: [], logged: [] })
    }))
})
