/**
 * How an effect has ended, in words for an event.
 *
 * @since 0.1.0
 */
import * as Exit from "effect/Exit"
import * as CauseSummary from "../errors/CauseSummary.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Ending {
  readonly exit: "success" | "failure" | "defect" | "interrupted"
  /** The tag or name of the error that is to blame. */
  readonly errorType?: string
}

/**
 * @since 0.1.0
 * @category getters
 */
export const of = (exit: Exit.Exit<unknown, unknown>): Ending => {
  if (Exit.isSuccess(exit)) return { exit: "success" }
  const summary = CauseSummary.make(exit.cause)
  if (summary === null) return { exit: "failure" }
  return summary.kind === "interrupted" ? { exit: summary.kind } : { exit: summary.kind, errorType: summary.errorType }
}

/**
 * The tag of the error, or `Interrupted`; undefined for a success.
 *
 * @since 0.1.0
 * @category getters
 */
export const errorTag = ({ errorType, exit }: Ending): string | undefined =>
  exit === "interrupted" ? "Interrupted" : errorType

/**
 * What a shell would see: 0, 1 for an error, 130 for an interruption.
 *
 * @since 0.1.0
 * @category getters
 */
export const exitCode = ({ exit }: Ending): number => exit === "success" ? 0 : exit === "interrupted" ? 130 : 1
