/**
 * API keys. A key is shown once; stored are its SHA-256 (it has 192 random bits, so nothing slower is needed) and a prefix
 * to know it by.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Dialect from "./Dialect.js"
import * as Grouped from "./Grouped.js"
import * as Limits from "./Limits.js"
import * as Transaction from "./Transaction.js"

/**
 * - `ingest`: send events and ask for erasure
 * - `read`: query
 * - `admin`: query and metrics
 *
 * @since 0.1.0
 * @category schemas
 */
export const Role = Schema.Literal("ingest", "read", "admin")

/**
 * @since 0.1.0
 * @category models
 */
export type Role = typeof Role.Type

/**
 * A key as it is listed; times are milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyInfo {
  readonly id: string
  /** The first characters of the key. */
  readonly prefix: string
  readonly role: Role
  readonly name: string | null
  /** The application the key is bound to; null: to none. */
  readonly app: string | null
  /** Origins of the web pages that may use the key; none: the pages of any origin. */
  readonly origins: ReadonlyArray<string>
  readonly createdAt: number
  readonly lastUsedAt: number | null
  /** Still to come for a key that is being replaced. */
  readonly revokedAt: number | null
}

/**
 * Who a request comes from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Principal {
  readonly id: string
  readonly role: Role
  readonly app: string | null
  readonly origins: ReadonlyArray<string>
}

/**
 * @since 0.1.0
 * @category errors
 */
export class KeyNotFound extends Schema.TaggedError<KeyNotFound>("effect-telemetry/collector/KeyNotFound")(
  "KeyNotFound",
  { message: Schema.String }
) {}

/**
 * A key that is revoked is not replaced: whoever has it has lost it already.
 *
 * @since 0.1.0
 * @category errors
 */
export class KeyRevoked extends Schema.TaggedError<KeyRevoked>("effect-telemetry/collector/KeyRevoked")(
  "KeyRevoked",
  { message: Schema.String }
) {}

/**
 * A key as it is seen once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Created {
  readonly id: string
  readonly key: string
  readonly role: Role
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The only time the key itself is seen. */
  readonly create: (options: {
    readonly role: Role
    readonly name?: string | undefined
    readonly app?: string | undefined
    /** As a browser says them: `https://shop.example`. */
    readonly origins?: ReadonlyArray<string> | undefined
  }) => Effect.Effect<Created, SqlError>
  /** All keys, revoked ones too, oldest first. */
  readonly list: Effect.Effect<ReadonlyArray<KeyInfo>, SqlError>
  /** Effective with the next request, of a key that is being replaced too. Revoking twice is no error. */
  readonly revoke: (id: string) => Effect.Effect<void, SqlError | KeyNotFound>
  /**
   * A new key for the same: role, name, application and origins. The old one is revoked `graceMillis` from now, or earlier if
   * it was to be; until then both work.
   */
  readonly rotate: (
    id: string,
    graceMillis: number
  ) => Effect.Effect<Created & { readonly revokedAt: number }, SqlError | KeyNotFound | KeyRevoked>
  /** May a page of this origin use any key that is not revoked? What another process changed is known some seconds later. */
  readonly allowsOrigin: (origin: string) => Effect.Effect<boolean, SqlError>
  /** Null for a key that is unknown or revoked. */
  readonly authenticate: (key: string) => Effect.Effect<Principal | null, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Keys extends Context.Tag("effect-telemetry/collector/Keys")<Keys, Service>() {}

interface Row {
  readonly id: string
  readonly hash: Uint8Array
  readonly prefix: string
  readonly role: Role
  readonly name: string | null
  readonly app: string | null
  readonly origins: string | null
  readonly created_at: number
  readonly last_used_at: number | null
  readonly revoked_at: number | null
}

const prefixLength = 10

const sha256 = (key: string): Buffer => Crypto.createHash("sha256").update(key).digest()

const originsOf = ({ origins }: Pick<Row, "origins">): ReadonlyArray<string> =>
  origins === null ? [] : origins.split(" ")

const toInfo = (row: Row): KeyInfo => ({
  id: row.id,
  prefix: row.prefix,
  role: row.role,
  name: row.name,
  app: row.app,
  origins: originsOf(row),
  createdAt: Number(row.created_at),
  lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
  revokedAt: row.revoked_at === null ? null : Number(row.revoked_at)
})

const notFound = (id: string): KeyNotFound =>
  new KeyNotFound({ message: `There is no key ${id}; "keys list" shows them all` })

type Columns = Pick<Row, "role" | "name" | "app" | "origins">

