import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { ConsentGate } from "../../src/consent/ConsentGate.js"
import type * as Consent from "../../src/domain/Consent.js"
import type * as Ledger from "../../src/domain/Ledger.js"
import type { RedactedEvent } from "../../src/domain/TelemetryEvent.js"
import { type AppendGroup, EventStore } from "../../src/persistence/EventStore.js"
import { StoreError } from "../../src/persistence/StoreError.js"
import { granted, off } from "./fixtures.js"

type Behaviour =
  | { readonly _tag: "Works" }
  | { readonly _tag: "Fails" }
  | { readonly _tag: "Dies" }
  /** Locked: sleeps 20 ms and tries again, as often as said. */
  | { readonly _tag: "Locked"; readonly tries: number }

export const works: Behaviour = { _tag: "Works" }
export const fails: Behaviour = { _tag: "Fails" }
export const dies: Behaviour = { _tag: "Dies" }
export const locked = (tries: number): Behaviour => ({ _tag: "Locked", tries })

export const full = new StoreError({ reason: "full", message: "No space left." })

/** An event store that keeps groups, and behaves as told. */
export class FakeStore {
  behaviour: Behaviour = works
  readonly groups: Array<AppendGroup> = []
  readonly events: Array<RedactedEvent> = []
  readonly capture: Partial<Record<Ledger.CaptureTerm, number>> = {}
  attempts = 0

  private add(term: Ledger.CaptureTerm, n: number) {
    this.capture[term] = (this.capture[term] ?? 0) + n
  }

  private readonly write = (group: AppendGroup) =>
    Effect.sync(() => {
      this.groups.push(group)
      this.events.push(...group.events)
      for (const [term, n] of Object.entries(group.counts)) this.add(term as Ledger.CaptureTerm, n ?? 0)
      this.add("recorded", group.events.length)
      return { recorded: group.events.length, overflowed: 0, waiting: this.events.length }
    })

  readonly append: EventStore["Type"]["append"] = (group) =>
    Effect.suspend(() => {
      this.attempts++
      switch (this.behaviour._tag) {
        case "Works":
          return this.write(group)
        case "Fails":
          return Effect.fail(full)
        case "Dies":
          return Effect.die(new Error("broken"))
        case "Locked": {
          const { tries } = this.behaviour
          const again = (left: number): ReturnType<FakeStore["write"]> =>
            left === 0
              ? this.write(group)
              : Effect.zipRight(Effect.sleep("20 millis"), Effect.suspend(() => again(left - 1)))
          return again(tries)
        }
      }
    })

  readonly ids = () => this.events.map((event) => event.time)

  readonly layer = Layer.succeed(EventStore, {
    append: this.append,
    exists: Effect.succeed(true),
    warm: Effect.void,
    read: () => Effect.succeed([]),
    size: Effect.succeed({ events: 0, bytes: 0, oldest: null }),
    ledger: Effect.sync(() => ({ capture: this.capture, destinations: {} })),
    damaged: Effect.succeed({ setAside: 0, kept: [] }),
    clear: Effect.succeed({ events: 0, queue: 0 }),
    expire: () => Effect.succeed({ removed: 0 }),
    relevel: () => Effect.succeed({ changed: 0, dropped: 0 })
  })
}

/** A gate whose stored state is a variable: `stored` is seen at the next refresh, as another process's change would be. */
export class FakeGate {
  current: Consent.Effective = granted()
  stored: Consent.Effective = this.current
  refreshes = 0

  set(effective: Consent.Effective) {
    this.stored = this.current = effective
  }

  readonly layer = Layer.succeed(ConsentGate, {
    unsafeCurrent: () => this.current,
    unsafeProblem: () => null,
    unsafeHashKey: () => this.current.enabled ? "key" : null,
    refresh: Effect.sync(() => {
      this.refreshes++
      return this.current = this.stored
    }),
    changes: Stream.sync(() => this.current),
    follow: (f) => Effect.zipRight(Effect.suspend(() => f(this.current)), Effect.never),
    enable: () => Effect.sync(() => this.current = this.stored = granted()),
    granted: () => Effect.sync(() => this.current = this.stored = granted()),
    disable: () => Effect.sync(() => this.current = this.stored = off),
    erase: () => Effect.sync(() => this.current)
  })
}
