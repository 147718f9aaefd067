/**
 * Every knob, with its unit, default and environment name.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import { ConfigIssue } from "./ConfigIssue.js"
import * as Destination from "./domain/Destination.js"
import * as EventCatalog from "./domain/EventCatalog.js"
import type * as EventDefinition from "./domain/EventDefinition.js"
import * as Level from "./domain/Level.js"
import * as Environment from "./Environment.js"
import * as Knobs from "./internal/knobs.js"
import { version } from "./internal/version.js"
import { type SettingKey, Settings, type SettingsError } from "./persistence/Settings.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Profile = "gentle" | "standard" | "bulk"

/**
 * How the delays between attempts are made: from three numbers, or by a schedule of the application's own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Retry {
  readonly baseDelay: Duration.Duration
  /** Nothing exceeds it, jitter included. */
  readonly maxDelay: Duration.Duration
  /** Share of a delay by which it may be shorter or longer: 0.25 is ±25 %. From 0 to 1. */
  readonly jitterFactor: number
  /** Takes the place of the three numbers; null: made from them. */
  readonly schedule: Schedule.Schedule<unknown> | null
}

/**
 * What is in force after flags, environment, stored settings, profile and defaults.
 *
 * @since 0.1.0
 * @category models
 */
export interface TelemetryConfig {
  readonly app: { readonly name: string; readonly version: string }
  /** Raised when the catalogue widens: the person is asked again. */
  readonly policyVersion: number
  /** The events that may be tracked: the built-in ones and the application's own. */
  readonly events: ReadonlyArray<EventDefinition.Any>
  /** The destinations that every recorded event is queued for. */
  readonly destinations: ReadonlyArray<string>
  readonly endpoint: string | null
  readonly apiKey: Redacted.Redacted<string> | null
  readonly profile: Profile
  /** Lowers the consented level; never raises it. Null: as consented. */
  readonly maxLevel: Level.Level | null
  /** How often the worker looks at the queue. */
  readonly interval: Duration.Duration
  /** Events a request, at most. */
  readonly batchSize: number
  /** Bytes of event data a request, at most. */
  readonly batchBytes: number
  /** Events a minute. */
  readonly rateLimit: number
  /** Events at once. */
  readonly burst: number
  /** From the first byte sent to the last byte of the answer. */
  readonly timeout: Duration.Duration
  /** Attempts charged to one event before it becomes a dead letter. */
  readonly maxRetries: number
  /** The one schedule of delays, for destinations and events alike. */
  readonly retry: Retry
  /** One last submission at the end, within this; null: none. */
  readonly shutdownDeadline: Duration.Duration | null
  /** Waiting events; the oldest make room. */
  readonly queueLimit: number
  /** Age at which events are removed; null: never. */
  readonly retention: Duration.Duration | null
  /** Age at which hourly sums are removed; null: never. */
  readonly rollupRetention: Duration.Duration | null
  /** Bytes of the store; null: no limit. */
  readonly maxStoreBytes: number | null
  /** Types whose events are sent as hourly sums only, never one by one; `all`: every type. */
  readonly aggregate: "all" | ReadonlyArray<string>
  /** Events held in memory before they are committed. */
  readonly bufferSize: number
  /** How long a commit may wait for company. */
  readonly linger: Duration.Duration
  /** What a full buffer does: refuse the newest, or let go of the oldest. Both are counted. */
  readonly overflow: "drop-newest" | "drop-oldest"
  /** Run the background worker. */
  readonly worker: boolean
  /** Session, environment and health events by themselves. */
  readonly automatic: boolean
  readonly debug: boolean
}

/**
 * What an application may choose. Lengths of time are a `Duration`, a number of milliseconds, or text such as `30 seconds`;
 * what is left out comes from the environment, the stored settings, the profile or the default, in this order.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default: this library's own name and version. */
  readonly app?: { readonly name: string; readonly version: string } | undefined
  readonly policyVersion?: number | undefined
  /** The application's own events, beside the built-in ones. */
  readonly events?: ReadonlyArray<EventDefinition.Any> | undefined
  readonly destinations?: ReadonlyArray<string> | undefined
  readonly endpoint?: string | undefined
  readonly apiKey?: string | Redacted.Redacted<string> | undefined
  readonly profile?: Profile | undefined
  readonly maxLevel?: Level.Level | undefined
  readonly interval?: Duration.DurationInput | undefined
  readonly batchSize?: number | undefined
  readonly batchBytes?: number | undefined
  readonly rateLimit?: number | undefined
  readonly burst?: number | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly maxRetries?: number | undefined
  readonly retry?: {
    readonly baseDelay?: Duration.DurationInput | undefined
    readonly maxDelay?: Duration.DurationInput | undefined
    readonly jitterFactor?: number | undefined
    readonly schedule?: Schedule.Schedule<unknown> | undefined
  } | undefined
  readonly shutdownDeadline?: Duration.DurationInput | null | undefined
  readonly queueLimit?: number | undefined
  readonly retention?: Duration.DurationInput | null | undefined
  readonly rollupRetention?: Duration.DurationInput | null | undefined
  readonly maxStoreBytes?: number | null | undefined
  readonly aggregate?: "all" | ReadonlyArray<string> | undefined
  readonly bufferSize?: number | undefined
  readonly linger?: Duration.DurationInput | undefined
  readonly overflow?: "drop-newest" | "drop-oldest" | undefined
  readonly worker?: boolean | undefined
  readonly automatic?: boolean | undefined
  readonly debug?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Config extends Context.Tag("effect-telemetry/TelemetryConfig")<Config, TelemetryConfig>() {}

