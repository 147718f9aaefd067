import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Intake from "../../src/collection/Intake.js"
import * as Ids from "../../src/domain/Ids.js"
import * as Ledger from "../../src/domain/Ledger.js"
import * as Policy from "../../src/Policy.js"
import { Config, type TelemetryConfig } from "../../src/TelemetryConfig.js"
import { dies, fails, FakeGate, FakeStore, locked, works } from "./fakes.js"
import { config, context, event, granted, off } from "./fixtures.js"

interface Harness {
  readonly intake: Intake.Service
  readonly store: FakeStore
  readonly gate: FakeGate
  readonly close: Effect.Effect<void>
}

const withIntake = <A, E>(
  body: (harness: Harness) => Effect.Effect<A, E>,
  over: Partial<TelemetryConfig> = {}
): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    const store = new FakeStore()
    const gate = new FakeGate()
    const scope = yield* Scope.make()
    const services = yield* Layer.buildWithScope(
      Intake.layer.pipe(Layer.provide([
        store.layer,
        gate.layer,
        Ids.layerSeeded(1),
        Layer.succeed(Config, { ...config, ...over })
      ])),
      scope
    )
    const close = Scope.close(scope, Exit.void)
    const intake = Context.get(services, Intake.Intake)
    return yield* Effect.ensuring(body({ intake, store, gate, close }), close)
  })

const settle = Effect.yieldNow().pipe(Effect.repeatN(20))

const offer = (intake: Intake.Service, from: number, to: number) => {
  for (let n = from; n <= to; n++) intake.unsafeOffer(event(n))
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

const balance = (store: FakeStore) => Ledger.imbalance({ capture: store.capture, destinations: {} }).capture

describe("committing", () => {
  it.effect("gathers for the linger and commits a group at once", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 3)
        yield* TestClock.adjust(49)
        assert.strictEqual(store.attempts, 0)
        yield* TestClock.adjust(1)
        assert.strictEqual(store.groups.length, 1)
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
        assert.deepStrictEqual(store.groups[0]!.counts, { offered: 3 })
        assert.strictEqual(intake.unsafeSize(), 0)
      })
    ))

  it.effect("does not wait for the linger once half the buffer is full", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 1)
        yield* settle
        offer(intake, 2, 5)
        yield* settle
        assert.deepStrictEqual(store.ids(), [1, 2, 3, 4, 5])
      })
    ))

  it.effect("a flush cuts the linger short, and the next group has a whole one", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 1)
        yield* TestClock.adjust(30)
        yield* intake.flush
        assert.deepStrictEqual(store.ids(), [1])
        offer(intake, 2, 2)
        yield* TestClock.adjust(49)
        assert.strictEqual(store.attempts, 1)
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(store.ids(), [1, 2])
      })
    ))

  it.effect("has no timer and asks nobody while the buffer is empty", () =>
    withIntake(({ gate, store }) =>
      Effect.gen(function*() {
        yield* settle
        assert.strictEqual((yield* TestClock.sleeps()).length, 0)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(store.attempts, 0)
        assert.strictEqual(gate.refreshes, 0)
      })
    ))

  it.effect("takes no more than the largest group in one commit, in order", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 2500)
        yield* intake.flush
        assert.deepStrictEqual(store.groups.map((group) => group.events.length), [
          Policy.maxGroupSize,
          Policy.maxGroupSize,
          500
        ])
        assert.deepStrictEqual(store.ids(), range(1, 2500))
      }), { bufferSize: 3000 }))

  it.effect("tells listeners what was committed, whatever they throw", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        const seen: Array<number> = []
        intake.unsafeOnCommit(() => {
          throw new Error("mine")
        })
        const end = intake.unsafeOnCommit((commit) => seen.push(commit.result.waiting))
        offer(intake, 1, 2)
        yield* intake.flush
        end()
        offer(intake, 3, 3)
        yield* intake.flush
        assert.deepStrictEqual(seen, [2])
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
      })
    ))
})

