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
import * as Net from "node:net"
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
 * A server that goes away without a word leaves its connections open for a quarter of an hour. One on which nothing was
 * heard for longer than a statement may take is closed, and what waits for an answer fails.
 */
const attentive = (silenceMillis: number) => (): Net.Socket => {
  const socket = new Net.Socket()
  return socket.setTimeout(silenceMillis, () => socket.destroy(new Error("Postgres does not answer")))
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (
  options: { readonly url: string; readonly connections: number }
): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.unwrapEffect(Effect.map(Limits.CollectorLimits, ({ databaseAnswerMillis }) =>
    PgClient.layer({
      url: Redacted.make(options.url),
      applicationName: "effect-telemetry collector",
      maxConnections: options.connections,
      connectTimeout: Duration.millis(Limits.databaseConnectMillis),
      stream: attentive(databaseAnswerMillis),
      types: { getTypeParser: parse }
    })))

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (url: string): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.unwrapEffect(
    Effect.map(
      Limits.CollectorLimits,
      ({ databaseConnections }) => layerWith({ url, connections: databaseConnections })
    )
  )
