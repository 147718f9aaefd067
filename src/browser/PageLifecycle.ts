/**
 * What happens to a page and matters here: it is hidden, left, frozen and shown again, the network comes back, another tab
 * changes the consent.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { ErrorTracking } from "../collection/ErrorTracking.js"
import { Intake } from "../collection/Intake.js"
import { ConsentGate } from "../consent/ConsentGate.js"
import * as Destination from "../domain/Destination.js"
import * as Permission from "../scheduling/Permission.js"
import { Worker } from "../scheduling/Worker.js"
import * as Endpoint from "../submission/Endpoint.js"
import { Config } from "../TelemetryConfig.js"
import * as Beacon from "./Beacon.js"
import * as ConsentLocal from "./ConsentLocal.js"
import { Page } from "./Page.js"
import { LastInstant } from "./storage/BrowserStore.js"
import { Tabs } from "./Tabs.js"

/** Turns of the page's microtasks in which a commit that was on its way ends, and the next one begins. */
const settlingTurns = 20

/** Where beacons go; null where the endpoint cannot be used. */
const target = Effect.map(Config, ({ apiKey, endpoint }) => {
  const parsed = endpoint === null ? null : Endpoint.parse(endpoint)
  const key = apiKey === null ? "" : Redacted.value(apiKey)
  return parsed?._tag === "Right" ? { ...parsed.right, key: key === "" ? null : key } : null
})

/** Sends what waits and was not sent this way before, without waiting for anything. */
const makeBeacon = Effect.gen(function*() {
  const page = yield* Page
  const gate = yield* ConsentGate
  const last = yield* LastInstant
  const to = yield* target
  const sent = new Set<string>()
  return Effect.clockWith((clock) =>
    Effect.sync(() => {
      const effective = gate.unsafeCurrent()
      if (to === null || !page.isOnline() || Permission.of(effective, to.origin)._tag !== "Granted") return
      const now = clock.unsafeCurrentTimeMillis()
      const waiting = last.unsafeWaiting(Destination.defaultId, now).filter(({ id }) => !sent.has(id))
      const body = Beacon.body(waiting, effective, to.key)
      if (body === null || !Beacon.send(page, to.url, body.text)) return
      for (const id of body.ids) sent.add(id)
    })
  )
})

const listen = (
  target: EventTarget,
  listeners: Readonly<Record<string, (event: Event) => void>>
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      for (const [name, listener] of Object.entries(listeners)) target.addEventListener(name, listener)
    }),
    () =>
      Effect.sync(() => {
        for (const [name, listener] of Object.entries(listeners)) target.removeEventListener(name, listener)
      })
  )

const keyOf = (event: Event): string | null => "key" in event && typeof event.key === "string" ? event.key : null

const make = (app: string, beacons: boolean) =>
  Effect.gen(function*() {
    const page = yield* Page
    const intake = yield* Intake
    const errors = yield* ErrorTracking
    const gate = yield* ConsentGate
    const last = yield* LastInstant
    const tabs = yield* Tabs
    const worker = yield* Worker
    const beacon = beacons ? yield* makeBeacon : Effect.void
    const run = Runtime.runSyncExit(yield* Effect.runtime<never>())
    let leaving = false

    const commit = (): void => {
      run(Effect.zipRight(errors.settle, intake.commitNow))
      run(beacon)
    }

    const settle = async (): Promise<void> => {
      for (let i = 0; i < settlingTurns; i++) await undefined
      if (leaving) commit()
    }

    /** Until the page's next turn, should it have one, everything is written down on the spot. */
    const leave = (): void => {
      last.unsafeSet(true)
      commit()
      if (leaving) return
      leaving = true
      void settle()
      page.later(() => {
        leaving = false
        last.unsafeSet(false)
      })
    }

    const sleep = (): void => {
      leave()
      tabs.unsafeAwake(false)
    }

    const wake = (): void => {
      tabs.unsafeAwake(true)
      run(gate.refresh)
      worker.unsafeWake()
    }

    tabs.unsafeOnTurn(() => worker.unsafeWake())
    yield* listen(page.events, {
      visibilitychange: () => page.isHidden() ? leave() : run(gate.refresh),
      pagehide: sleep,
      freeze: sleep,
      resume: wake,
      pageshow: wake,
      online: () => worker.unsafeWake("online"),
      storage: (event) => {
        const key = keyOf(event)
        if (key === null || key === ConsentLocal.keyOf(app)) run(gate.refresh)
        if (last.unsafeNotice(key)) worker.unsafeWake()
      }
    })
  })

/**
 * Listens for as long as its scope is open. `beacons`: what waits for the default destination is also sent when the page is
 * left.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  app: string,
  beacons: boolean
): Layer.Layer<never, never, Intake | ErrorTracking | ConsentGate | LastInstant | Tabs | Worker | Config> =>
  Layer.scopedDiscard(make(app, beacons))
