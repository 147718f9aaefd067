/**
 * The little of IndexedDB that the store needs: a database that opens again by itself, and failures in our words.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { StoreError } from "../../persistence/StoreError.js"

/**
 * One record for the state of the queue, and the rows beside it by their place; `v` says in which version of the state they
 * were written.
 *
 * @since 0.1.0
 * @category constants
 */
export const tables = ["state", "events", "rollups", "windows", "requests"] as const

/**
 * @since 0.1.0
 * @category models
 */
export type Table = (typeof tables)[number]

/**
 * @since 0.1.0
 * @category constants
 */
export const byVersion = "v"

const schemaVersion = 1

/**
 * @since 0.1.0
 * @category conversions
 */
export const toStoreError = (cause: unknown): StoreError => {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : ""
  return name === "QuotaExceededError"
    ? new StoreError({ reason: "full", message: "The browser gives this page no more room.", cause })
    : name === "VersionError"
    ? new StoreError({ reason: "newer", message: "The store was written by a newer version of the library.", cause })
    : new StoreError({ reason: "unavailable", message: "The store of the browser cannot be used.", cause })
}

const blocked = new StoreError({ reason: "locked", message: "Another tab holds an older store of the browser open." })

const upgrade = (db: IDBDatabase): void => {
  db.createObjectStore("state")
  for (const name of ["events", "rollups", "windows"] as const) {
    db.createObjectStore(name, { keyPath: "k" }).createIndex(byVersion, byVersion)
  }
  db.createObjectStore("requests")
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Database {
  /** Null: the browser denies it, and nothing will change that. */
  readonly open: Effect.Effect<IDBDatabase | null, StoreError>
  /** Was it opened, or is there one? Creates none. */
  readonly exists: Effect.Effect<boolean>
  readonly close: () => void
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (factory: IDBFactory | null, name: string): Database => {
  let opened: IDBDatabase | null = null
  let denied = factory === null

  const keep = (db: IDBDatabase): IDBDatabase => {
    const forget = (): void => {
      if (opened === db) opened = null
    }
    db.addEventListener("close", forget)
    db.addEventListener("versionchange", () => {
      forget()
      db.close()
    })
    return opened = db
  }

  const open = (factory: IDBFactory) =>
    Effect.async<IDBDatabase | null, StoreError>((resume) => {
      const failed = (cause: unknown): void => {
        const error = toStoreError(cause)
        if (error.reason !== "unavailable") return resume(Effect.fail(error))
        denied = true
        resume(Effect.succeed(null))
      }
      try {
        const request = factory.open(name, schemaVersion)
        request.addEventListener("upgradeneeded", () => upgrade(request.result))
        request.addEventListener("success", () => resume(Effect.succeed(keep(request.result))))
        // A tab with an older page holds up the upgrade; when it has let go, the next try finds it open.
        request.addEventListener("blocked", () => resume(Effect.fail(blocked)))
        request.addEventListener("error", (event) => {
          event.preventDefault()
          failed(request.error)
        })
      } catch (cause) {
        failed(cause)
      }
    })

  /** An upgrade that is given up leaves nothing behind. */
  const look = (factory: IDBFactory) =>
    Effect.async<boolean>((resume) => {
      try {
        const request = factory.open(name)
        request.addEventListener("upgradeneeded", () => request.transaction?.abort())
        request.addEventListener("success", () => {
          request.result.close()
          resume(Effect.succeed(true))
        })
        request.addEventListener("error", (event) => {
          event.preventDefault()
          resume(Effect.succeed(false))
        })
      } catch {
        resume(Effect.succeed(false))
      }
    })

  return {
    open: Effect.suspend(() =>
      denied || factory === null ? Effect.succeed(null) : opened === null ? open(factory) : Effect.succeed(opened)
    ),
    exists: Effect.suspend(() =>
      opened !== null ? Effect.succeed(true) : denied || factory === null ? Effect.succeed(false) : look(factory)
    ),
    close: () => {
      opened?.close()
      opened = null
    }
  }
}
