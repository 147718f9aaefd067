/**
 * A `Cause` in a few words: how an effect ended, and the error to blame for it. Pure, and it never throws, whatever was failed
 * with.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Option from "effect/Option"
import * as Thrown from "./Thrown.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CauseSummary {
  readonly kind: "failure" | "defect" | "interrupted"
  /** See `Thrown`. */
  readonly errorType: string
  readonly message: string
  readonly stack: string | undefined
}

const describe = (kind: CauseSummary["kind"], error: unknown): CauseSummary => {
  const { errorType, message, stack } = Thrown.describe(error)
  return { kind, errorType, message, stack: stack === "" ? undefined : stack }
}

/**
 * A defect outweighs a failure, and a failure an interruption. Null for an empty cause.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (cause: Cause.Cause<unknown>): CauseSummary | null => {
  if (Cause.isEmpty(cause)) return null
  const defect = Chunk.head(Cause.defects(cause))
  if (Option.isSome(defect)) return describe("defect", defect.value)
  const failure = Chunk.head(Cause.failures(cause))
  if (Option.isSome(failure)) return describe("failure", failure.value)
  return { kind: "interrupted", errorType: "Interrupted", message: "", stack: undefined }
}
