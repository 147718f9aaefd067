/**
 * How far a catalogue reaches at a level, as a list that a person can read in the consent record: consent is asked anew
 * when an application wants to collect what is not on it.
 *
 * The built-in events are left out: the policy version speaks for them. Where an application declares none of its own there
 * is no list, as with consent that was given at a command line which did not know the application's events; then only the
 * policy version counts.
 *
 * @since 0.1.0
 */
import * as EventCatalog from "./EventCatalog.js"
import type * as EventDefinition from "./EventDefinition.js"
import * as Level from "./Level.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Scope = ReadonlyArray<string>

const builtIn = new Set(EventCatalog.builtIn)

/** A field and its treatment: `build_finished.note truncate 100`. */
const fieldsOf = (definition: EventDefinition.Any, level: Level.Level): Scope =>
  Object.entries(definition.fields)
    .filter(([, { privacy }]) =>
      privacy.treatment !== "drop" && Level.includes(level, privacy.level ?? definition.level)
    )
    .map(([name, { privacy }]) =>
      [`${definition.type}.${name}`, privacy.treatment, ...privacy.maxLength === undefined ? [] : [privacy.maxLength]]
        .join(" ")
    )

/**
 * What is collected at this level; null when the application declares nothing of its own.
 *
 * @since 0.1.0
 * @category constructors
 */
export const of = (definitions: ReadonlyArray<EventDefinition.Any>) => (level: Level.Level): Scope | null => {
  const own = definitions.filter((definition) => !builtIn.has(definition))
  return own.length === 0
    ? null
    : own.filter((definition) => Level.includes(level, definition.level))
      .flatMap((definition) => [definition.type, ...fieldsOf(definition, level)])
}

/**
 * Is something collected that was not on the list that was consented to? What is no longer collected does not matter.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isWider = (wanted: Scope | null, consented: Scope | null | undefined): boolean => {
  if (wanted === null || consented === null || consented === undefined) return false
  const known = new Set(consented)
  return wanted.some((entry) => !known.has(entry))
}
