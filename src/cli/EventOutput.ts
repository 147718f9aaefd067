/**
 * Events as a stream in one of three formats, to standard output or into a new file.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import { FileSystem } from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type * as Stream from "effect/Stream"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import { failed, type Failure, misused } from "./Failure.js"
import type { Flags } from "./Host.js"
import { note, print } from "./Output.js"
import * as csv from "./render/csv.js"
import { type Frame, writeLines } from "./render/stream.js"
import { json, plural } from "./render/text.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Format = "json" | "ndjson" | "csv"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly format: Format | undefined
  readonly output: string | undefined
  readonly force: boolean
}

const encodings: Readonly<
  Record<Format, { readonly line: (event: WireEvent, index: number) => string; readonly frame: Frame }>
> = {
  json: { line: (event, i) => (i === 0 ? "" : ",") + json(event), frame: { start: "[", end: "]" } },
  ndjson: { line: (event) => json(event), frame: { start: null, end: null } },
  csv: { line: csv.row, frame: { start: csv.columns.join(",") + "\r", end: null, separator: "\r\n" } }
}

const because: Readonly<Record<string, string>> = {
  AlreadyExists: "is there already: --force replaces it",
  NotFound: "cannot be written: its directory does not exist",
  PermissionDenied: "cannot be written: it is not permitted"
}

const explain = (path: string) => (error: PlatformError): Failure =>
  failed(
    `${path} ${
      error._tag === "SystemError"
        ? because[error.reason] ?? `cannot be written: ${error.reason}`
        : `cannot be written: ${error.message}`
    }.`
  )

/**
 * A new file, readable by its owner only. Exclusive creation neither follows a link nor touches what is there; with
 * `force` the new file takes the other's place once it is whole, links included.
 */
const toFile = <E, R>(
  path: string,
  force: boolean,
  produce: (write: (text: string) => Effect.Effect<void, Failure>) => Effect.Effect<number, E, R>
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem
    const target = force ? `${path}.part` : path
    const encoder = new TextEncoder()
    const whole = yield* Ref.make(false)
    if (force) yield* Effect.ignore(fs.remove(target))
    const count = yield* Effect.scoped(Effect.gen(function*() {
      const file = yield* fs.open(target, { flag: "wx", mode: 0o600 }).pipe(Effect.mapError(explain(path)))
      yield* Effect.addFinalizer(() =>
        Effect.flatMap(Ref.get(whole), (done) => done ? Effect.void : Effect.ignore(fs.remove(target)))
      )
      const n = yield* produce((text) => Effect.mapError(file.writeAll(encoder.encode(text + "\n")), explain(path)))
      yield* Ref.set(whole, true)
      return n
    }))
    if (force) yield* fs.rename(target, path).pipe(Effect.mapError(explain(path)))
    return count
  })

/**
 * Do the options go together?
 *
 * @since 0.1.0
 * @category parsing
 */
export const check = (flags: Flags & Options): Effect.Effect<void, Failure> =>
  flags.json && flags.output === undefined && flags.format === "csv"
    ? misused("--json and --format csv exclude each other.")
    : flags.force && flags.output === undefined
    ? misused("--force needs --output FILE.")
    : Effect.void

/**
 * Writes them all; answers how many there were.
 *
 * @since 0.1.0
 * @category output
 */
export const write = <E, R>(
  { force, format = "json", output }: Options,
  events: Stream.Stream<WireEvent, E, R>
): Effect.Effect<number, E | Failure, R | FileSystem> => {
  const { frame, line } = encodings[format]
  return output === undefined
    ? writeLines(events, line, frame)
    : toFile(output, force, (put) => writeLines(events, line, frame, put))
}

/**
 * Where they are now, when that is a file.
 *
 * @since 0.1.0
 * @category output
 */
export const report = (flags: Flags & Options, count: number) =>
  flags.output === undefined ? Effect.void : Effect.zipRight(
    print(flags, { events: count, output: flags.output }, () => ""),
    flags.json ? Effect.void : note(`${plural(count, "event")} written to ${flags.output}`)
  )