describe("counting", () => {
  it.effect("folds what ended before a commit into the next one", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        intake.unsafeCount("filtered:level")
        intake.unsafeCount("filtered:sampling")
        intake.unsafeCount("dropped:invalid")
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(store.attempts, 0)
        assert.deepStrictEqual(yield* intake.uncommitted, {
          offered: 3,
          "filtered:level": 1,
          "filtered:sampling": 1,
          "dropped:invalid": 1
        })
        offer(intake, 1, 1)
        yield* intake.flush
        assert.deepStrictEqual(store.capture, {
          offered: 4,
          recorded: 1,
          "filtered:level": 1,
          "filtered:sampling": 1,
          "dropped:invalid": 1
        })
        assert.deepStrictEqual(yield* intake.uncommitted, { offered: 0 })
      })
    ))

  it.effect("commits counts alone when asked to flush", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        intake.unsafeCount("filtered:level")
        yield* intake.flush
        assert.deepStrictEqual(store.capture, { offered: 1, recorded: 0, "filtered:level": 1 })
      })
    ))

  it.effect("refuses the newest when full", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 13)
        yield* intake.flush
        assert.deepStrictEqual(store.ids(), range(1, 10))
        assert.deepStrictEqual(store.capture, { offered: 13, recorded: 10, "dropped:overflow": 3 })
      })
    ))

  it.effect("lets go of the oldest when full, where that is the policy", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 13)
        yield* intake.flush
        assert.deepStrictEqual(store.ids(), range(4, 13))
        assert.deepStrictEqual(store.capture, { offered: 13, recorded: 10, "dropped:overflow": 3 })
      }), { overflow: "drop-oldest" }))
})

describe("an overflow while a commit is under way", () => {
  it.effect("lets go of the newest, for the oldest is with the store", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = locked(1)
        offer(intake, 1, 2)
        const fiber = yield* Effect.fork(intake.flush)
        yield* settle
        store.behaviour = works
        offer(intake, 3, 4)
        yield* TestClock.adjust(20)
        yield* Fiber.join(fiber)
        yield* intake.flush
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
        assert.deepStrictEqual(store.capture, { offered: 4, recorded: 3, "dropped:overflow": 1 })
      }), { bufferSize: 3, overflow: "drop-oldest" }))
})

describe("a store that refuses", () => {
  it.effect("keeps the group, is asked less and less often, and takes everything once it works", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = fails
        offer(intake, 1, 3)
        yield* TestClock.adjust("10 minutes")
        assert.strictEqual((yield* intake.storeError)?.reason, "full")
        const tried = store.attempts
        assert.isAtLeast(tried, 20)
        assert.isAtMost(tried, 40)
        store.behaviour = works
        yield* TestClock.adjust(Policy.maxCommitRetryMillis + 50)
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
        assert.isNull(yield* intake.storeError)
        assert.strictEqual(balance(store), 0)
      })
    ))

  it.effect("is asked quickly again after it has worked", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = fails
        offer(intake, 1, 1)
        yield* TestClock.adjust("10 minutes")
        store.behaviour = works
        yield* intake.flush
        store.behaviour = fails
        offer(intake, 2, 2)
        yield* TestClock.adjust(50)
        store.behaviour = works
        yield* TestClock.adjust(Policy.commitRetryMillis + 50)
        assert.deepStrictEqual(store.ids(), [1, 2])
      })
    ))

  it.effect("counts what the buffer cannot hold meanwhile", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = fails
        offer(intake, 1, 25)
        yield* intake.flush
        assert.strictEqual(intake.unsafeSize(), 10)
        assert.deepStrictEqual(yield* intake.uncommitted, { offered: 15, "dropped:overflow": 15 })
        store.behaviour = works
        yield* intake.flush
        assert.deepStrictEqual(store.capture, { offered: 25, recorded: 10, "dropped:overflow": 15 })
      })
    ))

  it.effect("that is broken is treated like one that refuses", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = dies
        offer(intake, 1, 2)
        yield* TestClock.adjust(50)
        assert.strictEqual((yield* intake.storeError)?.reason, "unavailable")
        store.behaviour = works
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(store.ids(), [1, 2])
      })
    ))
})

