/**
 * How an effect has ended, in words for an event.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as CauseErrors from "../errors/CauseErrors.js"
import * as Thrown from "../errors/Thrown.js"

/**
 * `tag` is that of the first error: the `_tag` of a typed failure, the class of a defect.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ending {
  readonly outcome: "success" | "failure" | "defect" | "interrupted"
  readonly tag?: string
}

/**
 * A typed failure goes before a defect, and both before an interruption.
 *
 * @since 0.1.0
 * @category getters
 */
export const of = (exit: Exit.Exit<unknown, unknown>): Ending => {
  if (Exit.isSuccess(exit)) return { outcome: "success" }
  const [first] = CauseErrors.all(exit.cause)
  if (first !== undefined) return { outcome: first.kind, tag: Thrown.tagOf(first.error) }
  return { outcome: Cause.isInterrupted(exit.cause) ? "interrupted" : "failure" }
}

/**
 * The tag of the error, or `interrupted`; undefined for a success.
 *
 * @since 0.1.0
 * @category getters
 */
export const errorTag = ({ outcome, tag }: Ending): string | undefined =>
  outcome === "success" ? undefined : tag ?? outcome

/**
 * What a shell would see: 0, 1 for an error, 130 for an interruption.
 *
 * @since 0.1.0
 * @category getters
 */
export const exitCode = ({ outcome }: Ending): number => outcome === "success" ? 0 : outcome === "interrupted" ? 130 : 1
