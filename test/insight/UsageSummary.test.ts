import { describe, expect, it } from "@effect/vitest"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as Rollup from "../../src/domain/Rollup.js"
import type { RedactedEvent } from "../../src/domain/TelemetryEvent.js"
import * as Usage from "../../src/insight/UsageSummary.js"
import { context, event } from "../suites/events.js"

const hour = 3_600_000
/** Monday, 2026-11-16, midnight in UTC. */
const monday = Date.UTC(2026, 10, 16)
const second = context({ sessionId: "33333333-3333-4333-8333-333333333333" })

let n = 0
const made = (type: string, data: object, options: Parameters<typeof event>[1] = {}) =>
  event(n++, { type, data: JSON.stringify(data), time: monday + 9 * hour, ...options })

const usageOf = (events: ReadonlyArray<RedactedEvent>): Usage.Usage => {
  const fold = Usage.fold()
  const definition = (type: string) => EventCatalog.builtIn.find((known) => known.type === type)
  for (const rollup of Rollup.folder(definition)(events)) fold.addRollup(rollup)
  events.forEach(fold.addEvent)
  return fold.usage()
}

describe("usage", () => {
  it("ranks features by use and says what share of the sessions used them", () => {
    const usage = usageOf([
      made("feature_used", { featureName: "export", enabled: true }),
      made("feature_used", { featureName: "export", enabled: true }),
      made("feature_used", { featureName: "import", enabled: true }, { context: second }),
      made("feature_used", { featureName: "export", enabled: true }, { context: second }),
      made("query_performed", { queryType: "text" }, { context: context({ sessionId: "third" }) })
    ])
    expect(usage.features).toEqual([
      { feature: "export", uses: 3, sessions: 2, adoption: 2 / 3 },
      { feature: "import", uses: 1, sessions: 1, adoption: 1 / 3 }
    ])
  })

  it("counts commands and providers with their success and their times", () => {
    const usage = usageOf([
      made("command_executed", { command: "build", args: [], duration: 100, exitCode: 0 }),
      made("command_executed", { command: "build", args: [], duration: 300, exitCode: 1 }),
      made("command_executed", { command: "test", args: [], duration: 50, exitCode: 0 }, { rate: 0.25 }),
      made("provider_call", { provider: "p", success: true, duration: 10 }),
      made("provider_call", { provider: "p", success: true, duration: 20 }),
      made("provider_call", { provider: "p", success: false, duration: 60 }),
      made("provider_call", { provider: "p", success: true, duration: 30 })
    ])
    expect(usage.commands).toMatchObject([
      { name: "test", count: 4, errors: 0, successRate: 1, mean: 50 },
      { name: "build", count: 2, errors: 1, successRate: 0.5, mean: 200 }
    ])
    const [provider] = usage.providers
    expect(provider).toMatchObject({ name: "p", count: 4, errors: 1, successRate: 0.75, mean: 30 })
    expect(Math.abs((provider?.p50 ?? 0) - 20)).toBeLessThan(0.2)
  })

  it("follows conversations to their last word", () => {
    const usage = usageOf([
      made("conversation", { conversationId: "a", phase: "started" }),
      made("conversation", {
        conversationId: "a",
        phase: "ended",
        messageCount: 8,
        averageMessageLength: 100,
        completed: true
      }),
      made("conversation", {
        conversationId: "b",
        phase: "ended",
        messageCount: 2,
        averageMessageLength: 50,
        completed: false
      }),
      made("conversation", { conversationId: "c", phase: "started" })
    ])
    expect(usage.conversations).toEqual({
      count: 3,
      completed: 1,
      completionRate: 1 / 3,
      meanLength: 5,
      meanMessageLength: 90
    })
  })

  it("says what became of suggestions, scaled by sampling", () => {
    const usage = usageOf([
      made("suggestion", { suggestionType: "rename", outcome: "shown" }, { rate: 0.5 }),
      made("suggestion", { suggestionType: "rename", outcome: "shown" }, { rate: 0.5 }),
      made("suggestion", { suggestionType: "rename", outcome: "accepted", timeToInteract: 400 }),
      made("suggestion", { suggestionType: "rename", outcome: "dismissed", timeToInteract: 200 }),
      made("suggestion", { suggestionType: "split", outcome: "dismissed" })
    ])
    expect(usage.suggestions).toEqual([
      { type: "rename", shown: 4, accepted: 1, dismissed: 1, acceptanceRate: 0.25, meanTimeToInteract: 300 },
      { type: "split", shown: 0, accepted: 0, dismissed: 1, acceptanceRate: null, meanTimeToInteract: null }
    ])
  })

  it("knows sessions and when people are active, without what telemetry does by itself", () => {
    const sunday = monday + 6 * 24 * hour + 23 * hour
    const usage = usageOf([
      made("session_started", {}),
      made("session_started", {}, { context: second }),
      made("session_ended", { duration: 1000, events: 2, errors: 0 }),
      made("session_ended", { duration: 3000, events: 2, errors: 0 }, { context: second }),
      made("feature_used", { featureName: "export" }),
      made("feature_used", { featureName: "export" }, { time: sunday }),
      made("feature_used", { featureName: "export" }, { time: sunday + 1 })
    ])
    expect(usage.sessions).toMatchObject({ started: 2, meanDuration: 2000 })
    expect(usage.activity.byHour.map((count, at) => [at, count]).filter(([, count]) => count !== 0))
      .toEqual([[9, 1], [23, 2]])
    expect(usage.activity.byWeekday).toEqual([1, 0, 0, 0, 0, 0, 2])
  })

  it("of nothing says nothing", () => {
    expect(usageOf([])).toEqual({
      features: [],
      commands: [],
      providers: [],
      conversations: { count: 0, completed: 0, completionRate: null, meanLength: null, meanMessageLength: null },
      suggestions: [],
      sessions: { started: 0, meanDuration: null, medianDuration: null },
      activity: { byHour: Array.from({ length: 24 }, () => 0), byWeekday: Array.from({ length: 7 }, () => 0) }
    })
  })
})