describe("consent that goes", () => {
  it.effect("between track and commit: the events are let go of, and nothing is written", () =>
    withIntake(({ gate, intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 3)
        gate.stored = off
        yield* intake.flush
        assert.strictEqual(store.attempts, 0)
        assert.strictEqual(intake.unsafeSize(), 0)
        assert.deepStrictEqual(yield* intake.uncommitted, { offered: 3, "dropped:consent": 3 })
      })
    ))

  it.effect("and comes back under another epoch: only what was recorded since is committed", () =>
    withIntake(({ gate, intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 3)
        const epoch = "00000000-0000-4000-8000-00000000000b"
        gate.set(granted("basic", epoch))
        intake.unsafeOffer(event(4, { context: context({ epoch }) }))
        yield* intake.flush
        assert.deepStrictEqual(store.ids(), [4])
        assert.deepStrictEqual(store.capture, { offered: 4, recorded: 1, "dropped:consent": 3 })
      })
    ))

  it.effect("is looked at again before each commit of a long line", () =>
    withIntake(({ gate, intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 1500)
        intake.unsafeOnCommit(() => {
          gate.stored = off
        })
        yield* intake.flush
        assert.strictEqual(store.events.length, Policy.maxGroupSize)
        assert.strictEqual(intake.unsafeSize(), 0)
      }), { bufferSize: 2000 }))
})

describe("flush", () => {
  it.effect("returns at once when there is nothing to commit", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        yield* intake.flush
        assert.strictEqual(store.attempts, 0)
      })
    ))

  it.effect("returns when the store refuses", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = fails
        offer(intake, 1, 2)
        yield* intake.flush
        assert.strictEqual(store.attempts, 1)
        assert.strictEqual(intake.unsafeSize(), 2)
      })
    ))

  it.effect("tries at once while the writer waits for a store that has refused", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = fails
        offer(intake, 1, 1)
        yield* TestClock.adjust("10 minutes")
        store.behaviour = works
        offer(intake, 2, 2)
        yield* intake.flush
        assert.deepStrictEqual(store.ids(), [1, 2])
      })
    ))

  it.effect("waits for a commit that is under way", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = locked(3)
        offer(intake, 1, 2)
        const first = yield* Effect.fork(intake.flush)
        yield* settle
        store.behaviour = works
        offer(intake, 3, 3)
        const second = yield* Effect.fork(intake.flush)
        yield* settle
        assert.isNull(first.unsafePoll())
        yield* TestClock.adjust(60)
        yield* Fiber.join(first)
        yield* Fiber.join(second)
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
        assert.strictEqual(store.groups.length, 2)
      })
    ))

  it.effect("waits for every group of a long line", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = locked(1)
        offer(intake, 1, 1500)
        const fiber = yield* Effect.fork(intake.flush)
        yield* TestClock.adjust(20)
        assert.strictEqual(store.events.length, Policy.maxGroupSize)
        assert.isNull(fiber.unsafePoll())
        yield* TestClock.adjust(20)
        yield* Fiber.join(fiber)
        assert.strictEqual(store.events.length, 1500)
      }), { bufferSize: 3000 }))

  it.effect("can be given up without harm", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = locked(3)
        offer(intake, 1, 1)
        const fiber = yield* Effect.fork(intake.flush)
        yield* settle
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust(60)
        assert.deepStrictEqual(store.ids(), [1])
        assert.strictEqual(balance(store), 0)
      })
    ))
})

describe("commitNow", () => {
  it.effect("commits on the caller's stack while the writer is asleep", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 2)
        yield* settle
        offer(intake, 3, 3)
        Effect.runSync(intake.commitNow)
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(store.groups.length, 1)
      })
    ))

  it.effect("commits in the very tick of the offer", () =>
    withIntake(({ intake, store }) =>
      Effect.sync(() => {
        offer(intake, 1, 2)
        Effect.runSync(intake.commitNow)
        assert.deepStrictEqual(store.ids(), [1, 2])
      })
    ))

  it.effect("takes over what the writer sleeps over, once", () =>
    withIntake(({ intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = locked(50)
        offer(intake, 1, 2)
        yield* TestClock.adjust(60)
        assert.deepStrictEqual(store.ids(), [])
        offer(intake, 3, 3)
        Effect.runSync(intake.commitNow)
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
        assert.strictEqual(balance(store), 0)
        store.behaviour = works
        offer(intake, 4, 4)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(store.ids(), [1, 2, 3, 4])
      })
    ))

  it.effect("gives up when the store refuses, and keeps the events", () =>
    withIntake(({ intake, store }) =>
      Effect.sync(() => {
        store.behaviour = fails
        offer(intake, 1, 2)
        Effect.runSync(intake.commitNow)
        assert.strictEqual(intake.unsafeSize(), 2)
      })
    ))
})

