/**
 * The memory store, with IndexedDB behind it. A verb is one transaction: what other tabs have changed is read, the verb runs
 * on the memory store within the callback, and what it has changed is written. A transaction that fails leaves IndexedDB as
 * it was, and the memory is read anew from it; IndexedDB itself lets one tab at a time write.
 *
 * Where the browser denies IndexedDB, the memory is all there is.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Backend from "../../persistence/memory/Backend.js"
import type { StoreError } from "../../persistence/StoreError.js"
import type { RequestRecord } from "../../persistence/SubmissionQueue.js"
import * as Idb from "./Idb.js"
import * as Rows from "./Rows.js"
import * as Saved from "./Saved.js"

/** @internal */
export type Mode = "readonly" | "readwrite"

/** @internal */
export interface Mirror {
  readonly backend: Backend.Backend
  readonly run: <A>(mode: Mode, verb: (backend: Backend.Backend) => A) => Effect.Effect<A, StoreError>
}

/** The one record of the table `state`. */
interface State {
  readonly version: number
  /** Counts the times rows were removed: who has not seen all of them reads everything anew. */
  readonly removals: number
  readonly text: string
}

const stateKey = "state"

/** Rows read at once, so that no turn of the page's thread is long. */
const portion = 500

const none: State = { version: 0, removals: 0, text: "" }

/** Each step is started by the success of the one before, so that the transaction stays alive. */
const onSuccess = <A>(request: IDBRequest<A>, next: (value: A) => void): void => {
  request.addEventListener("success", () => next(request.result))
}

