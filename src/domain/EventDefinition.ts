/**
 * An event, declared once: from this one value come the type that `track` accepts, the encoder with its redaction, the
 * schema the collector checks, and the row of the catalogue that tells a person what is collected.
 *
 * @since 0.1.0
 */
import type { Level } from "./Level.js"
import type * as Privacy from "./Privacy.js"
import type * as SamplingPolicy from "./SamplingPolicy.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Fields = Readonly<Record<string, Privacy.Any>>

/**
 * @since 0.1.0
 * @category models
 */
export interface EventDefinition<Type extends string, F extends Fields> {
  readonly type: Type
  readonly description: string
  readonly purpose: string
  /** The lowest level at which the event is recorded. */
  readonly level: Level
  readonly sampling: SamplingPolicy.SamplingPolicy
  readonly fields: F
  /** The numeric field that sums and percentiles are taken of. */
  readonly metric: (keyof F & string) | undefined
  /** The field that breaks the type down (command, metric name, feature …). */
  readonly dimension: (keyof F & string) | undefined
}

/**
 * Any definition. It is spelled out, not `EventDefinition<string, Fields>`, because `keyof F` makes that one invariant.
 *
 * @since 0.1.0
 * @category models
 */
export interface Any {
  readonly type: string
  readonly description: string
  readonly purpose: string
  readonly level: Level
  readonly sampling: SamplingPolicy.SamplingPolicy
  readonly fields: Fields
  readonly metric: string | undefined
  readonly dimension: string | undefined
}

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Privacy.Classified<infer _, true> ? K : never
}[keyof F]

type ValueOf<C> = C extends Privacy.Classified<infer A> ? A : never

type NumberKeys<F extends Fields> = { [K in keyof F]: ValueOf<F[K]> extends number ? K : never }[keyof F]

type Simplify<A> = { [K in keyof A]: A[K] } & {}

/**
 * What `track` takes for fields `F`.
 *
 * @since 0.1.0
 * @category models
 */
export type DataOf<F extends Fields> = Simplify<
  & { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[K]> }
  & { readonly [K in OptionalKeys<F>]?: ValueOf<F[K]> | undefined }
>

/**
 * What `track` takes for a definition.
 *
 * @since 0.1.0
 * @category models
 */
export type Data<D extends Any> = DataOf<D["fields"]>

/**
 * @since 0.1.0
 * @category models
 */
export interface Options<F extends Fields> {
  readonly description: string
  readonly purpose: string
  readonly level?: Level | undefined
  readonly sampling?: SamplingPolicy.SamplingPolicy | undefined
  readonly metric?: (NumberKeys<F> & string) | undefined
  readonly dimension?: (keyof F & string) | undefined
  readonly fields: F
}

/**
 * Declares an event. The level is `basic` and everything is sampled unless said otherwise.
 *
 * @example
 * import * as Schema from "effect/Schema"
 * import * as EventDefinition from "effect-telemetry/domain/EventDefinition"
 * import * as Privacy from "effect-telemetry/domain/Privacy"
 *
 * export const BuildFinished = EventDefinition.make("build_finished", {
 *   description: "A build has ended",
 *   purpose: "See how long builds take",
 *   metric: "duration",
 *   fields: {
 *     duration: Privacy.allow(Schema.Number),
 *     target: Privacy.allow(Schema.Literal("web", "node")),
 *     note: Privacy.optional(Privacy.truncate(Schema.String, 100, { level: "enhanced" }))
 *   }
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <const Type extends string, const F extends Fields>(
  type: Type,
  options: Options<F>
): EventDefinition<Type, F> => ({
  type,
  description: options.description,
  purpose: options.purpose,
  level: options.level ?? "basic",
  sampling: options.sampling ?? { _tag: "Always" },
  fields: options.fields,
  metric: options.metric,
  dimension: options.dimension
})
