/**
 * A Postgres client for the collector. Loaded when a database URL asks for it: `@effect/sql-pg` is an optional peer.
 *
 * @since 0.1.0
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Limits from "./Limits.js"

/** Postgres' numbers for the types of our columns. */
const oids = { bool: 16, bytea: 17, numbers: new Set([20, 21, 23, 26, 700, 701, 1700]) }

/** Whole numbers of 64 bits come as text unless somebody says that ours fit a number: times, counts and keys do. */
const parse = (oid: number) => (text: string): unknown => {
  if (oids.numbers.has(oid)) return Number(text)
  if (oid === oids.bool) return text === "t"
  return oid === oids.bytea ? Buffer.from(text.slice(2), "hex") : text
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (url: string): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.unwrapEffect(Effect.map(Limits.CollectorLimits, ({ databaseConnections }) =>
    PgClient.layer({
      url: Redacted.make(url),
      applicationName: "effect-telemetry collector",
      maxConnections: databaseConnections,
      connectTimeout: Duration.millis(Limits.databaseConnectMillis),
      types: { getTypeParser: parse }
    })))
