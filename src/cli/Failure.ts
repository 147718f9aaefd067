/**
 * How a command ends when it does not end well.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * 1: it failed. 2: it was used wrongly. 3: done in part.
 *
 * @since 0.1.0
 * @category errors
 */
export class Failure extends Schema.TaggedError<Failure>("effect-telemetry/cli/Failure")("CliFailure", {
  /** One line for a person: what happened and what to do. */
  message: Schema.String,
  exitCode: Schema.Literal(1, 2, 3)
}) {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const failed = (message: string): Failure => new Failure({ message, exitCode: 1 })

/**
 * @since 0.1.0
 * @category constructors
 */
export const misused = (message: string): Failure => new Failure({ message, exitCode: 2 })

/**
 * @since 0.1.0
 * @category constructors
 */
export const inPart = (message: string): Failure => new Failure({ message, exitCode: 3 })

/**
 * The first line of what any error says.
 *
 * @since 0.1.0
 * @category getters
 */
export const messageOf = (error: unknown): string => {
  const text = typeof error === "object" && error !== null && "message" in error ? error.message : error
  return String(text).split("\n")[0] ?? ""
}