describe("the end of the scope", () => {
  it.effect("commits what is buffered and refuses what comes after", () =>
    withIntake(({ close, intake, store }) =>
      Effect.gen(function*() {
        offer(intake, 1, 2)
        yield* close
        assert.deepStrictEqual(store.ids(), [1, 2])
        offer(intake, 3, 3)
        intake.unsafeCount("filtered:level")
        yield* intake.flush
        Effect.runSync(intake.commitNow)
        assert.deepStrictEqual(store.ids(), [1, 2])
        assert.deepInclude(yield* intake.uncommitted, { "dropped:closed": 2 })
      })
    ))

  it.effect("waits for a commit under way, and writes no event twice", () =>
    withIntake(({ close, intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = locked(2)
        offer(intake, 1, 2)
        yield* TestClock.adjust(60)
        offer(intake, 3, 3)
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(closing)
        assert.deepStrictEqual(store.ids(), [1, 2, 3])
      })
    ))

  it.effect("counts what the store would not take", () =>
    withIntake(({ close, intake, store }) =>
      Effect.gen(function*() {
        store.behaviour = fails
        offer(intake, 1, 2)
        yield* close
        assert.deepStrictEqual(yield* intake.uncommitted, { offered: 2, "dropped:store": 2 })
      })
    ))

  it.effect("opens no store when nothing was tracked, nor when telemetry is off", () =>
    withIntake(({ close, gate, store }) =>
      Effect.gen(function*() {
        gate.set(off)
        yield* close
        assert.strictEqual(store.attempts, 0)
      })
    ))
})

type Action =
  | { readonly _tag: "Offer"; readonly n: number }
  | { readonly _tag: "Count" | "Flush" | "Now" | "Withdraw" | "Grant" | "Wait" }
  | { readonly _tag: "Store"; readonly as: "works" | "fails" | "dies" | "locked" }

const simple: ReadonlyArray<Action> = [
  { _tag: "Count" },
  { _tag: "Flush" },
  { _tag: "Now" },
  { _tag: "Withdraw" },
  { _tag: "Grant" },
  { _tag: "Wait" }
]

const offers: FastCheck.Arbitrary<Action> = FastCheck.integer({ min: 1, max: 9 }).map((n) => ({ _tag: "Offer", n }))

const faults: FastCheck.Arbitrary<Action> = FastCheck.constantFrom(
  "works" as const,
  "fails" as const,
  "dies" as const,
  "locked" as const
).map((as) => ({
  _tag: "Store",
  as
}))

const action: FastCheck.Arbitrary<Action> = FastCheck.oneof(
  { weight: 6, arbitrary: offers },
  { weight: 6, arbitrary: FastCheck.constantFrom(...simple) },
  { weight: 2, arbitrary: faults }
)

describe("over any history", () => {
  it.effect.prop("every commit balances, nothing is lost, doubled or out of order", [
    FastCheck.array(action, { minLength: 10, maxLength: 40 }),
    FastCheck.constantFrom("drop-newest" as const, "drop-oldest" as const)
  ], ([actions, overflow]) =>
    withIntake(({ close, gate, intake, store }) =>
      Effect.gen(function*() {
        const behaviours = { works, fails, dies, locked: locked(2) }
        let offered = 0
        let counted = 0
        let epoch = 0
        let current = context()
        for (const step of actions) {
          switch (step._tag) {
            case "Offer":
              if (!gate.current.enabled) break
              for (let i = 0; i < step.n; i++) intake.unsafeOffer(event(++offered, { context: current }))
              break
            case "Count":
              intake.unsafeCount("filtered:sampling")
              counted++
              break
            case "Flush":
              yield* Effect.fork(intake.flush)
              break
            case "Now":
              Effect.runSync(intake.commitNow)
              break
            case "Withdraw":
              gate.set(off)
              break
            case "Grant":
              current = context({ epoch: `00000000-0000-4000-8000-${String(++epoch).padStart(12, "0")}` })
              gate.set(granted("basic", current.epoch))
              break
            case "Wait":
              yield* TestClock.adjust(70)
              break
            case "Store":
              store.behaviour = behaviours[step.as]
          }
          assert.strictEqual(balance(store), 0)
        }
        store.behaviour = works
        gate.set(granted("basic", current.epoch))
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(closing)
        assert.strictEqual(balance(store), 0)
        assert.strictEqual(store.capture.offered ?? 0, offered + counted)
        assert.strictEqual(store.capture["filtered:sampling"] ?? 0, counted)
        assert.deepStrictEqual(store.ids(), [...new Set(store.ids())].sort((a, b) => a - b))
      }), { overflow }), { fastCheck: { numRuns: 80 } })
})
