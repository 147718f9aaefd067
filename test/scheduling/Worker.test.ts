import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { StoreError } from "../../src/persistence/StoreError.js"
import * as Network from "../../src/scheduling/Network.js"
import { Submitter } from "../../src/scheduling/Submitter.js"
import * as Worker from "../../src/scheduling/Worker.js"
import * as World from "./world.js"

/** A worker in a scope that the test closes. */
const start = Effect.gen(function*() {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(Worker.layer, scope)
  // The fiber gets to its first rest.
  yield* Effect.yieldNow()
  return { worker: Context.get(context, Worker.Worker), close: Scope.close(scope, Exit.void) }
})

const nothing = { submitted: 0, rejected: 0, failed: 0, remaining: 0, lastError: null }

describe("Worker", () => {
  it.effect("drains soon after the start, then an interval after something came into the empty queue", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      yield* World.record(3)
      const { close, worker } = yield* start
      expect(endpoint.calls.length).toBe(0)
      yield* TestClock.adjust("1 seconds")
      expect(endpoint.stored.size).toBe(3)
      yield* TestClock.adjust("40 seconds")
      yield* World.record(2)
      worker.unsafeArrived(2)
      yield* TestClock.adjust("20 seconds")
      yield* World.record(1)
      worker.unsafeArrived(3)
      yield* TestClock.adjust("9 seconds")
      expect(endpoint.stored.size).toBe(3)
      yield* TestClock.adjust("1 seconds")
      expect(endpoint.stored.size).toBe(6)
      yield* close
    }).pipe(Effect.provide(World.world(endpoint)))
  })

  it.effect("sends a full batch at once, also into a queue that was empty", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const { close, worker } = yield* start
      yield* TestClock.adjust("10 seconds")
      yield* World.record(100)
      worker.unsafeArrived(100)
      yield* TestClock.adjust(0)
      expect(endpoint.stored.size).toBe(100)
      yield* close
    }).pipe(Effect.provide(World.world(endpoint)))
  })

  it.effect("with an empty queue looks seldom for what other processes have left", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const { close } = yield* start
      yield* TestClock.adjust("2 seconds")
      yield* World.record(1)
      yield* TestClock.adjust("298 seconds")
      expect(endpoint.stored.size).toBe(0)
      yield* TestClock.adjust("2 seconds")
      expect(endpoint.stored.size).toBe(1)
      yield* close
    }).pipe(Effect.provide(World.world(endpoint)))
  })

  it.effect("a wake drains at once, and many wakes are one", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const { close, worker } = yield* start
      yield* World.record(3)
      for (let i = 0; i < 5; i++) worker.unsafeWake()
      yield* TestClock.adjust(0)
      expect(endpoint.stored.size).toBe(3)
      expect(endpoint.calls.length).toBe(1)
      yield* close
    }).pipe(Effect.provide(World.world(endpoint)))
  })

  it.effect("those who wake again and again neither disturb a back-off nor cause tiny requests", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      yield* World.record(900)
      const { close, worker } = yield* start
      const busy = Effect.gen(function*() {
        yield* World.record(5)
        worker.unsafeWake()
        yield* TestClock.adjust("1 seconds")
      })
      yield* Effect.repeatN(busy, 29)
      // 200 at once and 1,000 a minute: some 700 in half a minute, in batches of 100.
      expect(endpoint.calls.length).toBeLessThanOrEqual(8)
      expect(endpoint.stored.size).toBeGreaterThanOrEqual(600)
      endpoint.respond = World.away
      yield* TestClock.adjust("2 minutes")
      const tried = endpoint.calls.length
      yield* Effect.repeatN(busy, 4)
      expect(endpoint.calls.length - tried).toBeLessThanOrEqual(1)
      yield* close
    }).pipe(Effect.provide(World.world(endpoint)))
  })

  it.effect("drains a backlog as fast as the limit allows, not one batch an interval", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      yield* World.record(1_200)
      const { close } = yield* start
      yield* TestClock.adjust("61 seconds")
      expect(endpoint.stored.size).toBe(1_200)
      expect(endpoint.calls.length).toBeLessThan(20)
      yield* close
    }).pipe(Effect.provide(World.world(endpoint)))
  })

  it.effect("tries again when the back-off ends, not only at the interval", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = World.away
    return Effect.gen(function*() {
      yield* World.record(1)
      const { close } = yield* start
      yield* TestClock.adjust("1 seconds")
      expect(endpoint.calls.length).toBe(1)
      yield* TestClock.adjust("7 seconds")
      expect(endpoint.calls.map((call) => call.at)).toEqual([1_000, 2_000, 4_000, 8_000])
      yield* close
    }).pipe(Effect.withRandom(Random.fixed([0.5])), Effect.provide(World.world(endpoint)))
  })

  it.effect("tries at once when the network is back, and watches it only while the endpoint is away", () => {
    const endpoint = World.makeEndpoint()
    let watching = 0
    const back = Deferred.unsafeMake<void>(FiberId.none)
    return Effect.gen(function*() {
      yield* World.record(1)
      const { close } = yield* start
      yield* TestClock.adjust("31 seconds")
      expect(watching).toBe(0)
      endpoint.respond = World.away
      yield* World.record(1)
      yield* TestClock.adjust("1 hours")
      const tried = endpoint.calls.length
      expect(watching).toBeGreaterThan(0)
      endpoint.respond = World.accept
      yield* Deferred.succeed(back, void 0)
      yield* TestClock.adjust(0)
      expect(endpoint.calls.length).toBe(tried + 1)
      expect(endpoint.stored.size).toBe(2)
      yield* close
    }).pipe(
      Effect.provideService(Network.Network, {
        returned: Effect.suspend(() => {
          watching += 1
          return Deferred.await(back)
        })
      }),
      Effect.provide(World.world(endpoint))
    )
  })

  it.effect("sleeps without a timer while telemetry is off, and begins when it is switched on", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const consent = yield* World.Consent
      yield* consent.set(World.off)
      const { close } = yield* start
      yield* TestClock.adjust("1 seconds")
      expect((yield* TestClock.sleeps()).length).toBe(0)
      yield* World.record(2)
      yield* consent.set(World.on)
      yield* TestClock.adjust(0)
      expect(endpoint.stored.size).toBe(2)
      yield* consent.set(World.effective([World.epoch("e2", { remote: false, origin: null })], {
        remote: false,
        sendable: new Map()
      }))
      // Sleeps that were interrupted stay in the list of the test clock until their time has passed.
      yield* TestClock.adjust("10 minutes")
      expect((yield* TestClock.sleeps()).length).toBe(0)
      yield* close
    }).pipe(Effect.provide(World.world(endpoint)))
  })

  it.effect("a defect is counted and the worker goes on, ever more slowly while it repeats", () => {
    let calls = 0
    const broken = Layer.succeed(Submitter, {
      drain: () =>
        Effect.suspend(() => ++calls <= 3 ? Effect.die(new TypeError(`defect ${calls}`)) : Effect.succeed(nothing)),
      nextAttempt: Effect.succeed(null),
      release: Effect.void
    })
    return Effect.gen(function*() {
      const { close, worker } = yield* start
      yield* TestClock.adjust("1 seconds")
      expect(yield* worker.health).toEqual({ running: true, restarts: 1, lastDefect: "TypeError: defect 1" })
      yield* TestClock.adjust("1 seconds")
      expect((yield* worker.health).restarts).toBe(2)
      yield* TestClock.adjust("1 seconds")
      expect((yield* worker.health).restarts).toBe(2)
      yield* TestClock.adjust("1 seconds")
      expect((yield* worker.health).restarts).toBe(3)
      yield* TestClock.adjust("4 seconds")
      expect(calls).toBe(4)
      yield* TestClock.adjust("5 minutes")
      expect(calls).toBe(5)
      expect(yield* worker.health).toMatchObject({ running: true, restarts: 3 })
      yield* close
      expect(yield* worker.health).toMatchObject({ running: false })
    }).pipe(
      Effect.withRandom(Random.fixed([0.5])),
      Effect.provide(Layer.provideMerge(broken, World.world(World.makeEndpoint())))
    )
  })

  it.effect("even one who interrupts himself inside a drain does not end the worker", () => {
    let calls = 0
    const broken = Layer.succeed(Submitter, {
      drain: () => Effect.suspend(() => ++calls === 1 ? Effect.interrupt : Effect.succeed(nothing)),
      nextAttempt: Effect.succeed(null),
      release: Effect.void
    })
    return Effect.gen(function*() {
      const { close } = yield* start
      yield* TestClock.adjust("1 minutes")
      expect(calls).toBeGreaterThan(1)
      yield* close
    }).pipe(Effect.provide(Layer.provideMerge(broken, World.world(World.makeEndpoint()))))
  })

  it.effect("a store that is away is tried again at the interval, and is no defect", () => {
    let calls = 0
    const broken = Layer.succeed(Submitter, {
      drain: () => Effect.suspend(() => (calls++, Effect.fail(new StoreError({ reason: "locked", message: "held" })))),
      nextAttempt: Effect.succeed(null),
      release: Effect.void
    })
    return Effect.gen(function*() {
      const { close, worker } = yield* start
      yield* TestClock.adjust("61 seconds")
      expect(calls).toBe(3)
      expect(yield* worker.health).toMatchObject({ running: true, restarts: 0 })
      yield* close
    }).pipe(Effect.provide(Layer.provideMerge(broken, World.world(World.makeEndpoint()))))
  })

  it.effect("nothing to be done is not done again and again", () => {
    let calls = 0
    const idle = Layer.succeed(Submitter, {
      drain: () => Effect.sync(() => (calls++, nothing)),
      nextAttempt: Effect.succeed(0),
      release: Effect.void
    })
    return Effect.gen(function*() {
      const { close } = yield* start
      yield* TestClock.adjust("10 seconds")
      expect(calls).toBeLessThanOrEqual(10)
      yield* close
    }).pipe(Effect.provide(Layer.provideMerge(idle, World.world(World.makeEndpoint()))))
  })

  describe("on closing", () => {
    it.effect("ends at once when nothing is in flight, and starts no request", () => {
      const endpoint = World.makeEndpoint()
      return Effect.gen(function*() {
        yield* World.record(3)
        const { close } = yield* start
        yield* close
        expect(endpoint.calls.length).toBe(0)
        expect(yield* World.counts).toMatchObject({ pending: 3, leased: 0 })
      }).pipe(Effect.provide(World.world(endpoint)))
    })

    it.effect("a request in flight that is nearly done is waited for", () => {
      const endpoint = World.makeEndpoint()
      endpoint.takes = Duration.millis(40)
      return Effect.gen(function*() {
        yield* World.record(150)
        const { close } = yield* start
        yield* TestClock.adjust("1 seconds")
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("45 millis")
        yield* Fiber.join(closing)
        // The batch in flight was settled, the next one never begun.
        expect(endpoint.stored.size).toBe(100)
        expect(endpoint.calls.length).toBe(1)
        expect(endpoint.aborted).toBe(0)
        expect(yield* World.counts).toMatchObject({ pending: 50, leased: 0 })
      }).pipe(Effect.provide(World.world(endpoint)))
    })

    it.effect("one that hangs is aborted after the grace, and its batch is still queued", () => {
      const endpoint = World.makeEndpoint()
      endpoint.takes = Duration.minutes(5)
      return Effect.gen(function*() {
        yield* World.record(3)
        const { close } = yield* start
        yield* TestClock.adjust("1 seconds")
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("49 millis")
        expect(endpoint.aborted).toBe(0)
        yield* TestClock.adjust("1 millis")
        yield* Fiber.join(closing)
        expect(endpoint.aborted).toBe(1)
        expect(yield* World.counts).toMatchObject({ pending: 3, leased: 0 })
      }).pipe(Effect.provide(World.world(endpoint)))
    })

    it.effect("with a shutdown deadline there is one last drain", () => {
      const endpoint = World.makeEndpoint()
      return Effect.gen(function*() {
        const { close } = yield* start
        yield* World.record(3)
        yield* close
        expect(endpoint.stored.size).toBe(3)
      }).pipe(Effect.provide(World.world(endpoint, { config: { shutdownDeadline: Duration.seconds(2) } })))
    })

    it.effect("the last drain is cut off by the deadline", () => {
      const endpoint = World.makeEndpoint()
      endpoint.takes = Duration.minutes(5)
      return Effect.gen(function*() {
        const { close } = yield* start
        yield* World.record(3)
        const closing = yield* Effect.fork(close)
        yield* TestClock.adjust("2 seconds")
        yield* Fiber.join(closing)
        expect(endpoint.calls.length).toBe(1)
        expect(endpoint.aborted).toBe(1)
        expect(yield* World.counts).toMatchObject({ pending: 3, leased: 0 })
      }).pipe(Effect.provide(World.world(endpoint, { config: { shutdownDeadline: Duration.seconds(2) } })))
    })
  })
})
