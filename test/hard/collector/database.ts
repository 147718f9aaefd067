import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import { layer } from "../../../src/collector/Postgres.js"
import type { Backend } from "../../collector/support.js"

const server = "postgres://postgres@127.0.0.1:5432"

const administer = (text: string) =>
  Effect.orDie(Effect.provide(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text)), layer(`${server}/test`)))

/** A database of its own on the machine's Postgres, gone with the test. */
export const postgres: Backend = {
  name: "a real Postgres",
  empty: Effect.acquireRelease(
    Effect.flatMap(
      Effect.sync(() => `collector_${Crypto.randomBytes(6).toString("hex")}`),
      (name) => Effect.as(administer(`CREATE DATABASE ${name}`), `${server}/${name}`)
    ),
    (url) => administer(`DROP DATABASE ${url.slice(server.length + 1)} WITH (FORCE)`)
  )
}
