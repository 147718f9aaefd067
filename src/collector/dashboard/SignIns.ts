/**
 * Who is signed in. The browser holds a random name; stored is its SHA-256 beside the key it stands for, so that every
 * replica knows it and a key that is revoked ends it at once.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Crypto from "node:crypto"
import * as Keys from "../Keys.js"
import * as Limits from "../Limits.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The token for the cookie; null when the key may not look at anything, whatever the reason. */
  readonly signIn: (key: string) => Effect.Effect<string | null, SqlError>
  /** Null: nobody who is signed in. */
  readonly principal: (token: string) => Effect.Effect<Keys.Principal | null, SqlError>
  readonly signOut: (token: string) => Effect.Effect<void, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SignIns extends Context.Tag("effect-telemetry/collector/SignIns")<SignIns, Service>() {}

interface Row {
  readonly id: string
  readonly role: Keys.Role
  readonly app: string | null
}

const tokenForm = /^[\w-]{43}$/

const hashOf = (token: string): Uint8Array => Crypto.createHash("sha256").update(token).digest()

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient | Keys.Keys> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const keys = yield* Keys.Keys
  return SignIns.of({
    signIn: Effect.fn("SignIns.signIn")(function*(key) {
      const principal = yield* keys.authenticate(key)
      if (principal === null || principal.role === "ingest") return null
      const now = yield* Clock.currentTimeMillis
      const token = yield* Effect.sync(() => Crypto.randomBytes(32).toString("base64url"))
      yield* sql`DELETE FROM dashboard_sessions WHERE expires_at <= ${now}`
      yield* sql`INSERT INTO dashboard_sessions (hash, key_id, expires_at)
        VALUES (${hashOf(token)}, ${principal.id}, ${now + Limits.dashboardSessionMillis})`
      return token
    }),
    principal: (token) =>
      tokenForm.test(token)
        ? Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.map(
            sql<Row>`SELECT k.id, k.role, k.app FROM dashboard_sessions s JOIN api_keys k ON k.id = s.key_id
              WHERE s.hash = ${
              hashOf(token)
            } AND s.expires_at > ${now} AND (k.revoked_at IS NULL OR k.revoked_at > ${now})`,
            ([row]) => row === undefined ? null : { id: row.id, role: row.role, app: row.app, origins: [] }
          ))
        : Effect.succeed(null),
    signOut: (token) => Effect.asVoid(sql`DELETE FROM dashboard_sessions WHERE hash = ${hashOf(token)}`)
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<SignIns, never, SqlClient.SqlClient | Keys.Keys> = Layer.effect(SignIns, make)
