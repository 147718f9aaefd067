/**
 * What goes with an error at level full: its context, the state of the program, the breadcrumbs. Each is held to a size, so
 * that an error is never too large to be recorded because of what goes with it.
 *
 * @since 0.1.0
 */
import { utf8Length } from "../../persistence/Utf8.js"
import * as Policy from "../../Policy.js"
import type { Recorded } from "../Breadcrumbs.js"
import * as Text from "../encoding/Text.js"
import type { Redactor } from "../Redaction.js"

/**
 * Tells a part of the program's state. What it throws is left out.
 *
 * @since 0.1.0
 * @category models
 */
export type ReadState = () => unknown

/**
 * @since 0.1.0
 * @category models
 */
export interface Details {
  readonly context: (
    given: Readonly<Record<string, unknown>> | undefined,
    state: Iterable<readonly [name: string, read: ReadState]>
  ) => Readonly<Record<string, unknown>> | undefined
  /** The newest that fit. */
  readonly breadcrumbs: (all: ReadonlyArray<Recorded>) => ReadonlyArray<unknown>
}

const tooLarge = "[too large]"

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (redactor: Redactor): Details => {
  const bytes = (value: unknown): number => utf8Length(redactor.jsonValue(value) ?? "")

  /** Redacted before it is cut, so that no half of a secret stays. */
  const cut = (text: string, length = Policy.maxBreadcrumbText): string => Text.truncate(redactor.text(text), length)

  const cutFields = (fields: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [cut(name), typeof value === "string" ? cut(value) : value])
    )

  const stateOf = (state: Iterable<readonly [string, ReadState]>): Readonly<Record<string, unknown>> => {
    const out: Array<readonly [string, unknown]> = []
    let left = Policy.maxStateBytes
    for (const [name, read] of state) {
      try {
        const value = redactor.value(read())
        const size = bytes({ [name]: value })
        out.push([name, size > left ? tooLarge : value])
        if (size <= left) left -= size
      } catch {
        out.push([name, "[unreadable]"])
      }
    }
    return Object.fromEntries(out)
  }

  return {
    context: (given, state) => {
      const told = stateOf(state)
      const own = given !== undefined && bytes(given) > Policy.maxContextBytes ? { omitted: tooLarge } : given
      return Object.keys(told).length === 0 ? own : { state: told, ...own }
    },
    breadcrumbs: (all) => {
      const out: Array<unknown> = []
      let left = Policy.maxBreadcrumbBytes
      for (const { category, data, message, timestamp } of all.toReversed()) {
        const one = {
          timestamp,
          category: cut(category),
          ...(message === undefined ? {} : { message: cut(message, Policy.maxMessageLength) }),
          ...(data === undefined ? {} : { data: cutFields(data) })
        }
        left -= bytes(one)
        if (left < 0) break
        out.unshift(one)
      }
      return out
    }
  }
}
