/**
 * `export`: everything stored, as a stream: memory does not grow with what is stored.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import { FileSystem } from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { WireEvent } from "../../domain/TelemetryEvent.js"
import { Telemetry } from "../../Telemetry.js"
import { failed, type Failure, misused } from "../Failure.js"
import { type Flags, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import * as Range from "../Range.js"
import * as csv from "../render/csv.js"
import { type Frame, writeLines } from "../render/stream.js"
import { json, plural } from "../render/text.js"

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
  readonly from: string | undefined
  readonly to: string | undefined
  readonly type: string | undefined
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
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & Options) =>
  Effect.gen(function*() {
    const { output } = flags
    const format = flags.format ?? "json"
    if (flags.json && output === undefined && format === "csv") {
      return yield* misused("--json and --format csv exclude each other.")
    }
    if (flags.force && output === undefined) return yield* misused("--force needs --output FILE.")
    const filter = yield* Range.filter(flags)
    const { frame, line } = encodings[format]
    const count = yield* Effect.gen(function*() {
      const events = (yield* Telemetry).export(filter)
      return output === undefined
        ? yield* writeLines(events, line, frame)
        : yield* toFile(output, flags.force, (write) => writeLines(events, line, frame, write))
    }).pipe(withTelemetry(flags))
    if (output === undefined) return
    yield* print(flags, { events: count, output }, () => "")
    if (!flags.json) yield* note(`${plural(count, "event")} written to ${output}`)
  })
