/**
 * Each knob: where its value may come from and what it may be.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type * as Redacted from "effect/Redacted"
import { ConfigIssue } from "../ConfigIssue.js"
import * as EventCatalog from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import type { Level } from "../domain/Level.js"
import type { Variable } from "../Environment.js"
import type { SettingKey } from "../persistence/Settings.js"
import type { Options, Sources } from "../TelemetryConfig.js"
import * as Values from "./values.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Knob<A> {
  /** How the option is called in messages. */
  readonly name: string
  readonly kind: Values.Kind<A>
  readonly option: (options: Options) => unknown
  readonly variable?: Variable
  readonly setting?: SettingKey
}

const optionOnly = <A>(name: string, kind: Values.Kind<A>, option: (options: Options) => unknown): Knob<A> => ({
  name,
  kind,
  option
})

const millis = (min: Duration.DurationInput, max: Duration.DurationInput) =>
  Values.duration({ bareUnit: "ms", min, max })

/** A timer cannot wait for longer. */
const longest = "24 days"

const label = (expected: string, fits: (text: string) => boolean): Values.Kind<string> => {
  const check = (value: unknown): Either.Either<string, string> =>
    typeof value === "string" && fits(value) ? Either.right(value) : Either.left(expected)
  return { secret: false, fromText: check, fromValue: check }
}

const readable = label(
  "give 1 to 100 characters, none of them a control character",
  (text) => /^[^\p{C}]{1,100}$/u.test(text) && text.trim() !== ""
)

const given = <A>(fromValue: Values.Kind<A>["fromValue"]): Values.Kind<A> => ({
  secret: false,
  fromText: fromValue,
  fromValue
})

/**
 * The built-in events and the application's own, each type once.
 */
const eventList = given<ReadonlyArray<EventDefinition.Any>>((value) => {
  const events = new Map(EventCatalog.builtIn.map((event) => [event.type, event]))
  for (const event of value as ReadonlyArray<EventDefinition.Any>) {
    if ((events.get(event.type) ?? event) !== event) {
      return Either.left(`declare each event type once: there are two of ${event.type}`)
    }
    // a program that no compiler has checked
    for (const field in event.fields) {
      if (!event.fields[field]?.privacy) return Either.left(`declare Privacy of ${field} of ${event.type}`)
    }
    events.set(event.type, event)
  }
  return Either.right([...events.values()])
})

const destinationList = given<ReadonlyArray<string>>((value) =>
  Array.isArray(value) && value.length > 0 && new Set(value).size === value.length &&
    value.every((id) => typeof id === "string" && /^[a-z0-9][a-z0-9_-]{0,63}$/.test(id))
    ? Either.right(value)
    : Either.left("give at least one name, each once, of small letters, digits, - and _")
)

const share = given<number>((value) =>
  typeof value === "number" && value >= 0 && value <= 1 ? Either.right(value) : Either.left("give a number from 0 to 1")
)

const typeList = given<"all" | ReadonlyArray<string>>((value) =>
  value === "all"
    ? Either.right(value)
    : Array.isArray(value) && value.every((type) => typeof type === "string")
    ? Either.right(value)
    : Either.left("give `all` or a list of event types")
)

export const appName = optionOnly("app.name", readable, (o) => o.app?.name)
export const appVersion = optionOnly("app.version", readable, (o) => o.app?.version)
export const policyVersion = optionOnly("policyVersion", Values.count(1, 1_000_000), (o) => o.policyVersion)
export const events = optionOnly("events", eventList, (o) => o.events)
export const destinations = optionOnly("destinations", destinationList, (o) => o.destinations)
export const batchBytes = optionOnly("batchBytes", Values.count(1024, 64 * 1024 * 1024), (o) => o.batchBytes)
export const baseDelay = optionOnly("retry.baseDelay", millis(1, longest), (o) => o.retry?.baseDelay)
export const maxDelay = optionOnly("retry.maxDelay", millis(1, longest), (o) => o.retry?.maxDelay)
export const jitterFactor = optionOnly("retry.jitterFactor", share, (o) => o.retry?.jitterFactor)
export const shutdownDeadline = optionOnly(
  "shutdownDeadline",
  Values.orNone(millis(1, "1 hour")),
  (o) => o.shutdownDeadline
)
export const maxStoreBytes = optionOnly(
  "maxStoreBytes",
  Values.orNone(Values.count(1024 * 1024, Number.MAX_SAFE_INTEGER)),
  (o) => o.maxStoreBytes
)
export const rollupRetention = optionOnly(
  "rollupRetention",
  Values.orNone(Values.duration({ bareUnit: "days", min: "1 hour", max: "36500 days" })),
  (o) => o.rollupRetention
)
export const aggregate = optionOnly("aggregate", typeList, (o) => o.aggregate)
export const bufferSize = optionOnly("bufferSize", Values.count(1, 10_000_000), (o) => o.bufferSize)
export const linger = optionOnly("linger", millis(0, "1 minute"), (o) => o.linger)
export const overflow = optionOnly("overflow", Values.oneOf(["drop-newest", "drop-oldest"]), (o) => o.overflow)
export const worker = optionOnly("worker", Values.flag, (o) => o.worker)
export const automatic = optionOnly("automatic", Values.flag, (o) => o.automatic)

