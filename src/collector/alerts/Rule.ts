/**
 * A rule of an alert: what is watched, from where on it is too much or too little, and who is told.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Endpoint from "../../submission/Endpoint.js"
import * as Words from "../analysis/Words.js"

/**
 * - `events`: how many there were
 * - `errors`: how many failed; without a type, events of the type `error_occurred`
 * - `error-share`: how many of a hundred failed
 * - `new-error`: error groups that were never seen before
 * - `latency`: the 95th percentile of a type's metric
 * - `rejected`: events that the collector refused
 * - `anomaly`: what is far from usual, as the dashboard's overview tells it
 *
 * @since 0.1.0
 * @category schemas
 */
export const Kind = Schema.Literal("events", "errors", "error-share", "new-error", "latency", "rejected", "anomaly")

/**
 * @since 0.1.0
 * @category models
 */
export type Kind = typeof Kind.Type

/**
 * @since 0.1.0
 * @category models
 */
export type Window = "hour" | "day"

/**
 * @since 0.1.0
 * @category models
 */
export interface Condition {
  readonly kind: Kind
  /** Null: of all applications together. */
  readonly app: string | null
  /** Null: of all types together. */
  readonly type: string | null
  /** A value of the type's dimension, such as a feature; null: of all of them. */
  readonly dimension: string | null
  /** A version of the application; null: of all of them. */
  readonly release: string | null
  readonly direction: "above" | "below"
  /** Of `latency` in the unit of the metric, of `error-share` in percent, of all others a count. */
  readonly threshold: number
  readonly window: Window
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Rule extends Condition {
  readonly name: string | null
  /** May hold a secret: it is shown to nobody. */
  readonly url: string
}

/**
 * What a person says of a rule; numbers and the address as they were written.
 *
 * @since 0.1.0
 * @category models
 */
export interface Given {
  readonly kind: Kind
  readonly name?: string | undefined
  readonly app?: string | undefined
  readonly type?: string | undefined
  /** Of the type's dimension. */
  readonly value?: string | undefined
  readonly release?: string | undefined
  readonly above?: string | undefined
  readonly below?: string | undefined
  readonly window?: Window | undefined
  readonly url?: string | undefined
}

/**
 * A rule that cannot be. The message begins with the field and says what to change; it never repeats the address.
 *
 * @since 0.1.0
 * @category errors
 */
export class RuleError extends Schema.TaggedError<RuleError>("effect-telemetry/collector/alerts/RuleError")(
  "RuleError",
  {
    field: Schema.Literal("name", "app", "type", "value", "release", "above", "below", "url"),
    message: Schema.String
  }
) {}

const refuse = (field: RuleError["field"], message: string): Either.Either<never, RuleError> =>
  Either.left(new RuleError({ field, message: `${field}: ${message}` }))

const mostCharacters = 100

const strange = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const nameOf = (
  field: "name" | "app" | "type" | "value" | "release",
  text: string | undefined
): Either.Either<string | null, RuleError> => {
  if (text === undefined) return Either.right(null)
  if (text.trim() === "" || text.length > mostCharacters) {
    return refuse(field, `give it 1 to ${mostCharacters} characters, or leave it out`)
  }
  return strange.test(text) ? refuse(field, "a character in it cannot be seen: remove it") : Either.right(text.trim())
}

/** Kinds that are not kept by type, nor by version. */
const untyped: ReadonlySet<Kind> = new Set<Kind>(["rejected", "new-error", "anomaly"])

/** Kinds that have no threshold of their own: one is enough. */
const isAnyEnough = (kind: Kind): boolean => kind === "new-error" || kind === "anomaly"

const numberOf = (
  field: "above" | "below",
  text: string,
  kind: Kind
): Either.Either<number, RuleError> => {
  const value = /^\d{1,12}(\.\d{1,6})?$/.test(text.trim()) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) return refuse(field, "must be a number from 0 on, such as 100 or 2.5")
  if (kind === "error-share" && value >= 100) return refuse(field, "is a share in percent: give a number below 100")
  if (field === "below" && value === 0) return refuse(field, "nothing is below 0: give 1 to hear that there are none")
  return Either.right(value)
}

type Threshold = Pick<Condition, "direction" | "threshold">

