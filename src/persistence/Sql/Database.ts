/**
 * One SQLite file behind a handle that opens at first use, and opens again by itself after whatever made it fail.
 *
 * A write is BEGIN IMMEDIATE … COMMIT in one turn of the event loop, never suspended: so nothing of this process can come
 * between, and a commit in the process's `exit` hook can always run. Waiting for a lock of another process happens between
 * turns.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { OwnCost } from "../../OwnCost.js"
import * as Policy from "../../Policy.js"
import { StoreError } from "../StoreError.js"
import * as Failures from "./Failures.js"
import * as Interned from "./Interned.js"
import * as Open from "./Open.js"
import * as Session from "./Session.js"

/**
 * Where the file is: what the platform provides.
 *
 * @since 0.1.0
 * @category models
 */
export interface Driver {
  /** Loads SQLite, makes the directory and the file where they are missing, and connects. Nothing is read or written yet. */
  readonly connect: Effect.Effect<Session.Connection, unknown, Scope.Scope>
  readonly exists: () => boolean
  /** Is the file still the one that was connected to? */
  readonly isCurrent: () => boolean
  /** Renames the file that was connected to, so that the next `connect` starts a new one. Never deletes. */
  readonly setAside: (now: number) => void
  /** Names of files that were set aside and are still there. */
  readonly aside: () => ReadonlyArray<string>
  /** Bytes on disk, write-ahead log included. */
  readonly bytes: () => number
  /** Is there room for more, with enough left to empty the file again? */
  readonly hasRoom: () => boolean
}

/**
 * What has happened to the file since the process started.
 *
 * @since 0.1.0
 * @category models
 */
