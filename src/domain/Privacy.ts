/**
 * What happens to a field before it is stored. A field of an event is always one of these: a plain schema is not
 * accepted, so a field without a privacy annotation does not compile.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Level } from "./Level.js"

/**
 * - `allow`: stored as it is; meant for numbers, booleans and closed sets of words.
 * - `redact`: text goes through every redaction rule, at any depth.
 * - `truncate`: redacted, then cut to `maxLength` code points.
 * - `hash`: replaced by a keyed hash that only this installation can make.
 * - `flags`: of a list of command-line arguments, the names of the flags; no value and no positional word.
 * - `drop`: never stored; declared so that the catalogue can say so.
 *
 * @since 0.1.0
 * @category models
 */
export type Treatment = "allow" | "redact" | "truncate" | "hash" | "flags" | "drop"

/**
 * @since 0.1.0
 * @category models
 */
export interface Privacy {
  readonly treatment: Treatment
  /** Code points; only with `truncate`. */
  readonly maxLength?: number | undefined
  /** The lowest level at which the field is kept; without it, that of its event. */
  readonly level?: Level | undefined
}

/**
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("effect-telemetry/domain/Privacy")

/**
 * @since 0.1.0
 * @category symbols
 */
export type TypeId = typeof TypeId

/**
 * A schema with a privacy annotation: what a field of an event is made of.
 *
 * @since 0.1.0
 * @category models
 */
export interface Classified<A, Optional extends boolean = boolean> {
  readonly [TypeId]: TypeId
  readonly schema: Schema.Schema<A>
  readonly privacy: Privacy
  readonly optional: Optional
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Any {
  readonly [TypeId]: TypeId
  readonly schema: Schema.Schema.AnyNoContext
  readonly privacy: Privacy
  readonly optional: boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The lowest level at which the field is kept. Free text belongs at `enhanced` or above. */
  readonly level?: Level | undefined
}

const classify = <A>(schema: Schema.Schema<A>, privacy: Privacy): Classified<A, false> => ({
  [TypeId]: TypeId,
  schema,
  privacy,
  optional: false
})

/**
 * Stored as it is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const allow = <A>(schema: Schema.Schema<A>, options: Options = {}): Classified<A, false> =>
  classify(schema, { treatment: "allow", level: options.level })

/**
 * Every redaction rule, over text at any depth.
 *
 * @since 0.1.0
 * @category constructors
 */
export const redact = <A>(schema: Schema.Schema<A>, options: Options = {}): Classified<A, false> =>
  classify(schema, { treatment: "redact", level: options.level })

/**
 * Redacted, then cut to `maxLength` code points, so that a cut never hides a match.
 *
 * @since 0.1.0
 * @category constructors
 */
export const truncate = (
  schema: Schema.Schema<string>,
  maxLength: number,
  options: Options = {}
): Classified<string, false> => classify(schema, { treatment: "truncate", maxLength, level: options.level })

/**
 * Replaced by a hash with a key of this installation: equal values stay equal, and nobody else can look one up.
 *
 * @since 0.1.0
 * @category constructors
 */
export const hash = (schema: Schema.Schema<string>, options: Options = {}): Classified<string, false> =>
  classify(schema, { treatment: "hash", level: options.level })

/**
 * A list of command-line arguments, of which only the names of the flags are stored, whoever hands it over.
 *
 * @since 0.1.0
 * @category constructors
 */
export const flags = (options: Options = {}): Classified<ReadonlyArray<string>, false> =>
  classify(Schema.Array(Schema.String), { treatment: "flags", level: options.level })

/**
 * Accepted by `track` and thrown away before it is stored.
 *
 * @since 0.1.0
 * @category constructors
 */
export const drop = <A>(schema: Schema.Schema<A>): Classified<A, false> => classify(schema, { treatment: "drop" })

/**
 * The field may be absent.
 *
 * @since 0.1.0
 * @category combinators
 */
export const optional = <A>(self: Classified<A, boolean>): Classified<A, true> => ({ ...self, optional: true })
