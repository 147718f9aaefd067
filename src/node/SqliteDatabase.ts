/**
 * The store's file on Node. SQLite is loaded when the file is opened for the first time, not before: while telemetry is off
 * nothing is loaded and nothing is made.
 *
 * @since 0.1.0
 */
import type Sqlite from "better-sqlite3"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Database from "../persistence/Sql/Database.js"
import * as Failures from "../persistence/Sql/Failures.js"
import type { Connection } from "../persistence/Sql/Session.js"
import { StoreError } from "../persistence/StoreError.js"
import * as Policy from "../Policy.js"

const suffixes = ["", "-wal", "-shm", "-journal"] as const

const inode = (file: string): number | null => {
  const stat = Fs.statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? null : stat.ino
}

const refuse = (message: string): never => {
  throw new StoreError({ reason: "unavailable", message })
}

/** The file exists before SQLite opens it, so that its log gets the same owner-only mode. Its log SQLite follows through no link. */
const prepareFile = (file: string): number | null => {
  Fs.mkdirSync(Path.dirname(file), { recursive: true, mode: 0o700 })
  const stat = Fs.lstatSync(file, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink() === true) refuse(`${file} is a symbolic link: remove it`)
  if (stat?.isFile() === false) refuse(`${file} is not a file: remove it`)
  if (stat === undefined) Fs.closeSync(Fs.openSync(file, "a", 0o600))
  else if ((stat.mode & 0o077) !== 0) Fs.chmodSync(file, 0o600)
  return inode(file)
}

/** How often it is looked whether the file is still there: to look costs as much as a statement. */
const lookMillis = 50

/** With so much of the disk free it is looked only now and then how much that is. */
const plentyBytes = 64 * 1024 * 1024

const sizeOf = (file: string): number => Fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** Infinity where the system does not tell. */
const freeBytes = (directory: string): number => {
  try {
    const { bavail, blocks, bsize } = Fs.statfsSync(directory)
    return blocks === 0 ? Infinity : bavail * bsize
  } catch {
    return Infinity
  }
}

/** A damaged file, without its log. */
const isAside = (file: string) => (name: string): boolean =>
  name.startsWith(`${Path.basename(file)}.corrupt-`) &&
  !suffixes.some((suffix) => suffix !== "" && name.endsWith(suffix))

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory)
  } catch {
    return []
  }
}

const freeName = (file: string, now: number): string => {
  const base = file + ".corrupt-" + now
  for (let n = 0;; n++) {
    const name = n === 0 ? base : base + "-" + n
    if (!Fs.existsSync(name)) return name
  }
}

/** Kept for the process: once loaded, a file opens without a turn of the event loop. */
let loaded: typeof Sqlite | null = null

const connectTo = (sqlite: Sqlite.Database): Connection => {
  const statements = new Map<string, Sqlite.Statement>()
  const raw = new Map<string, Sqlite.Statement<Array<unknown>, ReadonlyArray<unknown>>>()
  const prepare = (sql: string): Sqlite.Statement => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = sqlite.prepare(sql)
    statements.set(sql, made)
    return made
  }
  return {
    all: (sql, params) => {
      const statement = prepare(sql)
      if (statement.reader) return statement.all(...params)
      statement.run(...params)
      return []
    },
    rows: (sql, params) => {
      const known = raw.get(sql)
      if (known !== undefined) return known.all(...params)
      const made = sqlite.prepare<Array<unknown>, ReadonlyArray<unknown>>(sql).raw(true)
      raw.set(sql, made)
      return made.all(...params)
    },
    run: (sql, params) => {
      const statement = prepare(sql)
      if (!statement.reader) return statement.run(...params).changes
      return statement.all(...params).length
    }
  }
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const makeDriver = (file: string): Database.Driver => {
  let opened: number | null = null
  let looked = -Infinity
  let current = false
  let measured = -Infinity
  return {
    connect: Effect.gen(function*() {
      const Constructor = loaded ??= yield* Effect.tryPromise({
        try: async () => (await import("better-sqlite3")).default,
        catch: Failures.unloadable
      })
      const sqlite = yield* Effect.acquireRelease(
        Effect.try({
          try: () => {
            opened = prepareFile(file)
            return new Constructor(file, { timeout: Policy.busyTimeoutMillis })
          },
          catch: Failures.unloadable
        }),
        (sqlite) => Effect.sync(() => sqlite.close())
      )
      return connectTo(sqlite)
    }),
    exists: () => Fs.existsSync(file),
    isCurrent: () => {
      const now = performance.now()
      if (current && now - looked < lookMillis) return true
      looked = now
      current = opened !== null && inode(file) === opened
      return current
    },
    setAside: (now) => {
      // another process may have set the file aside already, and this be a new one
      if (opened === null || inode(file) !== opened) return
      const name = freeName(file, now)
      for (const suffix of suffixes) {
        if (!Fs.existsSync(file + suffix)) continue
        Fs.chmodSync(file + suffix, 0o600)
        Fs.renameSync(file + suffix, name + suffix)
      }
    },
    aside: () => namesIn(Path.dirname(file)).filter(isAside(file)).sort(),
    bytes: () => suffixes.reduce((sum, suffix) => sum + sizeOf(file + suffix), 0),
    hasRoom: () => {
      const now = performance.now()
      if (now - measured < lookMillis) return true
      const free = freeBytes(Path.dirname(file))
      if (free > plentyBytes) measured = now
      // What is in the log may need as much again when it is moved into the file.
      return free >= sizeOf(file + "-wal") + Policy.reservedBytes
    }
  }
}

/**
 * The database in `file`; its directory is made, for the owner only, where it is missing.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (file: string): Layer.Layer<Database.Database> => Database.layer(makeDriver(file))
