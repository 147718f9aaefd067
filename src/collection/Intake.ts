/**
 * The bounded buffer between `track` and the store. Offering is synchronous and never fails; a writer commits groups.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { ConsentGate } from "../consent/ConsentGate.js"
import * as Consent from "../domain/Consent.js"
import { Ids } from "../domain/Ids.js"
import type * as Ledger from "../domain/Ledger.js"
import * as Rollup from "../domain/Rollup.js"
import * as RollupWindow from "../domain/RollupWindow.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import { type AppendResult, EventStore } from "../persistence/EventStore.js"
import { StoreError } from "../persistence/StoreError.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import * as CommitClock from "./CommitClock.js"
import * as IntakeBuffer from "./IntakeBuffer.js"

/**
 * What a commit has put into the store.
 *
 * @since 0.1.0
 * @category models
 */
export interface Commit {
  readonly events: ReadonlyArray<RedactedEvent>
  readonly result: AppendResult
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Takes the event into the buffer, or counts why not. */
  readonly unsafeOffer: (event: RedactedEvent) => void
  /** Counts an event that ends here: offered, and filtered or dropped for this reason. */
  readonly unsafeCount: (
    term: Exclude<Ledger.CaptureTerm, "offered" | "recorded">
  ) => void
  /** Returns once everything offered before is committed, or the store has refused it. */
  readonly flush: Effect.Effect<void>
  /** Commits what is in the buffer right now, on this stack: runs synchronously, for the last moment of a process. */
  readonly commitNow: Effect.Effect<void>
  /** Counts that no commit has carried yet. */
  readonly uncommitted: Effect.Effect<Ledger.Delta<Ledger.CaptureTerm>>
  /** Why the last commit did not succeed; null once one has. */
  readonly storeError: Effect.Effect<StoreError | null>
  /** Events in the buffer. */
  readonly unsafeSize: () => number
  /** About how many bytes of memory their data takes. Walks through them: for `status`, not for every event. */
  readonly unsafeBytes: () => number
  /** Calls `listener` after every commit, on the committing stack; what it throws is ignored. Gives what ends that. */
  readonly unsafeOnCommit: (listener: (commit: Commit) => void) => () => void
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Intake extends Context.Tag("effect-telemetry/collection/Intake")<Intake, Service>() {}

/** What a try to commit has come to. */
type Turn = "committed" | "refused" | "nothing"

/** What the writer waits for: the first event, company for it, or a store that has refused. */
type Pause = "idle" | "linger" | "backoff"

interface Waiter {
  readonly target: number
  readonly resume: () => void
}

const toStoreError = (cause: Cause.Cause<StoreError>): StoreError => {
  const failure = Cause.failureOption(cause)
  return failure._tag === "Some" ? failure.value : new StoreError({
    reason: "unavailable",
    message: "The store failed in an unexpected way. Events are kept in memory and written when it works again.",
    cause: Cause.squash(cause)
  })
}

const make: Effect.Effect<Service, never, EventStore | ConsentGate | Config | Ids | Scope.Scope> = Effect.gen(
  function*() {
    const store = yield* EventStore
    const gate = yield* ConsentGate
    const config = yield* Config
    const ids = yield* Ids
    const rush = yield* Effect.makeLatch(false)
    const revocable = CommitClock.revocable(yield* Effect.clock)
    const buffer = IntakeBuffer.make({ capacity: config.bufferSize, overflow: config.overflow })
    const urgentSize = Math.min(Policy.maxGroupSize, Math.ceil(config.bufferSize / 2))
    const definition = (type: string) => config.events.find((event) => event.type === type)
    const rollupsOf = Rollup.folder(definition)
    const aggregated = RollupWindow.typesOf(config)
    const windowsOf = RollupWindow.folder(aggregated, definition, ids.uuid7)
    const listeners = new Set<(commit: Commit) => void>()
    let waiters: Array<Waiter> = []
    let closed = false
    let ended = false
    let failures = 0
    let storeError: StoreError | null = null
    let checked: Consent.Effective | null = null
    let appending: CommitClock.Leave | null = null
    let pausing: Pause | null = null
    let wake = (): void => {}

    const isDue = (pause: Pause): boolean =>
      waiters.length > 0 || (pause === "idle" ? buffer.size() > 0 : pause === "linger" && buffer.size() >= urgentSize)

    const hurry = (): void => {
      if (pausing === null || !isDue(pausing)) return
      const pause = pausing
      pausing = null
      if (pause === "idle") wake()
      else rush.unsafeOpen()
    }

    const idle: Effect.Effect<void> = Effect.async((resume) => {
      if (isDue("idle")) return resume(Effect.void)
      pausing = "idle"
      wake = () => resume(Effect.void)
    })

    /**
     * A plain sleep, which nothing races: a race at every commit costs more than the commit. Who is in a hurry cuts it off, and
     * begins anew behind it.
     */
    const sleep = (pause: Pause, limit: Duration.DurationInput): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (isDue(pause)) return Effect.void
        pausing = pause
        return Effect.sleep(limit)
      })

    const answer = (turn: Turn): void => {
      if (waiters.length === 0) return
      const settled = buffer.settled()
      const done = turn === "committed" ? waiters.filter((waiter) => waiter.target <= settled) : waiters
      waiters = turn === "committed" ? waiters.filter((waiter) => waiter.target > settled) : []
      for (const waiter of done) waiter.resume()
    }

