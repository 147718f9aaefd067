/**
 * Adding to the end of a file so that it stays there.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * - `full`: no space left, for now
 * - `unwritable`: the file or its directory cannot be made or written
 * - `broken`: writing failed half-way, or could not be made durable
 *
 * @since 0.1.0
 * @category errors
 */
export class FileAppendError extends Schema.TaggedError<FileAppendError>("effect-telemetry/submission/FileAppendError")(
  "FileAppendError",
  {
    reason: Schema.Literal("full", "unwritable", "broken"),
    /** For a person: which file, and what to do. */
    message: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Appends whole lines; on disk when it returns. A new file is readable by its owner only. What a failure, or the crash
   * of an earlier process, has left of a line is cut off or ended first, so that every line is either whole or alone.
   */
  readonly append: (path: string, lines: string) => Effect.Effect<void, FileAppendError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class FileAppender extends Context.Tag("effect-telemetry/submission/FileAppender")<FileAppender, Service>() {}
