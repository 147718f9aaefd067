import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Usage from "../../src/collection/Usage.js"
import { Conversation, FeatureUsed, ProviderCall, Suggestion } from "../../src/domain/EventCatalog.js"
import { Telemetry } from "../../src/Telemetry.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"

const layer = Usage.layer.pipe(Layer.provideMerge(TelemetryTest.layer))

const conversations = Effect.map(
  TelemetryTest.events(Conversation),
  (all) => all.map(({ conversationId: _, ...rest }) => rest)
)

describe("usage", () => {
  it.effect("records a suggestion, what became of it and when, once", () =>
    Effect.gen(function*() {
      const usage = yield* Usage.Usage
      const shown = yield* usage.suggestion("rename")
      yield* TestClock.adjust("1500 millis")
      yield* shown.accepted
      yield* shown.accepted
      yield* shown.dismissed
      yield* (yield* usage.suggestion("extract")).dismissed
      assert.deepStrictEqual(yield* TelemetryTest.events(Suggestion), [
        { suggestionType: "rename", outcome: "shown" },
        { suggestionType: "rename", outcome: "accepted", timeToInteract: 1500 },
        { suggestionType: "extract", outcome: "shown" },
        { suggestionType: "extract", outcome: "dismissed", timeToInteract: 0 }
      ])
    }).pipe(Effect.provide(layer)))

  it.effect("records a conversation with number and mean length of its messages, its id as a hash", () =>
    Effect.gen(function*() {
      const usage = yield* Usage.Usage
      yield* usage.conversationStarted("mine")
      yield* usage.message("mine", 10)
      yield* usage.message("other", 1000)
      yield* usage.conversationPhase("mine", "planning")
      yield* usage.message("mine", 20)
      yield* usage.conversationEnded("mine", true)
      yield* usage.conversationEnded("mine", false)
      assert.deepStrictEqual(yield* conversations, [
        { phase: "started" },
        { phase: "planning", messageCount: 1, averageMessageLength: 10 },
        { phase: "ended", messageCount: 2, averageMessageLength: 15, completed: true },
        { phase: "ended", completed: false }
      ])
      const ids = new Set((yield* TelemetryTest.events(Conversation)).map(({ conversationId }) => conversationId))
      assert.strictEqual(ids.size, 1)
      assert.isFalse(ids.has("mine"))
    }).pipe(Effect.provide(layer)))

  it.effect("starts to count anew with a conversation, and with a consent", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const usage = yield* Usage.Usage
      yield* usage.message("a", 10)
      yield* usage.conversationStarted("a")
      yield* usage.message("b", 10)
      yield* telemetry.flush
      yield* telemetry.disable({})
      yield* usage.message("b", 10)
      yield* telemetry.enable({})
      yield* usage.conversationEnded("b", true)
      assert.deepStrictEqual(yield* conversations, [{ phase: "started" }, { phase: "ended", completed: true }])
    }).pipe(Effect.provide(layer)))

  it.effect("forgets the messages of the oldest of more than a thousand conversations", () =>
    Effect.gen(function*() {
      const usage = yield* Usage.Usage
      for (let i = 0; i <= 1000; i++) yield* usage.message(`c${i}`, 1)
      yield* usage.conversationEnded("c0", true)
      yield* usage.conversationEnded("c1", true)
      assert.deepStrictEqual((yield* conversations).map(({ messageCount }) => messageCount), [undefined, 1])
    }).pipe(Effect.provide(layer)))

  it.effect("records features and providers as they are declared", () =>
    Effect.gen(function*() {
      const usage = yield* Usage.Usage
      const feature = { featureName: "export", action: "started", variant: "b" }
      const call = { provider: "acme", success: false, duration: 12, errorTag: "Timeout" }
      yield* usage.feature(feature)
      yield* usage.provider(call)
      assert.deepStrictEqual(yield* TelemetryTest.events(FeatureUsed), [feature])
      assert.deepStrictEqual(yield* TelemetryTest.events(ProviderCall), [call])
    }).pipe(Effect.provide(layer)))
})
