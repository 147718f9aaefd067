/**
 * The errors in a cause. Interruption is not one: somebody wanted it.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Policy from "../../Policy.js"

/**
 * A `failure` was expected and has a type; a `defect` is a bug.
 *
 * @since 0.1.0
 * @category models
 */
export interface CauseError {
  readonly kind: "failure" | "defect"
  /** As it was first thrown or failed with, so that it can be known again. */
  readonly error: unknown
}

const original = (error: unknown): unknown => {
  try {
    return typeof error === "object" && error !== null ? Cause.originalError(error) : error
  } catch {
    return error
  }
}

/**
 * Each error once, failures first, no more than ten.
 *
 * @since 0.1.0
 * @category getters
 */
export const all = (cause: Cause.Cause<unknown>): ReadonlyArray<CauseError> => {
  const seen = new Map<unknown, CauseError>()
  const add = (kind: CauseError["kind"]) => (error: unknown): void => {
    const value = original(error)
    if (!seen.has(value) && seen.size < Policy.maxErrorsOfCause) seen.set(value, { kind, error: value })
  }
  for (const failure of Cause.failures(cause)) add("failure")(failure)
  for (const defect of Cause.defects(cause)) add("defect")(defect)
  return [...seen.values()]
}