/** @internal */
export const make = (database: Idb.Database): Mirror => {
  const held = Rows.make()
  const { backend } = held
  const shapes = [held.events, held.rollups, held.windows] as const
  const one = Effect.runSync(Effect.makeSemaphore(1))
  /** What the memory is a copy of; null: nothing that can be relied on. */
  let seen: State | null = none
  const requestsSeen = new Map<string, RequestRecord | undefined>()

  const put = <K extends IDBValidKey, V>({ rows, unpack }: Rows.Shape<K, V>, found: { k: K; x: never }): void => {
    rows.set(found.k, unpack(found.x))
  }

  const readAll = <K extends IDBValidKey, V>(tx: IDBTransaction, shape: Rows.Shape<K, V>, done: () => void): void => {
    const more = (after: IDBValidKey | null): void => {
      const range = after === null ? null : IDBKeyRange.lowerBound(after, true)
      onSuccess(tx.objectStore(shape.table).getAll(range, portion), (found: Array<{ k: K; x: never }>) => {
        for (const row of found) put(shape, row)
        const last = found.at(-1)
        if (found.length < portion || last === undefined) done()
        else more(last.k)
      })
    }
    shape.rows.clear()
    more(null)
  }

  const readChanged = <K extends IDBValidKey, V>(
    tx: IDBTransaction,
    shape: Rows.Shape<K, V>,
    after: number,
    done: () => void
  ): void => {
    const range = IDBKeyRange.lowerBound(after, true)
    onSuccess(tx.objectStore(shape.table).index(Idb.byVersion).getAll(range), (found: Array<{ k: K; x: never }>) => {
      for (const row of found) put(shape, row)
      done()
    })
  }

  const readRequests = (tx: IDBTransaction, done: (found: Map<string, ReadonlyArray<RequestRecord>>) => void): void => {
    const table = tx.objectStore("requests")
    onSuccess(table.getAllKeys(), (keys) => {
      onSuccess(table.getAll(), (values: Array<ReadonlyArray<RequestRecord>>) => {
        done(new Map(keys.map((key, i) => [String(key), values[i] ?? []])))
      })
    })
  }

  /** Brings the memory up to what is stored. */
  const follow = (tx: IDBTransaction, stored: State, done: () => void): void => {
    const before = seen
    if (before !== null && before.version === stored.version) return done()
    const anew = before === null || before.removals !== stored.removals || before.version > stored.version
    seen = null
    if (anew) backend.rollups.series.clear()
    const rest = [
      (next: () => void) => anew ? readAll(tx, held.events, next) : readChanged(tx, held.events, before.version, next),
      (next: () => void) =>
        anew ? readAll(tx, held.rollups, next) : readChanged(tx, held.rollups, before.version, next),
      (next: () => void) => anew ? readAll(tx, held.windows, next) : readChanged(tx, held.windows, before.version, next)
    ]
    const step = (): void => {
      const next = rest.shift()
      if (next !== undefined) return next(step)
      readRequests(tx, (requests) => {
        Saved.load(backend, stored.text === "" ? Saved.nothing : JSON.parse(stored.text), requests)
        for (const shape of shapes) shape.rows.settle()
        requestsSeen.clear()
        for (const [id, rows] of backend.destinations) requestsSeen.set(id, rows.requests.at(-1))
        seen = stored
        done()
      })
    }
    step()
  }

  const writeRows = <K extends IDBValidKey, V>(
    tx: IDBTransaction,
    { pack, rows, table }: Rows.Shape<K, V>,
    v: number
  ): { readonly changed: boolean; readonly removed: boolean } => {
    const store = tx.objectStore(table)
    let removed = false
    const keys = [...rows.touched]
    for (const k of keys) {
      const value = rows.get(k)
      if (value !== undefined) store.put({ k, v, x: pack(value) })
      else {
        store.delete(k)
        removed = true
      }
    }
    rows.settle()
    return { changed: keys.length > 0, removed }
  }

  const writeRequests = (tx: IDBTransaction): boolean => {
    let changed = false
    for (const [id, { requests }] of backend.destinations) {
      if (requestsSeen.get(id) === requests.at(-1)) continue
      requestsSeen.set(id, requests.at(-1))
      tx.objectStore("requests").put(requests, id)
      changed = true
    }
    return changed
  }

  /** Writes what the verb has changed, and gives what is then stored. */
  const write = (tx: IDBTransaction, before: State): State => {
    const version = before.version + 1
    const rows = [
      writeRows(tx, held.events, version),
      writeRows(tx, held.rollups, version),
      writeRows(tx, held.windows, version)
    ]
    const requests = writeRequests(tx)
    const text = JSON.stringify(Saved.save(backend))
    if (text === before.text && !requests && !rows.some(({ changed }) => changed)) return before
    const removals = before.removals + (rows.some(({ removed }) => removed) ? 1 : 0)
    const after: State = { version, removals, text }
    tx.objectStore("state").put(after, stateKey)
    return after
  }

  const transact = <A>(
    db: IDBDatabase,
    mode: Mode,
    verb: (backend: Backend.Backend) => A
  ): Effect.Effect<A, StoreError> =>
    Effect.async((resume) => {
      let result: { readonly value: A; readonly after: State } | undefined
      let thrown: unknown
      const tx = db.transaction(Idb.tables, mode)
      tx.addEventListener("complete", () => {
        if (result === undefined) return resume(Effect.fail(Idb.toStoreError(thrown)))
        seen = result.after
        resume(Effect.succeed(result.value))
      })
      tx.addEventListener("abort", () => {
        seen = null
        resume(Effect.fail(Idb.toStoreError(thrown ?? tx.error)))
      })
      // Nothing is to be told to the page: the failure is ours, and counted.
      tx.addEventListener("error", (event) => event.preventDefault())
      onSuccess(tx.objectStore("state").get(stateKey), (found: State | undefined) => {
        follow(tx, found ?? none, () => {
          try {
            const value = verb(backend)
            const before = seen ?? none
            result = { value, after: mode === "readwrite" ? write(tx, before) : before }
          } catch (cause) {
            thrown = cause
            tx.abort()
          }
        })
      })
    })

  const attempt = <A>(mode: Mode, verb: (backend: Backend.Backend) => A): Effect.Effect<A, StoreError> =>
    Effect.flatMap(
      database.open,
      (db) =>
        db === null
          ? Effect.sync(() => verb(backend))
          : Effect.suspend(() => transact(db, mode, verb)).pipe(
            Effect.catchAllDefect((cause) => {
              // A database that was closed under us opens again the next time.
              database.close()
              return Effect.fail(Idb.toStoreError(cause))
            })
          )
    )

  return {
    backend,
    run: (mode, verb) => one.withPermits(1)(Effect.uninterruptible(attempt(mode, verb)))
  }
}
