// The collector on Postgres in the ingest suite: the harness starts a cluster for adapters that need one.
import pg from "pg"
import { encode, serveOn } from "./ingest.mjs"

export const name = "effect-telemetry collector, Postgres"
export const needs = "pg"
export { encode }

export const serve = async ({ pgUrl }) => {
  const client = new pg.Client({ connectionString: pgUrl })
  await client.connect()
  await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
  await client.end()
  return serveOn(pgUrl)
}
