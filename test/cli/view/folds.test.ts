import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Errors from "../../../src/cli/view/Errors.js"
import * as Sessions from "../../../src/cli/view/Sessions.js"
import { type RedactedEvent, unsafeRedacted } from "../../../src/domain/TelemetryEvent.js"

const event = (
  type: string,
  data: unknown,
  { rate = 1, session = "s", suppressed = 0, time = 1_000 }: {
    readonly time?: number
    readonly session?: string
    readonly rate?: number
    readonly suppressed?: number
  } = {}
): RedactedEvent =>
  unsafeRedacted({
    id: "e",
    type,
    time,
    data: JSON.stringify(data),
    rate,
    suppressed,
    context: {
      sessionId: session,
      installationId: null,
      app: { name: "ax", version: "1" },
      epoch: "p",
      level: "full",
      remote: false
    }
  })

const error = (fingerprint: string, more: Readonly<Record<string, unknown>> = {}) => ({
  errorType: "E",
  message: "m",
  fingerprint,
  severity: "ERROR",
  fatal: false,
  count: 1,
  ...more
})

describe("errors", () => {
  it("are counted by fingerprint, with repeats, sampling and throttling, and the newest speaks for all", () => {
    const fold = Errors.fold()
    fold.add(event("error_occurred", error("a", { message: "old" }), { time: 5_000 }))
    fold.add(event("error_occurred", error("b"), { time: 1 }))
    fold.add(
      event("error_occurred", error("a", { count: 3, message: "new" }), { time: 9_000, rate: 0.5, session: "t" })
    )
    fold.add(event("error_occurred", error("a", { fatal: true, message: "last" }), { time: 12_000, suppressed: 4 }))
    expect(fold.groups()).toMatchObject([
      { fingerprint: "a", message: "last", count: 1 + 6 + 5, sessions: 2, firstAt: 5_000, lastAt: 12_000, fatal: true },
      { fingerprint: "b", count: 1, sessions: 1, firstAt: 1, lastAt: 1, fatal: false }
    ])
    expect([...fold.groups()[0]!.byDay]).toEqual([[0, { fatal: 5, other: 7 }]])
  })

  it.prop(
    "are all counted whatever their data holds",
    [fc.array(fc.dictionary(fc.string(), fc.jsonValue()))],
    ([all]) => {
      const fold = Errors.fold()
      for (const data of all) fold.add(event("error_occurred", { ...data, count: 1 }))
      expect(fold.groups().reduce((n, { count }) => n + count, 0)).toBe(all.length)
    }
  )
})

describe("sessions", () => {
  it("last as long as they say, else from the first event to the last", () => {
    const fold = Sessions.fold()
    fold.add(event("session_started", {}, { time: 1_000, session: "a" }))
    fold.add(event("feature_used", { featureName: "x" }, { time: 4_000, session: "a" }))
    fold.add(event("command_executed", { exitCode: 1 }, { time: 2_000, session: "b", rate: 0.5 }))
    fold.add(event("session_ended", { duration: 60_000, events: 1, errors: 1 }, { time: 3_000, session: "b" }))
    expect(fold.sessions()).toMatchObject([
      { id: "b", firstAt: 2_000, duration: 60_000, ended: true, events: 3, errors: 2 },
      { id: "a", firstAt: 1_000, duration: 3_000, ended: false, events: 2, errors: 0 }
    ])
  })

  it.each([[0, "0 ms"], [999, "999 ms"], [12_400, "12 s"], [125_000, "2 min 5 s"], [7_440_000, "2 h 4 min"]])(
    "%d milliseconds are said as %s",
    (millis, text) => {
      expect(Sessions.span(millis)).toBe(text)
    }
  )
})
