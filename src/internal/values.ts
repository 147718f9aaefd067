/**
 * How the values of the configuration are written and what they may be: one decoder for each kind, used alike for
 * variables, stored settings and options.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Level from "../domain/Level.js"
import * as Endpoint from "../submission/Endpoint.js"

/**
 * A kind of value. Both ways give, on the left, what a person should give instead.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kind<A> {
  /** Never shown in a message: a key, or an address that may hold one. */
  readonly secret: boolean
  /** From what a person has typed. */
  readonly fromText: (text: string) => Either.Either<A, string>
  /** From what a program has given, whatever its type says. */
  readonly fromValue: (value: unknown) => Either.Either<A, string>
}

const plain = <A>(
  fromText: (text: string) => Either.Either<A, string>,
  fromValue: (value: unknown) => Either.Either<A, string>
): Kind<A> => ({ secret: false, fromText, fromValue })

/**
 * A whole number from `min` to `max`, in plain digits.
 *
 * @since 0.1.0
 * @category kinds
 */
export const count = (min: number, max: number): Kind<number> => {
  const expected = `give a whole number from ${min} to ${max}`
  const check = (value: unknown): Either.Either<number, string> =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? Either.right(value)
      : Either.left(expected)
  return plain((text) => /^\d{1,16}$/.test(text) ? check(Number(text)) : Either.left(expected), check)
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000
}

/**
 * A length of time: `30 seconds`, `5m`, or a bare number of `bareUnit`.
 *
 * @since 0.1.0
 * @category kinds
 */
export const duration = (options: {
  readonly bareUnit: "ms" | "days"
  readonly min: Duration.DurationInput
  readonly max: Duration.DurationInput
}): Kind<Duration.Duration> => {
  const min = Duration.toMillis(options.min)
  const max = Duration.toMillis(options.max)
  const example = options.bareUnit === "ms"
    ? "`30 seconds` or a number of milliseconds"
    : "`30 days` or a number of days"
  const expected = `give ${example}, from ${Duration.format(options.min)} to ${Duration.format(options.max)}`
  const check = (millis: number): Either.Either<Duration.Duration, string> =>
    millis >= min && millis <= max ? Either.right(Duration.millis(millis)) : Either.left(expected)
  const fromText = (text: string): Either.Either<Duration.Duration, string> => {
    const match = /^(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)$/i.exec(text)
    const unit = units[match?.[2]?.toLowerCase() || options.bareUnit]
    return match === null || unit === undefined ? Either.left(expected) : check(Number(match[1]) * unit)
  }
  return plain(fromText, (value) =>
    typeof value === "string"
      ? fromText(value.trim())
      : Option.match(Duration.decodeUnknown(value), {
        onNone: () => Either.left(expected),
        onSome: (given) => check(Duration.toMillis(given))
      }))
}

/**
 * The same kind, where `none` (null for a program) means that there is no limit.
 *
 * @since 0.1.0
 * @category kinds
 */
export const orNone = <A>(kind: Kind<A>): Kind<A | null> => {
  const widen = Either.mapLeft((expected: string) => `${expected}, or none`)
  return {
    secret: kind.secret,
    fromText: (text) => text.toLowerCase() === "none" ? Either.right(null) : widen(kind.fromText(text)),
    fromValue: (value) => value === null || value === "none" ? Either.right(null) : widen(kind.fromValue(value))
  }
}

/**
 * One of a few words.
 *
 * @since 0.1.0
 * @category kinds
 */
export const oneOf = <const A extends string>(words: ReadonlyArray<A>): Kind<A> => {
  const check = (value: unknown): Either.Either<A, string> => {
    const word = words.find((candidate) => candidate === value)
    return word === undefined ? Either.left(`give one of ${words.join(", ")}`) : Either.right(word)
  }
  return plain((text) => check(text.toLowerCase()), check)
}

/**
 * `true` or `false`, for a person also `1`, `on`, `yes` and `0`, `off`, `no`.
 *
 * @since 0.1.0
 * @category kinds
 */
export const flag: Kind<boolean> = plain(
  (text) =>
    /^(1|true|on|yes)$/i.test(text)
      ? Either.right(true)
      : /^(0|false|off|no)$/i.test(text)
      ? Either.right(false)
      : Either.left("give true or false"),
  (value) => typeof value === "boolean" ? Either.right(value) : Either.left("give true or false")
)

/**
 * @since 0.1.0
 * @category kinds
 */
export const level: Kind<Level.Level> = oneOf(Level.all)

/**
 * An address that may be sent to, as the URL parser writes it.
 *
 * @since 0.1.0
 * @category kinds
 */
export const endpoint: Kind<string> = (() => {
  const check = (value: unknown): Either.Either<string, string> =>
    typeof value === "string"
      ? Either.mapBoth(Endpoint.parse(value), { onLeft: (error) => error.message, onRight: (parsed) => parsed.url })
      : Either.left("give an https:// address")
  return { secret: true, fromText: check, fromValue: check }
})()

/**
 * A key that can stand in a header: visible ASCII characters without a space.
 *
 * @since 0.1.0
 * @category kinds
 */
export const apiKey: Kind<Redacted.Redacted<string>> = (() => {
  const expected = "give the key as the collector printed it: 1 to 1024 visible characters without a space"
  const check = (text: unknown): Either.Either<Redacted.Redacted<string>, string> =>
    typeof text === "string" && /^[\x21-\x7e]{1,1024}$/.test(text)
      ? Either.right(Redacted.make(text))
      : Either.left(expected)
  return {
    secret: true,
    fromText: check,
    fromValue: (value) => check(Redacted.isRedacted(value) ? Redacted.value(value) : value)
  }
})()
