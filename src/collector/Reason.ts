/**
 * Why a value does not fit a schema, for the one who sent it: which field and what about it, never what was in it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import * as Limits from "./Limits.js"

/** The first thing that is wrong: where, and what. The library's own messages are not used: they quote the value. */
const first = (issue: ParseResult.ParseIssue, path: ReadonlyArray<PropertyKey>): string => {
  switch (issue._tag) {
    case "Pointer":
      return first(issue.issue, [...path, ...(Array.isArray(issue.path) ? issue.path : [issue.path])])
    case "Composite":
      return first("_tag" in issue.issues ? issue.issues : issue.issues[0], path)
    case "Refinement":
    case "Transformation":
      return first(issue.issue, path)
    case "Missing":
      return `${path.map(String).join(".")} is missing`
    case "Type":
    case "Unexpected":
    case "Forbidden":
      return `${path.length === 0 ? "the event" : path.map(String).join(".")} is not valid`
  }
}

/**
 * Null when it does fit. `prefix` is the name of the field that holds the value.
 *
 * @since 0.1.0
 * @category getters
 */
export const make = <A, I>(schema: Schema.Schema<A, I>, prefix?: string): (value: unknown) => string | null => {
  const decode = ParseResult.decodeUnknownEither(schema)
  return (value) =>
    Either.match(decode(value), {
      onRight: () => null,
      onLeft: (issue) => first(issue, prefix === undefined ? [] : [prefix]).slice(0, Limits.maxReasonLength)
    })
}
