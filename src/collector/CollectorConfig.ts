/**
 * What the environment says about the collector.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as Option from "effect/Option"
import * as Limits from "./Limits.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CollectorConfig {
  /** None: a file in the data directory. */
  readonly databaseUrl: Option.Option<string>
  readonly port: number
  readonly host: string
  /** Bytes, as sent. */
  readonly maxBodyBytes: number
}

const integer = (name: string, min: number, max: number, fallback: number): Config.Config<number> =>
  Config.integer(name).pipe(
    Config.validate({
      message: `${name} must be a whole number from ${min} to ${max}`,
      validation: (value) => value >= min && value <= max
    }),
    Config.withDefault(fallback)
  )

/**
 * `COLLECTOR_DATABASE_URL`, `COLLECTOR_PORT` (4318; 0 picks a free one), `COLLECTOR_HOST` (127.0.0.1) and
 * `COLLECTOR_MAX_BODY_BYTES` (1 MiB).
 *
 * @since 0.1.0
 * @category config
 */
export const config: Config.Config<CollectorConfig> = Config.all({
  databaseUrl: Config.option(Config.nonEmptyString("COLLECTOR_DATABASE_URL")),
  port: integer("COLLECTOR_PORT", 0, 65_535, 4318),
  host: Config.nonEmptyString("COLLECTOR_HOST").pipe(Config.withDefault("127.0.0.1")),
  maxBodyBytes: integer("COLLECTOR_MAX_BODY_BYTES", 1024, 256 * 1024 * 1024, Limits.defaults.maxBodyBytes)
})