const thresholdOf = ({ above, below, kind }: Given): Either.Either<Threshold, RuleError> => {
  const field = above === undefined && below !== undefined ? "below" : "above"
  const text = above ?? below
  if (isAnyEnough(kind)) {
    return text === undefined
      ? Either.right({ direction: "above", threshold: 0 })
      : refuse(field, `leave it out: one is enough for ${kind}`)
  }
  if (text === undefined) {
    return refuse(
      "above",
      `give a number${kind === "events" ? ", or one for below" : ""}: from where on is it too much?`
    )
  }
  if (above !== undefined && below !== undefined) return refuse("below", "give either above or below, and not both")
  if (field === "below" && kind !== "events") return refuse("below", `is for events only: give above for ${kind}`)
  return Either.map(numberOf(field, text, kind), (threshold) => ({ direction: field, threshold }))
}

const urlOf = (text: string | undefined): Either.Either<string, RuleError> =>
  text === undefined
    ? refuse("url", "give the https:// address that is called")
    : Either.mapBoth(Endpoint.parse(text), {
      onLeft: ({ message }) => new RuleError({ field: "url", message: `url: ${message}` }),
      onRight: ({ url }) => url
    })

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (given: Given): Either.Either<Rule, RuleError> =>
  Either.gen(function*() {
    const { kind } = given
    if (given.type !== undefined && untyped.has(kind)) {
      yield* refuse("type", `leave it out: ${kind} is not counted by type`)
    }
    if (kind === "latency" && given.type === undefined) {
      yield* refuse("type", "give the event type whose metric is watched, such as command_executed")
    }
    if (given.release !== undefined && untyped.has(kind)) {
      yield* refuse("release", `leave it out: ${kind} is not counted by version`)
    }
    if (given.value !== undefined && given.type === undefined) {
      yield* refuse("value", "is a value of an event type's dimension: give the type as well")
    }
    if (given.value !== undefined && given.release !== undefined) {
      yield* refuse("release", "leave it out: values of a dimension are not counted by version")
    }
    return {
      kind,
      name: yield* nameOf("name", given.name),
      app: yield* nameOf("app", given.app),
      type: yield* nameOf("type", given.type),
      dimension: yield* nameOf("value", given.value),
      release: yield* nameOf("release", given.release),
      ...(yield* thresholdOf(given)),
      window: given.window ?? "hour",
      url: yield* urlOf(given.url)
    }
  })

/**
 * Who is told, without what may be secret: scheme, host and port.
 *
 * @since 0.1.0
 * @category getters
 */
export const originOf = ({ url }: Pick<Rule, "url">): string => URL.canParse(url) ? new URL(url).origin : "?"

/**
 * What values of a rule are counted in.
 *
 * @since 0.1.0
 * @category getters
 */
export const unitOf = (kind: Kind): "events" | "errors" | "percent" | "metric" | "findings" =>
  kind === "error-share"
    ? "percent"
    : kind === "latency"
    ? "metric"
    : kind === "errors" || kind === "new-error"
    ? "errors"
    : kind === "anomaly"
    ? "findings"
    : "events"

const subjects: Readonly<Record<Kind, string>> = {
  events: "events",
  errors: "errors",
  "error-share": "share of errors",
  "new-error": "new errors",
  latency: "p95",
  rejected: "events refused",
  anomaly: "anomalies"
}

/**
 * A value with its unit where it has one.
 *
 * @since 0.1.0
 * @category formatting
 */
export const figure = (kind: Kind, value: number): string =>
  `${Words.figure(value)}${kind === "error-share" ? " %" : ""}`

/**
 * The condition in words: `events of ax (feature_used) below 10 in an hour`.
 *
 * @since 0.1.0
 * @category formatting
 */
export const describe = (condition: Condition): string => {
  const { app, dimension, direction, kind, release, threshold, type, window } = condition
  const whose = [
    ...(app === null ? [] : [app]),
    ...(release === null ? [] : app === null ? ["release", release] : [release])
  ]
  const of = whose.length === 0 ? "" : ` of ${whose.join(" ")}`
  const typed = type === null ? "" : dimension === null ? ` (${type})` : ` (${type}: ${dimension})`
  const limit = isAnyEnough(kind) ? "" : ` ${direction} ${figure(kind, threshold)}`
  return `${subjects[kind]}${of}${typed}${limit} in ${window === "hour" ? "an hour" : "a day"}`
}
