/**
 * Developer mode: a line for every captured event, as it will be sent, with what was redacted, sampled or dropped and why.
 * The lines go to the application's own logger and to a small file that a second terminal can follow. They hold what may be
 * stored and nothing else.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type RedactedEvent, toJson } from "../domain/TelemetryEvent.js"
import * as Waiting from "../internal/waiting.js"
import { Config } from "../TelemetryConfig.js"
import type { FieldReport } from "./Explain.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Entry =
  | {
    readonly outcome: "recorded"
    readonly event: RedactedEvent
    /** The fields that are not as they were given. */
    readonly fields: ReadonlyArray<FieldReport>
  }
  | {
    readonly outcome: "level" | "sampling" | "invalid" | "oversize"
    readonly eventType: string
    readonly timestamp: number
    /** What was expected, never what was given; null where there is nothing to say. */
    readonly issue: string | null
  }

/**
 * One line of JSON: of a recorded event what is sent, and beside it `debug`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toLine = (entry: Entry): string => {
  if (entry.outcome === "recorded") {
    const debug = { outcome: entry.outcome, fields: entry.fields }
    return toJson(entry.event).slice(0, -1) + ",\"debug\":" + JSON.stringify(debug) + "}"
  }
  const { eventType, issue, outcome, timestamp } = entry
  return JSON.stringify({ eventType, timestamp, debug: issue === null ? { outcome } : { outcome, issue } })
}

/**
 * Null while developer mode is off.
 *
 * @since 0.1.0
 * @category references
 */
export class DebugLog extends Context.Reference<DebugLog>()("effect-telemetry/collection/DebugLog", {
  defaultValue: (): { readonly unsafeAdd: (entry: Entry) => void } | null => null
}) {}

/**
 * Where the lines of all processes meet. Bounded: the oldest go first.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileService {
  /** Whole lines. Never fails: nothing depends on them. */
  readonly append: (lines: string) => Effect.Effect<void>
  /** What has come since `from`, which was `next` of the read before; null: only from now on. */
  readonly read: (
    from: number | null
  ) => Effect.Effect<{ readonly lines: ReadonlyArray<string>; readonly next: number }>
  readonly clear: Effect.Effect<void>
}

/**
 * By default there is none.
 *
 * @since 0.1.0
 * @category references
 */
export class DebugFile extends Context.Reference<DebugFile>()("effect-telemetry/collection/DebugFile", {
  defaultValue: (): FileService => ({
    append: () => Effect.void,
    read: () => Effect.succeed({ lines: [], next: 0 }),
    clear: Effect.void
  })
}) {}

/**
 * Do the lines go to the application's logger as well? A command line whose output is read by programs says no.
 *
 * @since 0.1.0
 * @category references
 */
export class DebugEcho extends Context.Reference<DebugEcho>()("effect-telemetry/collection/DebugEcho", {
  defaultValue: () => true
}) {}

/** Lines that wait to be written; beyond that the oldest are let go of, so that debugging never grows the host. */
const capacity = 1_000

const make = Effect.gen(function*() {
  const { debug } = yield* Config
  if (!debug) return null
  const file = yield* DebugFile
  const echo = yield* DebugEcho
  const entries = Waiting.make<Entry>(capacity)

  const write = (taken: ReadonlyArray<Entry>): Effect.Effect<void> => {
    if (taken.length === 0) return Effect.void
    const lines = taken.map(toLine)
    return Effect.zipRight(
      file.append(lines.join("\n") + "\n"),
      echo ? Effect.forEach(lines, (line) => Effect.logInfo(`telemetry: ${line}`), { discard: true }) : Effect.void
    )
  }

  yield* Effect.addFinalizer(() => Effect.suspend(() => write(entries.unsafeTake())))
  yield* entries.take.pipe(
    Effect.flatMap((taken) => Effect.uninterruptible(write(taken))),
    Effect.catchAllCause((cause) => Effect.logDebug("telemetry: a debug line was not written", cause)),
    Effect.forever,
    Effect.interruptible,
    Effect.forkScoped
  )
  return { unsafeAdd: entries.unsafeAdd }
})

/**
 * Costs nothing while `debug` is off.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<DebugLog, never, Config> = Layer.scoped(DebugLog, make)