const statements = Dialect.statements((d) => ({
  find:
    `SELECT x.id AS id, x.hash AS hash, x.role AS role, x.app AS app, x.origins AS origins, x.revoked_at AS revoked_at
    FROM ${d.each} ${d.lookup("api_keys", `x.hash = ${d.bytes("j.value->>0")}`)}`,
  insert: `INSERT INTO api_keys (id, hash, prefix, role, name, app, origins, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  one: "SELECT role, name, app, origins, revoked_at FROM api_keys WHERE id = ?",
  expire: "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND (revoked_at IS NULL OR revoked_at > ?)"
}))

/** Never undone: a time that has passed stays as it is, one that is still to come only comes nearer. */
const expire = (session: Transaction.Session, id: string, at: number): Effect.Effect<number, SqlError> =>
  session.run(statements(session.dialect).expire, [at, id, at])

const insert = Effect.fnUntraced(function*(
  session: Transaction.Session,
  { app, name, origins, role }: Columns,
  now: number
): Effect.fn.Return<Created, SqlError> {
  const [id, key] = yield* Effect.sync(() =>
    [Crypto.randomBytes(6).toString("hex"), `et${role[0]}_${Crypto.randomBytes(24).toString("base64url")}`] as const
  )
  const params = [id, sha256(key), key.slice(0, prefixLength), role, name, app, origins, now]
  yield* session.run(statements(session.dialect).insert, params)
  return { id, key, role }
})

const replace = Effect.fnUntraced(function*(
  session: Transaction.Session,
  id: string,
  now: number,
  graceMillis: number
): Effect.fn.Return<Created & { readonly revokedAt: number }, SqlError | KeyNotFound | KeyRevoked> {
  const { one } = statements(session.dialect)
  const [row] = yield* session.rows(one, [id])
  if (row === undefined) return yield* notFound(id)
  if (row.revoked_at !== null && Number(row.revoked_at) <= now) {
    return yield* new KeyRevoked({ message: `Key ${id} is revoked: make a new one with "keys create"` })
  }
  yield* expire(session, id, now + graceMillis)
  const created = yield* insert(session, row, now)
  const [after] = yield* session.rows(one, [id])
  return { ...created, revokedAt: Number(after?.revoked_at ?? now) }
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient | Scope.Scope> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const find = yield* Grouped.make({
    handle: (hashes: ReadonlyArray<Buffer>) =>
      Effect.map(
        sql.unsafe<Row>(statements(Dialect.of(sql)).find, [
          JSON.stringify(Array.from(new Set(hashes.map((hash) => hash.toString("hex"))), (hash) => [hash]))
        ]),
        (rows) => hashes.map((hash) => rows.find((row) => Crypto.timingSafeEqual(row.hash, hash)))
      ),
    sizeOf: () => 1,
    most: Limits.groupRequests
  })
  const lastUsed = new Map<string, number>()

  const readOrigins = Effect.flatMap(
    Clock.currentTimeMillis,
    (now) =>
      Effect.map(
        sql<Row>`SELECT origins FROM api_keys
          WHERE origins IS NOT NULL AND (revoked_at IS NULL OR revoked_at > ${now})`,
        (rows) => new Set(rows.flatMap(originsOf))
      )
  )
  // A request that is given up must not be what the others are answered with for seconds.
  const [origins, forget] = yield* Effect.cachedInvalidateWithTTL(
    Effect.uninterruptible(Effect.either(readOrigins)),
    Duration.millis(Limits.originsMillis)
  )

  const touch = (id: string, now: number): Effect.Effect<void> => {
    const last = lastUsed.get(id)
    if (last !== undefined && now - last < Limits.lastUsedMillis) return Effect.void
    lastUsed.set(id, now)
    return Effect.ignore(sql`UPDATE api_keys SET last_used_at = ${now} WHERE id = ${id}`)
  }

  return Keys.of({
    create: ({ app, name, origins = [], role }) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const columns = {
          role,
          name: name ?? null,
          app: app ?? null,
          origins: origins.length === 0 ? null : origins.join(" ")
        }
        return Effect.zipLeft(Transaction.write(sql, (session) => insert(session, columns, now)), forget)
      }),
    list: Effect.map(sql<Row>`SELECT * FROM api_keys ORDER BY created_at, id`, (rows) => rows.map(toInfo)),
    revoke: Effect.fn("Keys.revoke")(function*(id) {
      const now = yield* Clock.currentTimeMillis
      yield* Transaction.write(sql, (session) =>
        Effect.gen(function*() {
          const [row] = yield* session.rows(statements(session.dialect).one, [id])
          if (row === undefined) return yield* notFound(id)
          yield* expire(session, id, now)
        }))
      yield* forget
    }),
    rotate: (id, graceMillis) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => Effect.zipLeft(Transaction.write(sql, (session) => replace(session, id, now, graceMillis)), forget)
      ),
    allowsOrigin: (origin) =>
      Effect.flatMap(origins, (known) =>
        Either.isRight(known)
          ? Effect.succeed(known.right.has(origin))
          : Effect.zipRight(forget, Effect.fail(known.left))),
    authenticate: (key) => {
      if (key.length === 0 || key.length > Limits.maxKeyLength) return Effect.succeed(null)
      const hash = sha256(key)
      return Effect.flatMap(find(hash), (row) =>
        Effect.flatMap(
          Clock.currentTimeMillis,
          (now) =>
            row === undefined || (row.revoked_at !== null && Number(row.revoked_at) <= now)
              ? Effect.succeed(null)
              : Effect.as(touch(row.id, now), { id: row.id, role: row.role, app: row.app, origins: originsOf(row) })
        ))
    }
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Keys, never, SqlClient.SqlClient> = Layer.scoped(Keys, make)
