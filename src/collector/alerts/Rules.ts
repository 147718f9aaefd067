/**
 * The rules, in the database: made and ended by command, and what they found last.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Crypto from "node:crypto"
import * as Dialect from "../Dialect.js"
import * as Limits from "../Limits.js"
import * as Transaction from "../Transaction.js"
import type * as Rule from "./Rule.js"

/**
 * A rule as it is kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kept extends Rule.Rule {
  readonly id: string
  readonly secret: string | null
  readonly createdAt: number
  readonly firing: boolean
  /** When it began or ceased to fire; null: it never has. */
  readonly since: number | null
  readonly value: number | null
  readonly memory: string | null
  /** How often it has looked: two that look at once find out by it. */
  readonly looks: number
  readonly lookedAt: number | null
  /** Notifications that arrived, and attempts that did not. */
  readonly delivered: number
  readonly failed: number
  /** Of the last attempt, in words. */
  readonly outcome: string | null
  readonly outcomeAt: number | null
}

/**
 * @since 0.1.0
 * @category errors
 */
export class RuleNotFound extends Schema.TaggedError<RuleNotFound>("effect-telemetry/collector/alerts/RuleNotFound")(
  "RuleNotFound",
  { message: Schema.String }
) {}

/**
 * @since 0.1.0
 * @category errors
 */
export class TooManyRules extends Schema.TaggedError<TooManyRules>("effect-telemetry/collector/alerts/TooManyRules")(
  "TooManyRules",
  { message: Schema.String }
) {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const notFound = (id: string): RuleNotFound =>
  new RuleNotFound({ message: `There is no rule ${id}; "alerts list" shows them all` })

const orNull = (value: unknown): number | null => value === null ? null : Number(value)

type Row = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly name: string | null
  readonly kind: Rule.Kind
  readonly app: string | null
  readonly type: string | null
  readonly dimension: string | null
  readonly release: string | null
  readonly direction: "above" | "below"
  readonly period: Rule.Window
  readonly url: string
  readonly secret: string | null
  readonly memory: string | null
  readonly outcome: string | null
}

const toKept = (row: Row): Kept => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  app: row.app,
  type: row.type,
  dimension: row.dimension,
  release: row.release,
  direction: row.direction,
  threshold: Number(row["threshold"]),
  window: row.period,
  url: row.url,
  secret: row.secret,
  createdAt: Number(row["created_at"]),
  firing: Number(row["firing"]) === 1,
  since: orNull(row["since"]),
  value: orNull(row["value"]),
  memory: row.memory,
  looks: Number(row["looks"]),
  lookedAt: orNull(row["looked_at"]),
  delivered: Number(row["delivered"]),
  failed: Number(row["failed"]),
  outcome: row.outcome,
  outcomeAt: orNull(row["outcome_at"])
})

const statements = Dialect.statements(() => ({
  count: "SELECT count(*) AS n FROM alert_rules",
  insert:
    `INSERT INTO alert_rules (id, name, kind, app, type, dimension, release, direction, threshold, period, url, secret, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  all: "SELECT * FROM alert_rules ORDER BY created_at, id",
  delete: "DELETE FROM alert_rules WHERE id = ?",
  deleteNotifications: "DELETE FROM alert_notifications WHERE rule = ?"
}))

/**
 * All of them, oldest first.
 *
 * @since 0.1.0
 * @category getters
 */
export const all: Effect.Effect<ReadonlyArray<Kept>, SqlError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.map(sql.unsafe<Row>(statements(Dialect.of(sql)).all), (rows) => rows.map(toKept))
)

/**
 * Keeps a rule. A secret is made where it is asked for, and seen this once.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add = Effect.fnUntraced(function*(
  rule: Rule.Rule,
  options: { readonly sign: boolean }
): Effect.fn.Return<
  { readonly id: string; readonly secret: string | null },
  SqlError | TooManyRules,
  SqlClient.SqlClient
> {
  const sql = yield* SqlClient.SqlClient
  const now = yield* Clock.currentTimeMillis
  const [id, secret] = yield* Effect.sync(() =>
    [
      Crypto.randomBytes(6).toString("hex"),
      options.sign ? `ets_${Crypto.randomBytes(24).toString("base64url")}` : null
    ] as const
  )
  return yield* Transaction.write(sql, (session) =>
    Effect.gen(function*() {
      const texts = statements(session.dialect)
      const [row] = yield* session.rows(texts.count)
      if (Number(row?.n) >= Limits.maxAlertRules) {
        return yield* new TooManyRules({
          message: `There are ${Limits.maxAlertRules} rules already: take one away with "alerts remove"`
        })
      }
      const { app, dimension, direction, kind, name, release, threshold, type, url, window } = rule
      const condition = [kind, app, type, dimension, release, direction, threshold, window]
      yield* session.run(texts.insert, [id, name, ...condition, url, secret, now])
      return { id, secret }
    }))
})

/**
 * Ends a rule; what it had still to tell is not told.
 *
 * @since 0.1.0
 * @category combinators
 */
export const remove = (id: string): Effect.Effect<void, SqlError | RuleNotFound, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Transaction.write(sql, (session) =>
      Effect.gen(function*() {
        const texts = statements(session.dialect)
        if ((yield* session.run(texts.delete, [id])) === 0) return yield* notFound(id)
        yield* session.run(texts.deleteNotifications, [id])
      })))

/**
 * @since 0.1.0
 * @category getters
 */
export const one = (id: string): Effect.Effect<Kept, SqlError | RuleNotFound, SqlClient.SqlClient> =>
  Effect.flatMap(all, (rules) => {
    const rule = rules.find((rule) => rule.id === id)
    return rule === undefined ? Effect.fail(notFound(id)) : Effect.succeed(rule)
  })
