/**
 * Why an event is as it is: which rule has replaced, cut, hashed or left out what. It is no engine of its own: the encoder
 * and the rules that every event goes through are made once more, and tell what they do.
 *
 * @since 0.1.0
 */
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Level from "../domain/Level.js"
import * as Encoder from "./Encoder.js"
import * as Redaction from "./Redaction.js"

/**
 * - `kept`: as it was given
 * - `redacted`: `rules` have replaced something in it
 * - `hashed`, `flags`: by its declaration
 * - `dropped`: by its declaration it is never stored
 * - `level`: the level does not cover it
 * - `absent`: it was not given
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome = "kept" | "redacted" | "hashed" | "flags" | "dropped" | "level" | "absent"

/**
 * @since 0.1.0
 * @category models
 */
export interface FieldReport {
  readonly field: string
  readonly outcome: Outcome
  /** Names of the rules that have replaced something, at any depth; `private-name` for the name of a field. */
  readonly rules: ReadonlyArray<string>
  /** It was longer than what is kept of it. */
  readonly truncated: boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Explanation {
  /** What the encoder gives, to the byte. */
  readonly encoded: Encoder.Encoded
  /** Every declared field, in the order of the declaration. */
  readonly fields: ReadonlyArray<FieldReport>
}

interface Noted {
  readonly rules: Set<string>
  truncated: boolean
}

const outcomeOf = (treatment: string, rules: ReadonlySet<string>): Outcome =>
  treatment === "hash" ? "hashed" : treatment === "flags" ? "flags" : rules.size > 0 ? "redacted" : "kept"

/**
 * Encodes the data at this level and tells how. Far dearer than encoding alone: for previews and for developers.
 *
 * @since 0.1.0
 * @category combinators
 */
export const explain = (
  definition: EventDefinition.Any,
  options: Redaction.Options,
  hash: (text: string) => string
) =>
(data: unknown, level: Level.Level): Explanation => {
  const seen = new Map<string, Noted>()
  let current: Noted = { rules: new Set(), truncated: false }
  const redactor = Redaction.make(options, {
    rule: (name) => {
      current.rules.add(name)
    },
    cut: () => {
      current.truncated = true
    }
  })
  const encoder = Encoder.make(definition, redactor, hash, (field) => {
    seen.set(field, current = { rules: new Set(), truncated: false })
  })
  const encoded = encoder.encode(data, level)
  const written: object = encoded._tag === "Encoded" ? JSON.parse(encoded.json) : {}
  const fields = Object.entries(definition.fields).map(([field, { privacy }]): FieldReport => {
    const { rules, truncated } = seen.get(field) ?? { rules: new Set<string>(), truncated: false }
    const outcome: Outcome = privacy.treatment === "drop"
      ? "dropped"
      : !Level.includes(level, privacy.level ?? definition.level)
      ? "level"
      : Object.hasOwn(written, field)
      ? outcomeOf(privacy.treatment, rules)
      : "absent"
    return { field, outcome, rules: [...rules], truncated }
  })
  return { encoded, fields }
}

/**
 * What a person who asks should see: everything but what is as it was given, or was not given.
 *
 * @since 0.1.0
 * @category combinators
 */
export const notable = (fields: ReadonlyArray<FieldReport>): ReadonlyArray<FieldReport> =>
  fields.filter(({ outcome, truncated }) => truncated || (outcome !== "kept" && outcome !== "absent"))
