import "fake-indexeddb/auto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ConsentLocal from "../../src/browser/ConsentLocal.js"
import { layer } from "../../src/browser/index.js"
import { Page } from "../../src/browser/Page.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Telemetry } from "../../src/Telemetry.js"
import { type FakePage, page } from "./page.js"

const endpoint = "https://telemetry.example.com/v1/events"

const live = (on: FakePage) =>
  Layer.orDie(layer({ app: { name: "shop", version: "1" }, endpoint, apiKey: "k", automatic: false, worker: false }))
    .pipe(Layer.provide(Layer.succeed(Page, on)))

const within = <A, E>(on: FakePage, effect: Effect.Effect<A, E, Telemetry | EventStore>) =>
  Effect.scoped(Effect.provide(effect, live(on)))

const ringKeys = ({ storage }: FakePage) =>
  Array.from({ length: storage.length }, (_, i) => storage.key(i)).filter((key) => key?.includes(":last:"))

const keys = ({ storage }: FakePage) => Array.from({ length: storage.length }, (_, i) => storage.key(i))

const enable = Effect.flatMap(Telemetry, (telemetry) => telemetry.enable({ remote: true, level: "basic" }))

const trackOne = Effect.flatMap(Telemetry, (telemetry) => telemetry.trackFeature("export", true))

const stored = Effect.flatMap(EventStore, (store) => store.read({ after: 0, limit: 100 }))

describe("consent in a page", () => {
  it.live("nothing is written and nothing opened before it is given", () =>
    Effect.gen(function*() {
      const on = page()
      yield* within(
        on,
        Effect.gen(function*() {
          const telemetry = yield* Telemetry
          yield* trackOne
          yield* telemetry.flush
          expect((yield* telemetry.status).reason).toBe("not-asked")
        })
      )
      expect(keys(on)).toEqual([])
      expect(yield* Effect.promise(() => on.indexedDB!.databases())).toEqual([])
    }))

  it.live("Global Privacy Control and Do Not Track win over a grant", () =>
    Effect.gen(function*() {
      const on = page()
      yield* within(on, enable)
      const status = yield* within({ ...on, doNotTrack: true }, Effect.flatMap(Telemetry, ({ status }) => status))
      expect(status).toMatchObject({ enabled: false, reason: "do-not-track" })
    }))

  it.live("a record that cannot be understood means off", () =>
    Effect.gen(function*() {
      const on = page()
      on.storage.setItem(ConsentLocal.keyOf("shop"), "{")
      const status = yield* within(on, Effect.flatMap(Telemetry, ({ status }) => status))
      expect(status).toMatchObject({ enabled: false, reason: "unreadable" })
    }))

  it.live("given or withdrawn in one tab it holds in the others at once", () =>
    Effect.gen(function*() {
      const on = page()
      yield* within(
        on,
        Effect.gen(function*() {
          yield* within({ ...on, events: new EventTarget() }, enable)
          on.events.dispatchEvent(Object.assign(new Event("storage"), { key: ConsentLocal.keyOf("shop") }))
          yield* trackOne
          yield* Effect.flatMap(Telemetry, ({ flush }) => flush)
          expect(yield* stored).toHaveLength(1)
        })
      )
    }))
})

describe("the last instant of a page", () => {
  it.live("what was tracked in it is written down at once, and taken over by the next page", () =>
    Effect.gen(function*() {
      const on = page({ later: () => {} })
      yield* within(
        on,
        Effect.gen(function*() {
          yield* enable
          yield* trackOne
          on.events.dispatchEvent(new Event("pagehide"))
          expect(ringKeys(on)).toHaveLength(1)
        })
      )
      const next = { ...on, events: new EventTarget() }
      const events = yield* within(
        next,
        Effect.gen(function*() {
          yield* trackOne
          yield* Effect.flatMap(Telemetry, ({ flush }) => flush)
          return yield* stored
        })
      )
      expect(events).toHaveLength(2)
      expect(ringKeys(on)).toEqual([])
    }))

  it.live("a commit that was on its way when the page was left is stored once", () =>
    Effect.gen(function*() {
      const on = page()
      yield* within(
        on,
        Effect.gen(function*() {
          const telemetry = yield* Telemetry
          yield* enable
          yield* trackOne
          const flushed = yield* Effect.fork(telemetry.flush)
          yield* Effect.yieldNow()
          yield* trackOne
          on.events.dispatchEvent(new Event("pagehide"))
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)))
          yield* flushed
          yield* trackOne
          yield* telemetry.flush
          const ids = (yield* stored).map(({ event }) => event.id)
          expect(new Set(ids).size).toBe(ids.length)
          expect(ids).toHaveLength(3)
          expect(ringKeys(on)).toEqual([])
        })
      )
    }))

  it.live("what does not fit into the ring is refused, and counted once the store takes it", () =>
    Effect.gen(function*() {
      const on = page()
      yield* within(
        on,
        Effect.gen(function*() {
          const telemetry = yield* Telemetry
          yield* enable
          on.storage.refuses = true
          yield* trackOne
          on.events.dispatchEvent(new Event("pagehide"))
          expect(ringKeys(on)).toEqual([])
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)))
          yield* telemetry.flush
          expect(yield* stored).toHaveLength(1)
        })
      )
    }))

  it.live("what waits is sent as one beacon, without cookies, with the key in its body, and stays queued", () =>
    Effect.gen(function*() {
      const sent: Array<RequestInit | undefined> = []
      const on = page({
        fetch: (_, init) => {
          sent.push(init)
          return Promise.reject(new TypeError("cut"))
        }
      })
      yield* within(
        on,
        Effect.gen(function*() {
          const telemetry = yield* Telemetry
          yield* enable
          yield* trackOne
          on.events.dispatchEvent(new Event("pagehide"))
          on.events.dispatchEvent(new Event("pagehide"))
          expect(sent).toHaveLength(1)
          expect(sent[0]).toMatchObject({ keepalive: true, credentials: "omit", referrerPolicy: "no-referrer" })
          expect(JSON.parse(String(sent[0]!.body))).toMatchObject({ key: "k", events: [{ eventType: "feature_used" }] })
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)))
          yield* trackOne
          yield* telemetry.flush
          expect((yield* telemetry.status).queue.pending).toBe(2)
        })
      )
    }))
})