export interface Incidents {
  /** Damaged files set aside. */
  readonly corrupt: number
  /** Times the file was opened, the first included. */
  readonly opened: number
  readonly lastError: StoreError | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Several statements over one state of the file. */
  readonly read: <A>(f: (session: Session.Session) => A) => Effect.Effect<A, StoreError>
  /** As `write`, for what makes the file grow: refused while the disk is nearly full. */
  readonly grow: <A>(f: (session: Session.Session) => A) => Effect.Effect<A, StoreError>
  /** One transaction. Nothing of it remains when `f` throws, or when it cannot be committed. */
  readonly write: <A>(f: (session: Session.Session) => A) => Effect.Effect<A, StoreError>
  /** Opens the file now, so that the next write runs without a turn of the event loop in between. */
  readonly warm: Effect.Effect<void, StoreError>
  /** Gives free space back to the disk and leaves nothing of removed rows in the file or its log. */
  readonly compact: Effect.Effect<void, StoreError>
  /** What was removed or overwritten is overwritten in the file, but still stands in the log until that is emptied. */
  readonly emptyLog: Effect.Effect<void>
  readonly exists: Effect.Effect<boolean>
  readonly bytes: Effect.Effect<number>
  readonly incidents: Effect.Effect<Incidents>
  /** Names of damaged files that were set aside, by whatever process, and are still there. */
  readonly aside: Effect.Effect<ReadonlyArray<string>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Database extends Context.Tag("effect-telemetry/persistence/Database")<Database, Service>() {}

/**
 * Set around a write that has no later chance, as in the process's `exit` hook: it tries once, and waits for a lock inside
 * SQLite instead of in the event loop that will not turn any more.
 *
 * @since 0.1.0
 * @category references
 */
export class LastChance extends Context.Reference<LastChance>()("effect-telemetry/persistence/LastChance", {
  defaultValue: () => false
}) {}

interface Handle {
  readonly connection: Session.Connection
  readonly session: Session.Session
  readonly scope: Scope.CloseableScope
  inspected: boolean
}

/** How long a write without a later chance waits for a lock, with the event loop standing still. */
const lastChanceMillis = 250

/** One transaction, in one go. */
const transact = <A>(session: Session.Session, begin: string, f: (session: Session.Session) => A): A => {
  session.run(begin, [])
  try {
    Session.start(session)
    const value = f(session)
    session.run("COMMIT", [])
    return value
  } catch (error) {
    Interned.forget(session.interned)
    try {
      session.run("ROLLBACK", [])
    } catch {
      // SQLite has rolled back by itself
    }
    throw error
  }
}

const checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"

/** Moves what the log holds into the file, which gives the log's space back. */
const emptyLog = (at: Handle, or: unknown): void => {
  try {
    at.connection.all(checkpoint, [])
  } catch {
    throw or
  }
}

/** A write that met a full disk is tried once more with the log emptied. So a queue can still be emptied on a disk that is full. */
const transactInLittleSpace = <A>(at: Handle, f: (session: Session.Session) => A): A => {
  try {
    return transact(at.session, "BEGIN IMMEDIATE", f)
  } catch (error) {
    if (!Failures.isFull(error)) throw error
    emptyLog(at, error)
    return transact(at.session, "BEGIN IMMEDIATE", f)
  }
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (driver: Driver): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function*() {
    const cost = yield* OwnCost
    const clock = yield* Effect.clock
    const opening = yield* Effect.makeSemaphore(1)
    let handle: Handle | null = null
    let closed = false
    let corrupt = 0
    let opened = 0
    let lastError: StoreError | null = null

    const close = Effect.suspend(() => {
      const old = handle
      handle = null
      return old === null ? Effect.void : Effect.ignore(Effect.sandbox(Scope.close(old.scope, Exit.void)))
    })

    yield* Effect.addFinalizer(() => {
      closed = true
      return close
    })

    const openOnce: Effect.Effect<Handle, unknown> = Effect.gen(function*() {
      const scope = yield* Scope.make()
      const made = yield* Effect.exit(Scope.extend(Open.open(driver.connect), scope))
      if (Exit.isFailure(made)) {
        yield* Effect.ignore(Effect.sandbox(Scope.close(scope, Exit.void)))
        return yield* Effect.fail(Cause.squash(made.cause))
      }
      opened++
      handle = { connection: made.value, session: Session.make(made.value), scope, inspected: false }
      return handle
    })

    const setAside = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.zipRight(
        close,
        Effect.try({
          try: () => {
            driver.setAside(now)
            corrupt++
          },
          catch: (cause) => cause
        })
      ))

    const open: Effect.Effect<Handle, unknown> = opening.withPermits(1)(Effect.suspend(() => {
      if (handle !== null) return Effect.succeed(handle)
      if (closed) return Effect.fail(new StoreError({ reason: "unavailable", message: "the store is closed" }))
      return Effect.catchIf(openOnce, Failures.isCorrupt, () => Effect.zipRight(setAside, openOnce))
    }))

    const current: Effect.Effect<Handle, unknown> = Effect.suspend(() => {
      if (handle === null) return open
      return driver.isCurrent() ? Effect.succeed(handle) : Effect.zipRight(close, open)
    })

    /** A code that a sound file never gives: set aside if it is not sound, else the fault is ours. */
    const isDamaged = (at: Handle, error: unknown): boolean => {
      if (Failures.isCorrupt(error)) return true
      if (at.inspected || !Failures.isSuspicious(error)) return false
      at.inspected = true
      try {
        return !Open.isSound(at.connection)
      } catch (found) {
        return Failures.isCorrupt(found)
      }
    }

    const recover = <A>(at: Handle, error: unknown, again: Effect.Effect<A, unknown>): Effect.Effect<A, unknown> => {
      if (Failures.isBusy(error) || Failures.codeOf(error) === Failures.full.code) return Effect.fail(error)
      return isDamaged(at, error) ? Effect.zipRight(setAside, again) : Effect.zipRight(close, Effect.fail(error))
    }

    const attempt = <A>(work: (at: Handle) => A, again: boolean): Effect.Effect<A, unknown> =>
      Effect.flatMap(current, (at) => {
        try {
          return Effect.succeed(work(at))
        } catch (error) {
          return recover(at, error, again ? attempt(work, false) : Effect.fail(error))
        }
      })

    const waitForLock = <A>(first: Effect.Effect<A, unknown>, again: Effect.Effect<A, unknown>) => {
      const from = (now: Effect.Effect<A, unknown>, waited: number): Effect.Effect<A, unknown> =>
        Effect.catchIf(now, (error) => Failures.isBusy(error) && waited < Policy.lockedRetryMillis, () => {
          const pause = Math.min(25, 5 + waited)
          return Effect.zipRight(Effect.sleep(pause), from(again, waited + pause + Policy.busyTimeoutMillis))
        })
      return from(first, 0)
    }

    /** After a first try has failed: with a later chance, or without one. */
    const insist = <A>(work: (at: Handle) => A, first: Effect.Effect<A, unknown>): Effect.Effect<A, StoreError> =>
      LastChance.pipe(
        Effect.flatMap((last) =>
          !last ?
            waitForLock(first, attempt(work, true)) :
            Effect.catchIf(first, Failures.isBusy, () =>
              attempt((at) => {
                Open.busyTimeout(at.connection, lastChanceMillis)
                return work(at)
              }, true))
        ),
        Effect.matchEffect({
          onSuccess: (value) => {
            lastError = null
            return Effect.succeed(value)
          },
          onFailure: (cause) => {
            lastError = Failures.toStoreError(cause)
            return Effect.fail(lastError)
          }
        }),
        Effect.uninterruptible
      )

    /** The file is open and all is well, nearly always: then there is nothing around the work. */
    const perform = <A>(work: (at: Handle) => A): Effect.Effect<A, StoreError> =>
      Effect.suspend(() => {
        const at = handle
        if (at === null || !driver.isCurrent()) return insist(work, attempt(work, true))
        const started = clock.unsafeCurrentTimeNanos()
        try {
          const value = work(at)
          lastError = null
          return Effect.succeed(value)
        } catch (error) {
          return insist(work, recover(at, error, attempt(work, false)))
        } finally {
          cost.unsafeAdd("store", Number(clock.unsafeCurrentTimeNanos() - started))
        }
      })

    const ensureRoom = (at: Handle): void => {
      if (driver.hasRoom()) return
      emptyLog(at, Failures.full)
      if (!driver.hasRoom()) throw Failures.full
    }

    return {
      read: (f) => perform((at) => transact(at.session, "BEGIN", f)),
      grow: (f) =>
        perform((at) => {
          ensureRoom(at)
          return transactInLittleSpace(at, f)
        }),
      write: (f) => perform((at) => transactInLittleSpace(at, f)),
      warm: Effect.asVoid(Effect.mapError(current, Failures.toStoreError)),
      compact: perform((at) => Open.compact(at.connection)),
      emptyLog: Effect.ignore(perform((at) => at.connection.all(checkpoint, []))),
      exists: Effect.sync(driver.exists),
      bytes: Effect.sync(driver.bytes),
      incidents: Effect.sync(() => ({ corrupt, opened, lastError })),
      aside: Effect.sync(driver.aside)
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (driver: Driver): Layer.Layer<Database> => Layer.scoped(Database, make(driver))
