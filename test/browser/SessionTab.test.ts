import "fake-indexeddb/auto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layer } from "../../src/browser/index.js"
import { Page } from "../../src/browser/Page.js"
import { Session } from "../../src/collection/Session.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Telemetry } from "../../src/Telemetry.js"
import { FakeStorage, page } from "./page.js"

const visit = <A, E>(
  tab: FakeStorage,
  on: Page["Type"],
  effect: Effect.Effect<A, E, Telemetry | EventStore | Session>
) =>
  effect.pipe(
    Effect.provide(Layer.orDie(layer({ app: { name: "shop", version: "1" }, worker: false }))),
    Effect.scoped,
    Effect.provideService(Page, { ...on, tabStorage: tab })
  )

const view = Effect.gen(function*() {
  const telemetry = yield* Telemetry
  yield* telemetry.trackFeature("view", true)
  yield* telemetry.flush
  return (yield* Session).unsafeContext().sessionId
})

const types = Effect.flatMap(
  EventStore,
  (store) => Effect.map(store.read({ after: 0, limit: 100 }), (found) => found.map(({ event }) => event.type))
)

describe("the session of a tab", () => {
  it.live("goes on from page to page, and begins once", () =>
    Effect.gen(function*() {
      const on = page()
      const tab = new FakeStorage()
      const first = yield* visit(
        tab,
        on,
        Effect.zipRight(Effect.flatMap(Telemetry, (telemetry) => telemetry.enable({ level: "basic" })), view)
      )
      expect(yield* visit(tab, on, view)).toBe(first)
      expect(yield* visit(new FakeStorage(), on, view)).not.toBe(first)
      const found = yield* visit(tab, on, types)
      expect(found.filter((type) => type === "session_started")).toHaveLength(2)
      expect(found).not.toContain("session_ended")
    }))

  it.live("leaves nothing in the tab before consent, and nothing after it is withdrawn", () =>
    Effect.gen(function*() {
      const on = page()
      const tab = new FakeStorage()
      yield* visit(tab, on, view)
      expect(tab.length).toBe(0)
      yield* visit(
        tab,
        on,
        Effect.gen(function*() {
          const telemetry = yield* Telemetry
          yield* telemetry.enable({ level: "basic" })
          yield* view
          expect(tab.length).toBe(1)
          yield* telemetry.disable({})
          yield* Effect.yieldNow()
        })
      )
      expect(tab.length).toBe(0)
    }))

  it.live("begins anew where what is kept is damaged, or nothing can be", () =>
    Effect.gen(function*() {
      const on = page()
      const tab = new FakeStorage()
      const enabled = Effect.flatMap(Telemetry, (telemetry) => telemetry.enable({ level: "basic" }))
      const first = yield* visit(tab, on, Effect.zipRight(enabled, view))
      tab.setItem(tab.key(0) ?? "", "{\"id\":1")
      const second = yield* visit(tab, on, view)
      expect(second).not.toBe(first)
      const full = new FakeStorage()
      full.refuses = true
      expect(yield* visit(full, on, view)).not.toBe(second)
    }))
})
