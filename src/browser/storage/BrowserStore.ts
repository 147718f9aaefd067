/**
 * Events, queue and rollups of the browser: IndexedDB, and a ring in `localStorage` for the last instant of a page.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Ids } from "../../domain/Ids.js"
import type { RedactedEvent } from "../../domain/TelemetryEvent.js"
import { type AppendGroup, type AppendResult, EventStore } from "../../persistence/EventStore.js"
import * as Backend from "../../persistence/memory/Backend.js"
import * as Events from "../../persistence/memory/Events.js"
import * as Queue from "../../persistence/memory/Queue.js"
import * as RollupsMemory from "../../persistence/memory/Rollups.js"
import * as Windows from "../../persistence/memory/Windows.js"
import { Rollups } from "../../persistence/Rollups.js"
import type { StoreError } from "../../persistence/StoreError.js"
import { SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import { Page } from "../Page.js"
import * as Idb from "./Idb.js"
import * as Mirror from "./Mirror.js"
import * as Ring from "./Ring.js"

/**
 * What the last instant of a page asks of its store. Everything is synchronous.
 *
 * @since 0.1.0
 * @category models
 */
export interface LastInstantService {
  /** While it is on, groups go into the ring. What is on its way to IndexedDB is put there as well. */
  readonly unsafeSet: (on: boolean) => void
  /**
   * Events this page has recorded and that, as far as it knows, still wait for this destination; oldest first. None while
   * the destination has asked to be left alone.
   */
  readonly unsafeWaiting: (destination: string, now: number) => ReadonlyArray<RedactedEvent>
  /** Another tab has left something in the ring under this name of `localStorage`; false if it is no such name. */
  readonly unsafeNotice: (key: string | null) => boolean
}

/**
 * @since 0.1.0
 * @category tags
 */
export class LastInstant extends Context.Tag("effect-telemetry/browser/LastInstant")<
  LastInstant,
  LastInstantService
>() {}

/** A group on its way to IndexedDB; `landed` once the ring has it. */
interface Flight {
  readonly group: AppendGroup
  readonly done: Deferred.Deferred<AppendResult, StoreError>
  landed: boolean
}

/** Of so many own events it is known whether they wait. */
const ownLimit = 1_000

const inRing = (group: AppendGroup): AppendResult => ({
  recorded: group.events.length,
  overflowed: 0,
  waiting: group.events.length
})

/** Groups that the ring holds, unless a commit that was on its way has put them into the store after all. */
const takeOver = (backend: Backend.Backend, ring: Ring.Ring): ReadonlyArray<string> => {
  const kept = ring.read()
  if (kept.length === 0) return []
  const ids = new Set(Array.from(backend.events.values(), ({ id }) => id))
  for (const [, group] of kept) {
    if (group === null || group.events.some(({ id }) => ids.has(id))) continue
    Events.append(backend, group)
    for (const { id } of group.events) ids.add(id)
  }
  return kept.map(([key]) => key)
}

/** The copy in the ring may have been taken over already. */
const lateAppend = (backend: Backend.Backend, group: AppendGroup): AppendResult => {
  const ids = new Set(group.events.map(({ id }) => id))
  for (const { id } of backend.events.values()) if (ids.has(id)) return inRing(group)
  return Events.append(backend, group)
}

