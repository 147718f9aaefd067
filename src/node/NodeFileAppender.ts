/**
 * Durable appending on Node's file system.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { FileHandle } from "node:fs/promises"
import { FileAppender, FileAppendError, type Service } from "../submission/FileAppender.js"

const reasons: Readonly<Record<string, FileAppendError["reason"]>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EACCES: "unwritable",
  EPERM: "unwritable",
  EROFS: "unwritable",
  EISDIR: "unwritable",
  ENOENT: "unwritable",
  ENOTDIR: "unwritable",
  ENXIO: "unwritable",
  ELOOP: "unwritable"
}

const hints: Readonly<Record<FileAppendError["reason"], string>> = {
  full: "there is no space left; free some",
  unwritable: "it cannot be written; check that its directory exists and is writable",
  broken: "writing it failed"
}

const toError = (path: string) => (cause: unknown): FileAppendError => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  const reason = reasons[code] ?? "broken"
  return new FileAppendError({ reason, message: `${path}: ${hints[reason]}`, cause })
}

const endsInsideLine = async (file: FileHandle, size: number): Promise<boolean> => {
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== 0x0a
}

const append = async (path: string, lines: string): Promise<void> => {
  const { open } = await import("node:fs/promises")
  const file = await open(path, "a+", 0o600)
  try {
    const { size } = await file.stat()
    try {
      await file.appendFile(await endsInsideLine(file, size) ? "\n" + lines : lines)
      await file.datasync()
    } catch (error) {
      await file.truncate(size).catch(() => {})
      throw error
    }
  } finally {
    await file.close()
  }
}

/**
 * One writer at a time is assumed, as the queue lets one process submit at a time.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Service = {
  append: (path, lines) =>
    Effect.uninterruptible(Effect.tryPromise({ try: () => append(path, lines), catch: toError(path) }))
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<FileAppender> = Layer.succeed(FileAppender, make)
