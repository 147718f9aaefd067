/**
 * The lines of developer mode in `debug.ndjson` of the data directory, readable by its owner only.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as path from "node:path"
import { DebugFile, type FileService } from "../collection/DebugLog.js"
import { Directories } from "./Directories.js"

const fileName = "debug.ndjson"

/** When the file is longer it begins anew; the one before is kept beside it until then. */
const maxBytes = 1024 * 1024

const sizeOf = (file: string): number => fs.lstatSync(file, { throwIfNoEntry: false })?.size ?? 0

const readFrom = (file: string, from: number, size: number): string => {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0))
  try {
    const bytes = Buffer.alloc(size - from)
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, from)).toString("utf8")
  } finally {
    fs.closeSync(fd)
  }
}

const append = (file: string, lines: string): void => {
  if (sizeOf(file) > maxBytes) fs.renameSync(file, `${file}.1`)
  const flags = fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT | (fs.constants.O_NOFOLLOW ?? 0)
  const fd = fs.openSync(file, flags, 0o600)
  try {
    fs.writeSync(fd, lines)
  } finally {
    fs.closeSync(fd)
  }
}

const read = (file: string, from: number | null) => {
  const size = sizeOf(file)
  if (from === null) return { lines: [], next: size }
  const start = from > size ? 0 : from
  if (start === size) return { lines: [], next: size }
  const text = readFrom(file, start, size)
  const end = text.lastIndexOf("\n") + 1
  return {
    lines: text.slice(0, end).split("\n").filter((line) => line !== ""),
    next: start + Buffer.byteLength(text.slice(0, end))
  }
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (directory: string | null): FileService => {
  const file = path.join(directory ?? "", fileName)
  const attempt = <A>(f: () => A, otherwise: A): Effect.Effect<A> =>
    directory === null ? Effect.succeed(otherwise) : Effect.orElseSucceed(Effect.try(f), () => otherwise)
  return {
    append: (lines) => attempt(() => append(file, lines), undefined),
    read: (from) => attempt(() => read(file, from), { lines: [], next: from ?? 0 }),
    clear: attempt(() => {
      for (const name of [file, `${file}.1`]) fs.rmSync(name, { force: true })
    }, undefined)
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<DebugFile, never, Directories> = Layer.effect(
  DebugFile,
  Effect.map(Directories, ({ path }) => make(path))
)
