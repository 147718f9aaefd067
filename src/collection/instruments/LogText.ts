/**
 * What was logged, in two parts: the text, and the values beside it, which are redacted by their names.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as HashMap from "effect/HashMap"
import type * as Logger from "effect/Logger"

/**
 * @since 0.1.0
 * @category models
 */
export interface LogText {
  readonly text: string
  readonly values: ReadonlyArray<unknown>
}

const isPlain = (value: unknown): value is string | number | boolean | bigint =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"

/** An error among the values says what it is; a cause is told elsewhere. */
const wordOf = (value: unknown): string | undefined =>
  isPlain(value) ? String(value) : value instanceof Error ? `${value.name}: ${value.message}` : undefined

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (message: unknown): LogText => {
  const words: Array<string> = []
  const values: Array<unknown> = []
  for (const value of Array.isArray(message) ? message : [message]) {
    const word = wordOf(value)
    if (word !== undefined) words.push(word)
    else if (value !== undefined && value !== null && !Cause.isCause(value)) values.push(value)
  }
  return { text: words.join(" "), values }
}

/**
 * The annotations, and the log spans with the milliseconds since they began.
 *
 * @since 0.1.0
 * @category getters
 */
export const annotations = (options: Logger.Logger.Options<unknown>): Record<string, unknown> => {
  const record: Record<string, unknown> = Object.fromEntries(HashMap.toEntries(options.annotations))
  for (const span of options.spans) record[`span.${span.label}`] = options.date.getTime() - span.startTime
  return record
}
