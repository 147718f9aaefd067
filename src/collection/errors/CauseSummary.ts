/**
 * A `Cause` in a few words: how an effect ended, and the error to blame for it. Pure, and it never throws, whatever was failed
 * with.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Option from "effect/Option"

/**
 * @since 0.1.0
 * @category models
 */
export interface CauseSummary {
  readonly kind: "failure" | "defect" | "interrupted"
  /** The tag of a tagged error, else the name of an error, else the type of the value. */
  readonly errorType: string
  readonly message: string
  readonly stack: string | undefined
}

const textOf = (read: () => unknown): string | undefined => {
  try {
    const value = read()
    return typeof value === "string" && value !== "" ? value : undefined
  } catch {
    return undefined
  }
}

const hasMembers = (error: unknown): error is { readonly [member: string]: unknown } =>
  (typeof error === "object" && error !== null) || typeof error === "function"

const describe = (kind: CauseSummary["kind"], error: unknown): CauseSummary => {
  if (!hasMembers(error)) {
    return { kind, errorType: typeof error, message: textOf(() => String(error)) ?? "", stack: undefined }
  }
  return {
    kind,
    errorType: textOf(() => error._tag) ?? textOf(() => error.name) ?? "object",
    message: textOf(() => error.message) ?? "",
    stack: textOf(() => error.stack)
  }
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
