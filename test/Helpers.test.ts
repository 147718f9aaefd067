import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { WireEvent } from "../src/domain/TelemetryEvent.js"
import { type Service, Telemetry } from "../src/Telemetry.js"
import * as TelemetryTest from "../src/testing/TelemetryTest.js"

type Expected = Readonly<Record<string, unknown>>

/** Everything that each helper can be given, and the event that comes of it. */
const helpers: ReadonlyArray<readonly [string, (telemetry: Service) => Effect.Effect<void>, string, Expected]> = [
  [
    "trackCommand",
    (telemetry) => telemetry.trackCommand("build", ["--out=dist", "src", "-v"], 12, 1, "NoSuchFile"),
    "command_executed",
    { command: "build", args: ["--out", "-v"], duration: 12, exitCode: 1, error: "NoSuchFile" }
  ],
  [
    "trackQuery",
    (telemetry) => telemetry.trackQuery("hybrid", "where is it", 3, 5, true, "ts"),
    "query_performed",
    { queryType: "hybrid", query: "where is it", resultCount: 3, duration: 5, cached: true, language: "ts" }
  ],
  [
    "trackParser",
    (telemetry) => telemetry.trackParser("rust", ".rs", 7, 20, 400, "unexpected token"),
    "parser_invoked",
    {
      language: "rust",
      fileExtension: ".rs",
      duration: 7,
      symbolCount: 20,
      lineCount: 400,
      error: "unexpected token"
    }
  ],
  [
    "trackError",
    (telemetry) => telemetry.trackError("TypeError", "not a function", "at run", { step: 2 }, true),
    "error_occurred",
    {
      errorType: "TypeError",
      message: "not a function",
      stack: "at run",
      context: { step: 2 },
      fatal: true,
      fingerprint: expect.stringMatching(/^[a-z0-9]{16}$/),
      severity: "CRITICAL",
      category: "unknown",
      count: 1
    }
  ],
  [
    "trackPerformance",
    (telemetry) => telemetry.trackPerformance("bundle", 48_000, "bytes", { minified: true }),
    "performance_measured",
    { metricName: "bundle", value: 48_000, unit: "bytes", context: { minified: true } }
  ],
  [
    "trackFeature",
    (telemetry) => telemetry.trackFeature("export", true, "b", "clicked"),
    "feature_used",
    { featureName: "export", enabled: true, variant: "b", action: "clicked" }
  ],
  [
    "trackFeature in short",
    (telemetry) => telemetry.trackFeature("chat", "started"),
    "feature_used",
    { featureName: "chat", action: "started" }
  ],
  [
    "trackFeature by its name alone",
    (telemetry) => telemetry.trackFeature("chat"),
    "feature_used",
    { featureName: "chat" }
  ]
]

const only = ([event, ...more]: ReadonlyArray<WireEvent>) => {
  expect(more).toEqual([])
  return { type: event?.eventType, data: event?.eventData }
}

describe("each helper", () => {
  it.effect.each(helpers)(
    "%s records its event, every argument in its field",
    ([, track, type, data]) =>
      Effect.gen(function*() {
        yield* track(yield* Telemetry)
        expect(only(yield* TelemetryTest.all)).toEqual({ type, data })
      }).pipe(Effect.provide(TelemetryTest.layer))
  )
})

describe("free text", () => {
  it.effect("of queries, messages and stacks is cut to 100, 200 and 500 characters, counted as people do", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const long = "\u{1f4a1}".repeat(600)
      yield* telemetry.trackQuery("text", long, 0, 1, false)
      yield* telemetry.trackError("TypeError", long, long)
      const [query, error] = (yield* TelemetryTest.all).map(({ eventData }) => Object(eventData))
      expect([[...query.query].length, [...error.message].length, [...error.stack].length]).toEqual([100, 200, 500])
    }).pipe(Effect.provide(TelemetryTest.layer)))
})
