/**
 * What the environment says, read through the `ConfigProvider` in force, so that a host application can choose its own
 * prefix by nesting it. Four names are read without any prefix: `DO_NOT_TRACK`, `TELEMETRY_DISABLED`, `CI`, `NO_COLOR`.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as PathPatch from "effect/ConfigProviderPathPatch"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { ConfigIssue } from "./ConfigIssue.js"
import type * as Overrides from "./consent/Overrides.js"
import * as Values from "./internal/values.js"

/**
 * The variables of the configuration, without prefix.
 *
 * @since 0.1.0
 * @category models
 */
export type Variable =
  | "TELEMETRY_ENDPOINT"
  | "TELEMETRY_API_KEY"
  | "TELEMETRY_INTERVAL"
  | "TELEMETRY_BATCH_SIZE"
  | "TELEMETRY_RATE_LIMIT"
  | "TELEMETRY_BURST"
  | "TELEMETRY_TIMEOUT"
  | "TELEMETRY_MAX_RETRIES"
  | "TELEMETRY_LEVEL"
  | "TELEMETRY_DATA_DIR"
  | "TELEMETRY_DEBUG"

/**
 * @since 0.1.0
 * @category models
 */
export interface Environment {
  /** What the host's nesting puts before the names, `""` or such as `"AX_"`: for messages. */
  readonly prefix: string
  /** Trimmed; a variable that is empty is left out. */
  readonly values: Readonly<Partial<Record<Variable, string>>>
}

/**
 * @since 0.1.0
 * @category constants
 */
export const empty: Environment = { prefix: "", values: {} }

/**
 * Looks up one variable of the process.
 *
 * @since 0.1.0
 * @category models
 */
export type LookUp = (name: string) => Effect.Effect<string | undefined, ConfigError.ConfigError>

/**
 * Where the names without prefix are read, beside the `ConfigProvider` in force: the variables of the process. While that
 * provider is Effect's default one, which reads the same variables, everything is read here: a platform that can look at
 * them directly saves some milliseconds at the start of a program.
 *
 * @since 0.1.0
 * @category references
 */
export class Unprefixed extends Context.Reference<Unprefixed>()("effect-telemetry/Environment/Unprefixed", {
  defaultValue: (): LookUp => lookUpIn(ConfigProvider.fromEnv())
}) {}

/**
 * Does a variable such as `DO_NOT_TRACK` count as set? Absent, empty, `0` and `false` do not.
 *
 * @since 0.1.0
 * @category predicates
 */
export const inForce = (text: string | undefined): boolean =>
  text !== undefined && text !== "" && text !== "0" && text !== "false"

const ambient = Effect.configProviderWith(Effect.succeed)

const lookUpIn = (provider: ConfigProvider.ConfigProvider): LookUp => (name) =>
  provider.load(Config.string(name)).pipe(
    // A nested provider cuts values at its list separator: asked for the list it gives all of it.
    Effect.zipRight(provider.load(Config.array(Config.string(), name))),
    Effect.map((parts) => parts.join(",")),
    Effect.catchIf(ConfigError.isMissingDataOnly, () => Effect.succeed(undefined))
  )

const isDefault = (provider: ConfigProvider.ConfigProvider): boolean =>
  provider === Context.get(DefaultServices.liveServices, ConfigProvider.ConfigProvider)

/** The provider in force without its nesting. */
const stripped = (provider: ConfigProvider.ConfigProvider): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromFlat({ ...provider.flattened, patch: PathPatch.empty })

interface Readers {
  readonly prefix: string
  /** With the host's prefix. */
  readonly own: LookUp
  /** Without it. */
  readonly plain: ReadonlyArray<LookUp>
}

const readers: Effect.Effect<Readers> = Effect.zipWith(
  ambient,
  Unprefixed,
  (provider, unprefixed) =>
    isDefault(provider)
      ? { prefix: "", own: unprefixed, plain: [unprefixed] }
      : {
        prefix: prefixOf(provider.flattened.patch),
        own: lookUpIn(provider),
        plain: [unprefixed, lookUpIn(stripped(provider))]
      }
)

