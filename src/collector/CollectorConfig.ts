/**
 * What the environment says about the collector.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as Option from "effect/Option"
import * as Level from "../domain/Level.js"
import * as Limits from "./Limits.js"
import type { Rule } from "./Retention.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CollectorConfig {
  /** None: a file in the data directory. */
  readonly databaseUrl: Option.Option<string>
  /** A file that holds the URL, as secrets are handed to containers; asked when there is no {@link databaseUrl}. */
  readonly databaseUrlFile: Option.Option<string>
  readonly port: number
  readonly host: string
  /** Bytes, as sent. */
  readonly maxBodyBytes: number
  /** The first rule that fits an event; none: it is kept until it is erased. */
  readonly retention: ReadonlyArray<Rule>
}

/** An empty variable is as good as none; as a number it would be 0. */
const integer = (name: string, min: number, max: number, fallback: number): Config.Config<number> =>
  Config.zipWith(Config.nonEmptyString(name), Config.integer(name), (_, value) => value).pipe(
    Config.validate({
      message: `${name} must be a whole number from ${min} to ${max}`,
      validation: (value) => value >= min && value <= max
    }),
    Config.withDefault(fallback)
  )

const levelOf = (text: string): Level.Level | undefined => Level.all.find((level) => level === text)

/** `APP:LEVEL=DAYS`, either of the two `*` for any; null: not to be understood. */
const ruleOf = (text: string): Rule | null => {
  const match = /^(\*|[^:=,*]+):(\*|[a-z]+)=([1-9]\d{0,4})$/.exec(text.trim())
  if (match === null) return null
  const [, app = "*", level = "*", days] = match
  if (level !== "*" && levelOf(level) === undefined) return null
  return { ...(app === "*" ? {} : { app }), ...(level === "*" ? {} : { level: levelOf(level) }), days: Number(days) }
}

const retention: Config.Config<ReadonlyArray<Rule>> = Config.nonEmptyString("COLLECTOR_RETENTION").pipe(
  Config.map((text) => text.split(",").map(ruleOf)),
  Config.validate({
    message: "COLLECTOR_RETENTION must be rules like ax:full=30,*:*=365 (application, level, days)",
    validation: (rules): rules is Array<Rule> => rules.every((rule) => rule !== null)
  }),
  Config.withDefault<ReadonlyArray<Rule>>([])
)

/**
 * `COLLECTOR_DATABASE_URL` or `COLLECTOR_DATABASE_URL_FILE`, `COLLECTOR_PORT` (4318; 0 picks a free one), `COLLECTOR_HOST` (127.0.0.1),
 * `COLLECTOR_MAX_BODY_BYTES` (1 MiB) and `COLLECTOR_RETENTION` (rules such as `ax:full=30,*:*=365`; none: kept).
 *
 * @since 0.1.0
 * @category config
 */
export const config: Config.Config<CollectorConfig> = Config.all({
  databaseUrl: Config.option(Config.nonEmptyString("COLLECTOR_DATABASE_URL")),
  databaseUrlFile: Config.option(Config.nonEmptyString("COLLECTOR_DATABASE_URL_FILE")),
  port: integer("COLLECTOR_PORT", 0, 65_535, 4318),
  host: Config.nonEmptyString("COLLECTOR_HOST").pipe(Config.withDefault("127.0.0.1")),
  maxBodyBytes: integer("COLLECTOR_MAX_BODY_BYTES", 1024, 256 * 1024 * 1024, Limits.defaults.maxBodyBytes),
  retention
})
