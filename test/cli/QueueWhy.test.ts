import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { make, type Ran } from "./world.js"

const document = (ran: Ran): Record<string, unknown> => JSON.parse(ran.out)

const tracked = Effect.gen(function*() {
  const world = yield* make
  yield* world.run("enable", "--json")
  yield* world.run("track", "feature_used", "--data", "{\"featureName\":\"[email] x\",\"enabled\":true}", "--json")
  return world
})

describe("queue why", () => {
  it.effect("tells the life of an event by its number and by its id, and shows it as it is sent", () =>
    Effect.gen(function*() {
      const world = yield* tracked
      const found = document(yield* world.run("queue", "why", "1", "--json"))
      expect(found).toMatchObject({
        id: 1,
        eventType: "feature_used",
        redacted: { featureName: ["[email]"] },
        attempts: 0,
        requests: []
      })
      expect(JSON.parse(String(found["event"]))).toMatchObject({ eventData: { featureName: "[email] x" } })
      expect(document(yield* world.run("queue", "why", String(found["eventId"]), "--json"))).toEqual(found)
      const told = yield* world.run("queue", "why", "1")
      expect(told.out).toContain("recorded as feature_used")
      expect(told.out).toContain("redacted before it was stored: featureName ([email])")
    }))

  it.effect("refuses what is no id, and says when there is no such event", () =>
    Effect.gen(function*() {
      const world = yield* tracked
      expect((yield* world.run("queue", "why", "x")).code).toBe(2)
      const missing = yield* world.run("queue", "why", "99")
      expect([missing.code, missing.out]).toEqual([1, ""])
      expect(missing.err).toContain("No such event")
    }))
})

describe("queue sent", () => {
  it.effect("is empty before anything was sent", () =>
    Effect.gen(function*() {
      const world = yield* tracked
      expect(document(yield* world.run("queue", "sent", "--json"))).toEqual({ requests: [] })
      expect((yield* world.run("queue", "sent")).err).toContain("Nothing was sent yet")
      expect((yield* world.run("queue", "sent", "--limit", "0")).code).toBe(2)
    }))
})

describe("debug preview", () => {
  it.effect("prints what would be sent, and refuses data that is not JSON", () =>
    Effect.gen(function*() {
      const world = yield* make
      expect(document(yield* world.run("debug", "preview", "feature_used", "--level", "full", "--json"))).toEqual({
        level: "full",
        body: "{\"events\":[\"feature_used\"]}",
        issue: null,
        fields: []
      })
      expect((yield* world.run("debug", "preview", "feature_used", "--data", "{")).code).toBe(2)
    }))
})

describe("clear --remote", () => {
  it.effect("says what the collector has yet to confirm, and excludes --queue-only", () =>
    Effect.gen(function*() {
      const world = yield* tracked
      expect((yield* world.run("clear", "--remote", "--queue-only", "--yes")).code).toBe(2)
      expect(document(yield* world.run("clear", "--remote", "--yes", "--json"))).toEqual({
        events: 1,
        queue: 0,
        erasure: null
      })
    }))
})