/**
 * The numbers of submission that a profile sets at once.
 *
 * @since 0.1.0
 * @category constants
 */
export const profiles: Readonly<
  Record<Profile, Pick<TelemetryConfig, "batchSize" | "rateLimit" | "burst" | "queueLimit">>
> = {
  gentle: { batchSize: 10, rateLimit: 60, burst: 10, queueLimit: 10_000 },
  standard: { batchSize: 100, rateLimit: 1_000, burst: 200, queueLimit: 10_000 },
  bulk: { batchSize: 1_000, rateLimit: 100_000, burst: 10_000, queueLimit: 1_000_000 }
}

/**
 * Where values may come from, strongest first: flags of a command, options of the program, environment, stored settings.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sources {
  readonly flags?: Options | undefined
  readonly options?: Options | undefined
  readonly environment?: Environment.Environment | undefined
  readonly settings?: Readonly<Partial<Record<SettingKey, string>>> | undefined
}

/**
 * Decides every knob. Pure: two equal inputs give the same configuration. The first value that is refused is the issue.
 *
 * A level is the lowest of all that any source asks for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const resolve = (sources: Sources): Either.Either<TelemetryConfig, ConfigIssue> =>
  Either.gen(function*() {
    const pick = <A, const B>(knob: Knobs.Knob<A>, fallback: B): Either.Either<A | B, ConfigIssue> => {
      for (const value of Knobs.values(sources, knob)) return value
      return Either.right(fallback)
    }
    const profile = yield* pick(Knobs.profile, "standard")
    const numbers = profiles[profile]
    const levels = yield* Either.all([...Knobs.values(sources, Knobs.maxLevel)])
    const config: TelemetryConfig = {
      app: {
        name: yield* pick(Knobs.appName, "effect-telemetry"),
        version: yield* pick(Knobs.appVersion, version)
      },
      policyVersion: yield* pick(Knobs.policyVersion, 1),
      events: yield* pick(Knobs.events, EventCatalog.builtIn),
      destinations: yield* pick(Knobs.destinations, [Destination.defaultId]),
      endpoint: yield* pick(Knobs.endpoint, null),
      apiKey: yield* pick(Knobs.apiKey, null),
      profile,
      maxLevel: levels.length === 0 ? null : levels.reduce(Level.min),
      interval: yield* pick(Knobs.interval, Duration.seconds(30)),
      batchSize: yield* pick(Knobs.batchSize, numbers.batchSize),
      batchBytes: yield* pick(Knobs.batchBytes, 512 * 1024),
      rateLimit: yield* pick(Knobs.rateLimit, numbers.rateLimit),
      burst: yield* pick(Knobs.burst, numbers.burst),
      timeout: yield* pick(Knobs.timeout, Duration.seconds(30)),
      maxRetries: yield* pick(Knobs.maxRetries, 5),
      retry: {
        baseDelay: yield* pick(Knobs.baseDelay, Duration.seconds(1)),
        maxDelay: yield* pick(Knobs.maxDelay, Duration.hours(1)),
        jitterFactor: yield* pick(Knobs.jitterFactor, 0.25),
        schedule: sources.flags?.retry?.schedule ?? sources.options?.retry?.schedule ?? null
      },
      shutdownDeadline: yield* pick(Knobs.shutdownDeadline, null),
      queueLimit: yield* pick(Knobs.queueLimit, numbers.queueLimit),
      retention: yield* pick(Knobs.retention, Duration.days(30)),
      rollupRetention: yield* pick(Knobs.rollupRetention, Duration.days(396)),
      maxStoreBytes: yield* pick(Knobs.maxStoreBytes, null),
      aggregate: yield* pick(Knobs.aggregate, []),
      bufferSize: yield* pick(Knobs.bufferSize, 10_000),
      linger: yield* pick(Knobs.linger, Duration.millis(200)),
      overflow: yield* pick(Knobs.overflow, "drop-newest"),
      worker: yield* pick(Knobs.worker, true),
      automatic: yield* pick(Knobs.automatic, true),
      debug: yield* pick(Knobs.debug, false)
    }
    if (Duration.lessThan(config.retry.maxDelay, config.retry.baseDelay)) {
      return yield* Either.left(
        new ConfigIssue({
          message: "the option retry.maxDelay is shorter than retry.baseDelay: give a longer one",
          source: "retry.maxDelay"
        })
      )
    }
    return config
  })

/**
 * The configuration when nothing at all is given.
 *
 * @since 0.1.0
 * @category constructors
 */
export const defaults = (): TelemetryConfig => Either.getOrThrow(resolve({}))

/**
 * Resolves from the environment, the stored settings and what is given here.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromConfig = (
  given: Pick<Sources, "flags" | "options"> = {}
): Effect.Effect<TelemetryConfig, ConfigIssue | SettingsError, Settings> =>
  Effect.gen(function*() {
    const settings = yield* Effect.flatMap(Settings, (stored) => stored.all)
    const environment = yield* Environment.read
    return yield* resolve({ ...given, environment, settings })
  })

/**
 * From the environment and the stored settings, with options of the program.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Config, ConfigIssue | SettingsError, Settings> =>
  Layer.effect(Config, fromConfig({ options }))

/**
 * From the environment and the stored settings alone.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: Layer.Layer<Config, ConfigIssue | SettingsError, Settings> = Layer.effect(
  Config,
  Effect.suspend(fromConfig)
)

/**
 * The defaults with whatever is given in their place, unchecked: for tests.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerTest = (values: Partial<TelemetryConfig> = {}): Layer.Layer<Config> =>
  Layer.sync(Config, () => ({ ...defaults(), ...values }))