    const tell = (commit: Commit): void => {
      for (const listener of listeners) {
        try {
          listener(commit)
        } catch {
          // A listener is not part of the commit, which has happened.
        }
      }
    }

    const settle = (group: IntakeBuffer.Group, exit: Exit.Exit<AppendResult, StoreError>): Turn => {
      appending = null
      if (Exit.isFailure(exit)) {
        buffer.rollback()
        failures++
        storeError = toStoreError(exit.cause)
        return "refused"
      }
      buffer.commit()
      failures = 0
      storeError = null
      tell({ events: group.events, result: exit.value })
      return "committed"
    }

    const append = (group: IntakeBuffer.Group): Effect.Effect<Turn> =>
      Effect.suspend(() => {
        const leave = appending = revocable.begin()
        return store.append({
          ...group,
          rollups: rollupsOf(group.events),
          ...(aggregated.size === 0 ? {} : { keptBack: aggregated, windows: windowsOf(group.events) }),
          destinations: config.destinations,
          queueLimit: config.queueLimit
        }).pipe(
          Effect.exit,
          Effect.map((exit) => appending === leave ? settle(group, exit) : "committed")
        )
      })

    /** One group. What was recorded under a consent that has gone since is let go of first; while off, nothing is written. */
    const turn: Effect.Effect<Turn> = Effect.flatMap(gate.refresh, (effective) => {
      if (effective !== checked) {
        checked = effective
        buffer.drop((event) => Consent.mayCommit(event, effective), "dropped:consent")
      }
      const group = effective.enabled ? buffer.begin(Policy.maxGroupSize) : null
      return group === null ? Effect.succeed<Turn>("nothing") : append(group)
    }).pipe(Effect.tap((done) => Effect.sync(() => answer(done))))

    const drain: Effect.Effect<Turn> = Effect.flatMap(
      turn,
      (done) => done === "committed" && (buffer.size() > 0 || waiters.length > 0) ? drain : Effect.succeed(done)
    )

    const backoff = Effect.suspend(() =>
      sleep("backoff", Math.min(Policy.commitRetryMillis * 2 ** Math.max(0, failures - 1), Policy.maxCommitRetryMillis))
    )

    const commit = Effect.uninterruptible(Effect.suspend(() => {
      pausing = null
      return drain
    })).pipe(
      Effect.flatMap((done) => done === "refused" ? backoff : Effect.void),
      Effect.catchAllCause((cause) => {
        if (Cause.isInterrupted(cause)) return Effect.failCause(cause)
        failures++
        return backoff
      })
    )

    const cycle = Effect.zipRight(
      Effect.flatMap(idle, () => sleep("linger", config.linger)),
      commit
    )

    const rushed = Effect.zipRight(rush.await, Effect.sync(() => rush.unsafeClose()))

    const write = (first: Effect.Effect<void>): Effect.Effect<void> =>
      Effect.flatMap(
        Effect.fork(Effect.zipRight(first, Effect.forever(cycle))),
        (writer) => Effect.zipRight(rushed, Effect.asVoid(Fiber.interrupt(writer)))
      )

    const fiber = yield* Effect.zipRight(write(Effect.void), Effect.forever(write(commit))).pipe(
      Effect.interruptible,
      Effect.withClock(revocable.clock),
      Effect.forkScoped
    )

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return Effect.zipRight(Fiber.interrupt(fiber), Effect.withClock(drain, revocable.clock))
      }).pipe(
        Effect.zipRight(Effect.sync(() => {
          ended = true
          buffer.drop(() => false, "dropped:store")
          answer("nothing")
        }))
      )
    )

    return {
      unsafeOffer: (event) => {
        if (closed) return buffer.count("dropped:closed")
        buffer.offer(event)
        if (pausing !== null) hurry()
      },
      unsafeCount: (term) => buffer.count(closed ? "dropped:closed" : term),
      flush: Effect.async((resume) => {
        if (closed || (buffer.size() === 0 && buffer.uncommitted().offered === 0)) return resume(Effect.void)
        const waiter: Waiter = { target: buffer.tail(), resume: () => resume(Effect.void) }
        waiters.push(waiter)
        hurry()
        return Effect.sync(() => {
          waiters = waiters.filter((other) => other !== waiter)
        })
      }),
      commitNow: Effect.suspend(() => {
        if (ended) return Effect.void
        if (appending !== null) {
          if (!appending.isAsleep()) return Effect.void
          appending.revoke()
          appending = null
          buffer.rollback()
        }
        return Effect.clockWith((clock) => Effect.withClock(drain, CommitClock.sleepless(clock)))
      }),
      uncommitted: Effect.sync(buffer.uncommitted),
      storeError: Effect.sync(() => storeError),
      unsafeSize: buffer.size,
      unsafeBytes: buffer.bytes,
      unsafeOnCommit: (listener) => {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      }
    }
  }
)

/**
 * One supervised fiber writes. It has no timer while the buffer is empty, lets the first event wait `linger` for company,
 * and commits sooner when much has come or `flush` asks. A store that refuses is asked again, less and less often; closing
 * the scope commits what is left.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Intake, never, EventStore | ConsentGate | Config | Ids> = Layer.scoped(Intake, make)
