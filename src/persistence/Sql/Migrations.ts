/**
 * Forward-only migrations by the SQL library's `Migrator`, over our connection as a client of that library. Loaded only where a
 * file is not up to date.
 *
 * @internal
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlConnection from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import * as Schema from "./Schema.js"
import type { Connection, Value } from "./Session.js"

const all = (statements: ReadonlyArray<string>) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  )

const run = Migrator.make({})({
  table: "migration",
  loader: Migrator.fromRecord(Record.map(Schema.migrations, all))
})

const isValue = (value: unknown): value is Value =>
  value === null || typeof value === "string" || typeof value === "number" || value instanceof Uint8Array

const adapt = (connection: Connection): SqlConnection.Connection => {
  const all = (sql: string, params: ReadonlyArray<unknown> = []) =>
    Effect.try({
      try: () => connection.all(sql, params.filter(isValue)),
      catch: (cause) => new SqlError({ cause, message: "Failed to execute statement" })
    })
  const execute: SqlConnection.Connection["execute"] = (sql, params, transform) =>
    Effect.map(
      all(sql, params),
      (rows) => transform === undefined ? rows : transform(rows.map((row) => Object(row)))
    )
  return {
    execute,
    executeUnprepared: execute,
    executeRaw: all,
    executeValues: (sql, params) =>
      Effect.map(all(sql, params), (rows) => rows.map((row) => Object.values(Object(row)))),
    executeStream: () => Effect.dieMessage("a migration does not stream") as never
  }
}

/**
 * Brings the schema up to date on a connection that is inside an immediate transaction: whoever comes second finds it done.
 *
 * @internal
 */
export const migrate = (connection: Connection) =>
  Effect.gen(function*() {
    const adapted = adapt(connection)
    const client = yield* SqlClient.make({
      acquirer: Effect.succeed(adapted),
      compiler: Statement.makeCompilerSqlite(),
      spanAttributes: []
    })
    return yield* run.pipe(
      Effect.provideService(SqlClient.SqlClient, client),
      Effect.provideService(SqlClient.TransactionConnection, [adapted, 0])
    )
  }).pipe(
    Effect.provideServiceEffect(Reactivity.Reactivity, Reactivity.make),
    // that library makes a span of every statement, and the program's tracer is not told of ours
    Effect.withTracerEnabled(false)
  )