export const endpoint: Knob<string> = {
  name: "endpoint",
  kind: Values.endpoint,
  option: (o) => o.endpoint,
  variable: "TELEMETRY_ENDPOINT",
  setting: "remote-endpoint"
}
export const apiKey: Knob<Redacted.Redacted<string>> = {
  name: "apiKey",
  kind: Values.apiKey,
  option: (o) => o.apiKey,
  variable: "TELEMETRY_API_KEY",
  setting: "api-key"
}
export const maxLevel: Knob<Level> = {
  name: "maxLevel",
  kind: Values.level,
  option: (o) => o.maxLevel,
  variable: "TELEMETRY_LEVEL",
  setting: "level"
}
export const interval: Knob<Duration.Duration> = {
  name: "interval",
  // A shorter one would keep a core busy with looking at an empty queue.
  kind: millis(10, longest),
  option: (o) => o.interval,
  variable: "TELEMETRY_INTERVAL",
  setting: "interval"
}
export const batchSize: Knob<number> = {
  name: "batchSize",
  kind: Values.count(1, 10_000),
  option: (o) => o.batchSize,
  variable: "TELEMETRY_BATCH_SIZE",
  setting: "batch-size"
}
export const rateLimit: Knob<number> = {
  name: "rateLimit",
  kind: Values.count(1, 10_000_000),
  option: (o) => o.rateLimit,
  variable: "TELEMETRY_RATE_LIMIT",
  setting: "rate-limit"
}
export const burst: Knob<number> = {
  name: "burst",
  kind: Values.count(1, 10_000_000),
  option: (o) => o.burst,
  variable: "TELEMETRY_BURST",
  setting: "burst"
}
export const timeout: Knob<Duration.Duration> = {
  name: "timeout",
  kind: millis(1, "1 hour"),
  option: (o) => o.timeout,
  variable: "TELEMETRY_TIMEOUT",
  setting: "timeout"
}
export const maxRetries: Knob<number> = {
  name: "maxRetries",
  kind: Values.count(0, 1_000),
  option: (o) => o.maxRetries,
  variable: "TELEMETRY_MAX_RETRIES",
  setting: "max-retries"
}
export const retention: Knob<Duration.Duration | null> = {
  name: "retention",
  kind: Values.orNone(Values.duration({ bareUnit: "days", min: "1 second", max: "36500 days" })),
  option: (o) => o.retention,
  setting: "retention"
}
export const queueLimit: Knob<number> = {
  name: "queueLimit",
  kind: Values.count(1, 100_000_000),
  option: (o) => o.queueLimit,
  setting: "queue-limit"
}
export const profile: Knob<"gentle" | "standard" | "bulk"> = {
  name: "profile",
  kind: Values.oneOf(["gentle", "standard", "bulk"]),
  option: (o) => o.profile,
  setting: "profile"
}
export const debug: Knob<boolean> = {
  name: "debug",
  kind: Values.flag,
  option: (o) => o.debug,
  variable: "TELEMETRY_DEBUG",
  setting: "debug"
}

/**
 * What a stored setting may be.
 *
 * @since 0.1.0
 * @category accessors
 */
export const bySetting: Readonly<Record<SettingKey, Values.Kind<unknown>>> = {
  "remote-endpoint": endpoint.kind,
  "api-key": apiKey.kind,
  level: maxLevel.kind,
  interval: interval.kind,
  "batch-size": batchSize.kind,
  "rate-limit": rateLimit.kind,
  burst: burst.kind,
  timeout: timeout.kind,
  "max-retries": maxRetries.kind,
  retention: retention.kind,
  "queue-limit": queueLimit.kind,
  profile: profile.kind,
  debug: debug.kind
}

/**
 * Why a value is refused, in one line for a person.
 *
 * @since 0.1.0
 * @category constructors
 */
export const describe = (source: string, kind: Values.Kind<unknown>, value: unknown, expected: string): string => {
  const simple = typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null
  return kind.secret || !simple
    ? `${source} is refused: ${expected}`
    : `${source} is ${JSON.stringify(value).slice(0, 60)}: ${expected}`
}

/**
 * Every value that is given for a knob, strongest source first.
 *
 * @since 0.1.0
 * @category accessors
 */
export function* values<A>(sources: Sources, knob: Knob<A>): Generator<Either.Either<A, ConfigIssue>> {
  const issue = (source: string, shown: string, value: unknown) => (expected: string) =>
    new ConfigIssue({ source, message: describe(shown, knob.kind, value, expected) })
  const flag = sources.flags === undefined ? undefined : knob.option(sources.flags)
  if (flag !== undefined) {
    yield Either.mapLeft(knob.kind.fromValue(flag), issue(knob.name, `the flag for ${knob.name}`, flag))
  }
  const option = sources.options === undefined ? undefined : knob.option(sources.options)
  if (option !== undefined) {
    yield Either.mapLeft(knob.kind.fromValue(option), issue(knob.name, `the option ${knob.name}`, option))
  }
  const text = knob.variable === undefined ? undefined : sources.environment?.values[knob.variable]
  if (text !== undefined && knob.variable !== undefined) {
    const name = `${sources.environment?.prefix ?? ""}${knob.variable}`
    yield Either.mapLeft(knob.kind.fromText(text), issue(name, name, text))
  }
  const stored = knob.setting === undefined ? undefined : sources.settings?.[knob.setting]
  if (stored !== undefined && knob.setting !== undefined) {
    yield Either.mapLeft(knob.kind.fromText(stored), issue(knob.setting, `the setting ${knob.setting}`, stored))
  }
}