const prefixOf = (patch: PathPatch.PathPatch): string => {
  switch (patch._tag) {
    case "Nested":
      return `${patch.name}_`
    case "AndThen":
      return prefixOf(patch.second) + prefixOf(patch.first)
    default:
      return ""
  }
}

const readAll = (names: ReadonlyArray<Variable>): Effect.Effect<Environment, ConfigIssue> =>
  Effect.gen(function*() {
    const { own, prefix } = yield* readers
    const values: Partial<Record<Variable, string>> = {}
    for (const name of names) {
      const text = yield* Effect.mapError(own(name), () =>
        new ConfigIssue({ message: `${prefix}${name} cannot be read from the configuration`, source: name }))
      if (text !== undefined && text.trim() !== "") {
        values[name] = text.trim()
      }
    }
    return { prefix, values }
  })

/**
 * Every variable of the configuration.
 *
 * @since 0.1.0
 * @category accessors
 */
export const read: Effect.Effect<Environment, ConfigIssue> = readAll([
  "TELEMETRY_ENDPOINT",
  "TELEMETRY_API_KEY",
  "TELEMETRY_INTERVAL",
  "TELEMETRY_BATCH_SIZE",
  "TELEMETRY_RATE_LIMIT",
  "TELEMETRY_BURST",
  "TELEMETRY_TIMEOUT",
  "TELEMETRY_MAX_RETRIES",
  "TELEMETRY_LEVEL",
  "TELEMETRY_DATA_DIR",
  "TELEMETRY_DEBUG"
])

/**
 * The data directory that the environment asks for; null when it does not.
 *
 * @since 0.1.0
 * @category accessors
 */
export const dataDir: Effect.Effect<string | null, ConfigIssue> = Effect.map(
  readAll(["TELEMETRY_DATA_DIR"]),
  ({ values }) => values.TELEMETRY_DATA_DIR ?? null
)

/** A source that fails counts as in force: whoever cannot ask must not track. */
const anyInForce = (name: string, sources: ReadonlyArray<LookUp>): Effect.Effect<boolean> =>
  Effect.exists(
    sources,
    (lookUp) => Effect.match(lookUp(name), { onFailure: () => true, onSuccess: (text) => inForce(text?.trim()) })
  )

/**
 * `NO_COLOR` asks for plain output: it is there and not empty, whatever it says.
 *
 * @since 0.1.0
 * @category accessors
 */
export const noColor: Effect.Effect<boolean> = Effect.flatMap(
  Unprefixed,
  (lookUp) =>
    Effect.match(lookUp("NO_COLOR"), { onFailure: () => true, onSuccess: (text) => text !== undefined && text !== "" })
)

/**
 * What the environment switches off or lowers. Never fails: what cannot be read or understood means off.
 *
 * The application's own variable counts with and without the prefix.
 *
 * @since 0.1.0
 * @category accessors
 */
export const overrides: Effect.Effect<
  Pick<Overrides.Service, "doNotTrack" | "disabledByEnv" | "ci" | "maxLevel">
> = Effect.gen(function*() {
  const { own, plain } = yield* readers
  const wanted = yield* Effect.match(own("TELEMETRY_LEVEL"), {
    onFailure: () => "unreadable",
    onSuccess: (text) => text?.trim() ?? ""
  })
  const level = wanted === "" ? Either.right(null) : Values.level.fromText(wanted)
  const disabled = yield* anyInForce("TELEMETRY_DISABLED", [...plain, own])
  return {
    doNotTrack: yield* anyInForce("DO_NOT_TRACK", plain),
    disabledByEnv: disabled || Either.isLeft(level),
    ci: yield* anyInForce("CI", plain),
    maxLevel: Either.getOrElse(level, () => null)
  }
})
