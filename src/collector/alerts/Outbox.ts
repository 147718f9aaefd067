/**
 * Notifications that are still to be delivered: written in the transaction in which a rule changes, so that none is lost and
 * none is made twice, and of each rule one after the other.
 *
 * Who delivers one takes it on first, for a while: one that wakes up after a pause finds that another has taken it.
 *
 * @since 0.1.0
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "../Dialect.js"
import * as Limits from "../Limits.js"
import * as Transaction from "../Transaction.js"
import type { Outcome } from "./Webhook.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Waiting {
  readonly number: number
  readonly id: string
  readonly rule: string
  readonly body: string
  /** When it was made. */
  readonly at: number
  /** Those before. */
  readonly attempts: number
  readonly url: string
  readonly secret: string | null
}

type Row = { readonly [K in keyof Waiting]: Waiting[K] | string }

const statements = Dialect.statements(() => ({
  insert: "INSERT INTO alert_notifications (id, rule, body, at, next_at) VALUES (?, ?, ?, ?, ?)",
  due: `SELECT n.number AS number, n.id AS id, n.rule AS rule, n.body AS body, n.at AS at, n.attempts AS attempts,
      r.url AS url, r.secret AS secret
    FROM alert_notifications n JOIN alert_rules r ON r.id = n.rule
    WHERE n.next_at <= ?
      AND NOT EXISTS (SELECT 1 FROM alert_notifications o WHERE o.rule = n.rule AND o.number < n.number)
    ORDER BY n.number`,
  take: `UPDATE alert_notifications SET attempts = attempts + 1, next_at = ?
    WHERE number = ? AND attempts = ? AND next_at <= ?`,
  done: "DELETE FROM alert_notifications WHERE number = ? AND attempts = ?",
  later: "UPDATE alert_notifications SET next_at = ? WHERE number = ? AND attempts = ?",
  delivered: "UPDATE alert_rules SET delivered = delivered + 1, outcome = ?, outcome_at = ? WHERE id = ?",
  failed: "UPDATE alert_rules SET failed = failed + 1, outcome = ?, outcome_at = ? WHERE id = ?"
}))

/**
 * @since 0.1.0
 * @category combinators
 */
export const put = (
  session: Transaction.Session,
  { at, body, id, rule }: Pick<Waiting, "id" | "rule" | "body" | "at">
): Effect.Effect<void, SqlError> =>
  Effect.asVoid(session.run(statements(session.dialect).insert, [id, rule, body, at, at]))

/**
 * Of each rule the oldest, if its time has come.
 *
 * @since 0.1.0
 * @category combinators
 */
export const due = (sql: SqlClient.SqlClient, now: number): Effect.Effect<ReadonlyArray<Waiting>, SqlError> =>
  Effect.map(sql.unsafe<Row>(statements(Dialect.of(sql)).due, [now]), (rows) =>
    rows.map((row) => ({
      number: Number(row.number),
      id: String(row.id),
      rule: String(row.rule),
      body: String(row.body),
      at: Number(row.at),
      attempts: Number(row.attempts),
      url: String(row.url),
      secret: row.secret
    })))

/**
 * False: another has it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const take = (
  sql: SqlClient.SqlClient,
  { attempts, number }: Waiting,
  now: number
): Effect.Effect<boolean, SqlError> =>
  Transaction.write(sql, (session) =>
    Effect.map(
      session.run(statements(session.dialect).take, [now + Limits.webhookLeaseMillis, number, attempts, now]),
      (changed) => changed === 1
    ))

/**
 * What became of one that was taken on; `nextAt` null: it is not tried again.
 *
 * @since 0.1.0
 * @category combinators
 */
export const settle = (
  sql: SqlClient.SqlClient,
  { attempts, number, rule }: Waiting,
  outcome: Outcome,
  now: number,
  nextAt: number | null
): Effect.Effect<void, SqlError> =>
  Transaction.write(sql, (session) => {
    const texts = statements(session.dialect)
    const taken = attempts + 1
    return Effect.zipRight(
      nextAt === null
        ? session.run(texts.done, [number, taken])
        : session.run(texts.later, [nextAt, number, taken]),
      Effect.asVoid(session.run(outcome.delivered ? texts.delivered : texts.failed, [outcome.text, now, rule]))
    )
  })
