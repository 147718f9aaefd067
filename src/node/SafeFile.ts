/**
 * Small files that are read whole and replaced whole: a reader sees the old content or the new one, whatever dies when.
 * Everything here is synchronous and throws; the files beside it turn that into typed failures.
 *
 * @since 0.1.0
 */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"

/** Nothing that we keep in such a file comes near. */
const maxBytes = 1024 * 1024

/**
 * A file that is not what it must be.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsafeFile extends Error {
  override readonly name = "UnsafeFile"
}

/**
 * The code of a failed system call, such as `ENOENT`; undefined for anything else.
 *
 * @since 0.1.0
 * @category accessors
 */
export const code = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

/**
 * Is there no space left?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isFull = (error: unknown): boolean => code(error) === "ENOSPC" || code(error) === "EDQUOT"

/** Not through a link, and without waiting for a writer should it be a pipe. Both are 0 where they do not exist. */
const readFlags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)

/** On a file system that is read-only the content still counts. */
const closeToOthers = (fd: number): void => {
  try {
    fs.fchmodSync(fd, 0o600)
  } catch (error) {
    if (code(error) === undefined) throw error
  }
}

/**
 * The content, or null when there is no file. A link at the path is refused unless `followLinks`; a file that others may
 * read is closed to them, unless it was found through a link.
 *
 * @since 0.1.0
 * @category readers
 */
export const read = (file: string, options: { readonly followLinks?: boolean } = {}): string | null => {
  const noFollow = options.followLinks === true ? 0 : fs.constants.O_NOFOLLOW ?? 0
  const directory = path.dirname(file)
  if (noFollow !== 0 && fs.lstatSync(directory, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new UnsafeFile(`${directory} is a symbolic link: remove it, or name the directory it leads to`)
  }
  let fd: number
  try {
    fd = fs.openSync(file, readFlags | noFollow)
  } catch (error) {
    if (code(error) === "ENOENT") return null
    if (code(error) === "ELOOP") throw new UnsafeFile(`${file} is a symbolic link: remove it`)
    throw error
  }
  try {
    const stat = fs.fstatSync(fd)
    if (!stat.isFile()) throw new UnsafeFile(`${file} is not a file: remove it`)
    if (stat.size > maxBytes) throw new UnsafeFile(`${file} is too large: remove it`)
    if (noFollow !== 0 && (stat.mode & 0o077) !== 0) closeToOthers(fd)
    return fs.readFileSync(fd, "utf8")
  } finally {
    fs.closeSync(fd)
  }
}

const syncDirectory = (directory: string): void => {
  // Windows has no such call; its rename is durable with the file system's journal.
  if (process.platform === "win32") return
  const fd = fs.openSync(directory, "r")
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

const temporary = /\.tmp$/

/**
 * Where a second file finds no space: writes over the first, in one piece that is not shorter, for white space at the end is
 * nothing, and needs no more of the disk. What a power failure would leave half written counts as damaged, which is off.
 */
const overwrite = (file: string, content: string, check: () => void, full: unknown): void => {
  let fd: number
  try {
    fd = fs.openSync(file, fs.constants.O_RDWR | (fs.constants.O_NOFOLLOW ?? 0))
  } catch {
    throw full
  }
  try {
    const { blocks, size } = fs.fstatSync(fd)
    const bytes = Buffer.alloc(Math.max(size, Buffer.byteLength(content)), " ")
    bytes.write(content)
    if (!(bytes.length <= blocks * 512)) throw full
    check()
    fs.writeSync(fd, bytes, 0, bytes.length, 0)
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * Replaces the content, durably: a new file of mode 0600 is written and synced, then takes the name. What `check` throws
 * keeps the old content; it is asked last. So that a person can say no on a full disk too, the file itself is then written.
 *
 * @since 0.1.0
 * @category writers
 */
export const write = (file: string, content: string, check: () => void): void => {
  const next = `${file}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`
  try {
    const fd = fs.openSync(next, "wx", 0o600)
    try {
      fs.fchmodSync(fd, 0o600)
      fs.writeFileSync(fd, content)
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
    check()
    fs.renameSync(next, file)
  } catch (error) {
    fs.rmSync(next, { force: true })
    if (!isFull(error)) throw error
    overwrite(file, content, check, error)
  }
  syncDirectory(path.dirname(file))
}

/**
 * Removes what writers of `file` left behind that died before the rename. Call it only under the lock of the file.
 *
 * @since 0.1.0
 * @category writers
 */
export const removeLeftovers = (file: string): void => {
  const directory = path.dirname(file)
  const prefix = `${path.basename(file)}.`
  for (const name of fs.readdirSync(directory)) {
    if (name.startsWith(prefix) && temporary.test(name)) fs.rmSync(path.join(directory, name), { force: true })
  }
}

/**
 * Moves a damaged file out of the way, never deletes it: `consent.json.corrupt-1699390800000`, mode 0600. Gives its name.
 *
 * @since 0.1.0
 * @category writers
 */
export const setAside = (file: string, now: number): string => {
  let aside = `${file}.corrupt-${now}`
  for (let n = 2; fs.existsSync(aside); n++) aside = `${file}.corrupt-${now}-${n}`
  fs.chmodSync(file, 0o600)
  fs.renameSync(file, aside)
  return aside
}

/**
 * Closes an existing file to others and refuses a link or anything that is not a file. Nothing happens when there is none.
 *
 * @since 0.1.0
 * @category writers
 */
export const tighten = (file: string): void => {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (stat.isSymbolicLink()) throw new UnsafeFile(`${file} is a symbolic link: remove it`)
  if (!stat.isFile()) throw new UnsafeFile(`${file} is not a file: remove it`)
  if (process.platform !== "win32" && (stat.mode & 0o777) !== 0o600) fs.chmodSync(file, 0o600)
}
