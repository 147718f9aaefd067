/**
 * What SQLite's result codes mean to us.
 *
 * @internal
 */
import { StoreError, type StoreErrorReason } from "../StoreError.js"

/**
 * The result code in whatever was thrown, wherever it is wrapped.
 *
 * @internal
 */
export const codeOf = (error: unknown): string => {
  let at: unknown = error
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    if ("code" in at && typeof at.code === "string") return at.code
    if ("_tag" in at && at._tag === "Damaged") return "SQLITE_CORRUPT"
    at = "cause" in at ? at.cause : undefined
  }
  return ""
}

/** @internal */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))

/** @internal */
export const isFull = (error: unknown): boolean => toStoreError(error).reason === "full"

/** What stands for a lock that SQLite reports without an error. */
export const busy = { code: "SQLITE_BUSY" }

/** What stands for a disk that is as good as full. */
export const full = { code: "SQLITE_FULL" }

/** @internal */
export const isCorrupt = (error: unknown): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error))

/**
 * Codes that a sound file with our schema never gives, so that the file is looked at more closely.
 *
 * @internal
 */
export const isSuspicious = (error: unknown): boolean =>
  /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|SCHEMA|RANGE|FORMAT)/.test(codeOf(error)) || error instanceof TypeError

const table: ReadonlyArray<readonly [pattern: RegExp, reason: StoreErrorReason, message: string]> = [
  [
    /^SQLITE_(FULL|IOERR_SHMSIZE)|^ENOSPC$|^EDQUOT$/,
    "full",
    "the disk is full: free some space, recording resumes by itself"
  ],
  [/^SQLITE_(BUSY|LOCKED)/, "locked", "another process holds the store: it is tried again"],
  [
    /^SQLITE_(READONLY|PERM|AUTH)|^EROFS$|^EACCES$|^EPERM$/,
    "readonly",
    "the store cannot be written: check the permissions of its directory"
  ],
  [/^SQLITE_(CORRUPT|NOTADB)/, "corrupt", "the store is damaged: it is set aside and a new one is started"]
]

/** @internal */
export const toStoreError = (cause: unknown): StoreError => {
  if (cause instanceof StoreError) return cause
  const code = codeOf(cause)
  for (const [pattern, reason, message] of table) {
    if (pattern.test(code)) return new StoreError({ reason, message, cause })
  }
  return new StoreError({
    reason: "unavailable",
    message: "the store cannot be used" + (code === "" ? "" : " (" + code + ")") + ": it is tried again",
    cause
  })
}

/**
 * What came of loading SQLite: often it is SQLite that cannot be had and not the file, for it was bundled along, is not installed,
 * or was built for another runtime.
 *
 * @internal
 */
export const unloadable = (cause: unknown): unknown => {
  const code = codeOf(cause)
  if (cause instanceof TypeError || !/^(ERR_|MODULE_NOT_FOUND|$)/.test(code)) return cause
  const [said = ""] = cause instanceof Error ? cause.message.split(/\n|\. /) : []
  return new StoreError({
    reason: "unavailable",
    message:
      `the native SQLite cannot be loaded (${
        code || said
      }): install better-sqlite3 for this runtime, and keep it out ` +
      "of a bundle; it is tried again",
    cause
  })
}
