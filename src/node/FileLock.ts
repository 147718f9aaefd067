/**
 * One process at a time, by a file that holds the process id of whoever has the lock. The work under it is synchronous, so
 * a lock is held for milliseconds, and a lock whose process has died is taken over.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import { isGone } from "./NodeProcess.js"
import { code, isFull } from "./SafeFile.js"

/** How long a lock is waited for, and how long between two looks. */
const defaultPatienceMillis = 3_000
const pauseMillis = 8

/** A lock that has no content yet belongs to someone between two system calls, or to someone who died there. */
const emptyMillis = 2_000

/** Nobody holds a lock that long: its process id is in use again, or belongs to another machine. */
const staleMillis = 30_000

/**
 * Somebody else had the lock for the whole time.
 *
 * @since 0.1.0
 * @category errors
 */
export class LockBusy extends Error {
  override readonly name = "LockBusy"
}

/**
 * The lock was taken away while its holder was stopped for longer than anybody holds a lock.
 *
 * @since 0.1.0
 * @category errors
 */
export class LockLost extends Error {
  override readonly name = "LockLost"
}

const contentOf = (file: string): string | undefined => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch (error) {
    if (code(error) === "ENOENT") return undefined
    throw error
  }
}

const isStale = (file: string): boolean => {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return false
  // The clock may have been set back since.
  const age = Math.abs(Date.now() - stat.mtimeMs)
  if (!stat.isFile() || age > staleMillis) return true
  const content = contentOf(file)
  if (content === undefined) return false
  const [pid, host] = content.split(" ")
  if (host === undefined) return age > emptyMillis
  return host === os.hostname() && isGone(Number(pid))
}

/** What is in the lock that was taken; null: somebody has it. On a full disk nothing is, and it is the name that counts. */
const tryTake = (file: string, owner: string): string | null => {
  let fd: number
  try {
    fd = fs.openSync(file, "wx", 0o600)
  } catch (error) {
    if (code(error) === "EEXIST") return null
    throw error
  }
  try {
    fs.writeFileSync(fd, owner)
    return owner
  } catch (error) {
    if (isFull(error)) return ""
    fs.rmSync(file, { force: true })
    throw error
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * Removes a lock nobody holds any more. Only one process may do so at a time: of two that have both found it stale, the
 * slower one would remove the lock that the faster one has taken in the meantime.
 */
const breakStale = (file: string, owner: string): void => {
  const breaker = `${file}.break`
  if (tryTake(breaker, owner) === null) {
    if (isStale(breaker)) fs.rmSync(breaker, { force: true })
    return
  }
  try {
    if (isStale(file)) fs.rmSync(file, { force: true })
  } finally {
    fs.rmSync(breaker, { force: true })
  }
}

/** The work in `right`, or `left` when somebody else has the lock now. */
const attempt = <A>(file: string, work: (check: () => void) => A): Either.Either<A, LockBusy> => {
  const owner = `${process.pid} ${os.hostname()} ${randomBytes(6).toString("hex")}`
  let held = tryTake(file, owner)
  if (held === null) {
    if (isStale(file)) breakStale(file, owner)
    held = tryTake(file, owner)
    if (held === null) return Either.left(new LockBusy(`${file} is held by another process`))
  }
  try {
    return Either.right(work(() => {
      if (contentOf(file) !== held) throw new LockLost(`${file} was taken over by another process: try again`)
    }))
  } finally {
    if (contentOf(file) === held) fs.rmSync(file, { force: true })
  }
}

const pause = Effect.async<void>((resume) => {
  const timer = setTimeout(() => resume(Effect.void), pauseMillis + Math.random() * pauseMillis)
  return Effect.sync(() => clearTimeout(timer))
})

/**
 * Runs `work` while holding the lock `file`; what it throws is the failure. It is handed a check that throws when the lock
 * was lost, to be asked before what cannot be undone. Without contention this is synchronous. The directory of the lock
 * must exist.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withLock = <A>(
  file: string,
  work: (check: () => void) => A,
  patienceMillis = defaultPatienceMillis
): Effect.Effect<A, unknown> =>
  Effect.suspend(() => {
    const until = performance.now() + patienceMillis
    const loop: Effect.Effect<A, unknown> = Effect.flatMap(
      Effect.try({ try: () => attempt(file, work), catch: (error) => error }),
      Either.match({
        onLeft: (busy) => performance.now() > until ? Effect.fail(busy) : Effect.zipRight(pause, loop),
        onRight: Effect.succeed
      })
    )
    return loop
  })