const make = (app: string) =>
  Effect.gen(function*() {
    const page = yield* Page
    const ids = yield* Ids
    const database = Idb.make(page.indexedDB, `effect-telemetry:${app}`)
    const ring = Ring.make(page.storage, app, ids.uuid4)
    const mirror = Mirror.make(database)
    const flights = new Set<Flight>()
    const own = new Map<string, RedactedEvent>()
    let last = false

    yield* Effect.addFinalizer(() => Effect.sync(database.close))

    const run = <A>(mode: Mirror.Mode, verb: (backend: Backend.Backend) => A): Effect.Effect<A, StoreError> => {
      let taken: ReadonlyArray<string> = []
      const whole = (backend: Backend.Backend): A => {
        if (mode === "readwrite" && ring.isDirty()) taken = takeOver(backend, ring)
        return verb(backend)
      }
      return mirror.run(mode, whole).pipe(
        Effect.tap(() => Effect.sync(() => ring.remove(taken))),
        Effect.tapError(() => Effect.sync(ring.touch))
      )
    }

    /** A verb of the memory store, which runs synchronously and cannot fail. */
    const verb = <A>(mode: Mirror.Mode, effect: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
      run(mode, () => Effect.runSync(effect))
    const writes =
      <Args extends ReadonlyArray<unknown>, A>(f: (...args: Args) => Effect.Effect<A, StoreError>) => (...args: Args) =>
        verb("readwrite", f(...args))
    const reads =
      <Args extends ReadonlyArray<unknown>, A>(f: (...args: Args) => Effect.Effect<A, StoreError>) => (...args: Args) =>
        verb("readonly", f(...args))

    const remember = (group: AppendGroup): void => {
      for (const event of group.events) {
        if (event.context.remote && group.keptBack?.has(event.type) !== true) own.set(event.id, event)
      }
      for (const id of own.keys()) {
        if (own.size <= ownLimit) break
        own.delete(id)
      }
    }

    /** Ends early, and well, when the group has been put into the ring meanwhile. */
    const append = (group: AppendGroup): Effect.Effect<AppendResult, StoreError> =>
      Effect.suspend(() => {
        if (last) {
          const refused = ring.put(group)
          if (refused !== null) return Effect.fail(refused)
          remember(group)
          return Effect.succeed(inRing(group))
        }
        remember(group)
        return Effect.flatMap(Deferred.make<AppendResult, StoreError>(), (done) => {
          const flight: Flight = { group, done, landed: false }
          flights.add(flight)
          return run(
            "readwrite",
            (backend) => flight.landed ? lateAppend(backend, group) : Events.append(backend, group)
          )
            .pipe(
              Effect.onExit((exit) => {
                flights.delete(flight)
                return Deferred.done(done, exit)
              }),
              Effect.forkDaemon,
              Effect.zipRight(Deferred.await(done))
            )
        })
      })

    const rows = mirror.backend
    const events = Events.make(rows)
    const queue = Queue.make(rows)
    const rollups = RollupsMemory.make(rows.rollups, (request) => Windows.seal(rows, request))

    const store: EventStore["Type"] = {
      exists: Effect.suspend(() => rows.lastSeq > 0 || rows.capture.size > 0 ? Effect.succeed(true) : database.exists),
      warm: Effect.asVoid(run("readwrite", () => undefined)),
      append,
      read: reads(events.read),
      size: Effect.map(verb("readonly", events.size), (size) => ({ ...size, bytes: rows.bytes })),
      ledger: verb("readonly", events.ledger),
      damaged: events.damaged,
      clear: Effect.suspend(() => {
        own.clear()
        return verb("readwrite", events.clear)
      }),
      expire: writes(events.expire),
      relevel: writes(events.relevel)
    }

    const submission: SubmissionQueue["Type"] = {
      claim: writes(queue.claim),
      settle: writes(queue.settle),
      settleThenClaim: writes(queue.settleThenClaim),
      renew: writes(queue.renew),
      withhold: writes(queue.withhold),
      releaseAll: writes(queue.releaseAll),
      acquire: writes(queue.acquire),
      state: reads(queue.state),
      setState: writes(queue.setState),
      stats: reads(queue.stats),
      counts: reads(queue.counts),
      nextDue: reads(queue.nextDue),
      requests: reads(queue.requests),
      life: reads(queue.life),
      list: reads(queue.list),
      requeue: writes(queue.requeue),
      purge: writes(queue.purge),
      clear: writes(queue.clear)
    }

    const unsafeWaiting: LastInstantService["unsafeWaiting"] = (destination, now) => {
      const { entries, state } = Backend.destination(rows, destination)
      if (state.paused !== null || (state.retryAfter ?? 0) > now) return []
      for (const [seq, { id }] of rows.events) if (entries.get(seq)?.kind !== "waiting") own.delete(id)
      return [...own.values()]
    }

    return Context.make(EventStore, store).pipe(
      Context.add(SubmissionQueue, submission),
      Context.add(Rollups, {
        read: reads(rollups.read),
        catchUp: rollups.catchUp,
        seal: writes(rollups.seal),
        expire: writes(rollups.expire)
      }),
      Context.add(LastInstant, {
        unsafeSet: (on) => {
          last = on
          if (!on) return
          for (const flight of flights) {
            if (flight.landed || ring.put(flight.group) !== null) continue
            flight.landed = true
            Deferred.unsafeDone(flight.done, Effect.succeed(inRing(flight.group)))
          }
        },
        unsafeWaiting,
        unsafeNotice: (key) => {
          if (!ring.isKey(key)) return false
          ring.touch()
          return true
        }
      })
    )
  })

/**
 * Opens nothing before something is asked of it, and creates nothing before something is written.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (app: string): Layer.Layer<EventStore | SubmissionQueue | Rollups | LastInstant, never, Ids> =>
  Layer.scopedContext(make(app))
