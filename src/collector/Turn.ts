/**
 * Taking turns among the transactions of all replicas. On SQLite a write transaction has the whole database to itself; on
 * Postgres those that must not overlap take a lock that COMMIT and ROLLBACK give back, and that a lost connection does too.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { Session } from "./Transaction.js"

/** The first half of our locks' names, so that they are not another program's. */
const namespace = 0x6574

/**
 * - `migrate`: the tables are changed
 * - `fold`: deltas are folded
 * - `subjects`: events are written, or those they belong to are erased
 * - `erase`: events of an erasure are deleted
 * - `retention`: old rows are deleted
 *
 * @since 0.1.0
 * @category models
 */
export type Name = "migrate" | "fold" | "subjects" | "erase" | "retention"

const numbers: Readonly<Record<Name, number>> = { migrate: 1, fold: 2, subjects: 3, retention: 4, erase: 5 }

const lock = (name: Name): string => `pg_advisory_xact_lock(${namespace}, ${numbers[name]})`

/**
 * What Postgres is to call for {@link together}.
 *
 * @since 0.1.0
 * @category getters
 */
export const sharedLock = (name: Name): string => `pg_advisory_xact_lock_shared(${namespace}, ${numbers[name]})`

const take = (session: Session, call: string): Effect.Effect<void, SqlError> =>
  session.dialect.name === "sqlite" ? Effect.void : Effect.asVoid(session.rows(`SELECT ${call}`))

/**
 * Waits until nobody else is at it; nobody else is until the transaction ends.
 *
 * @since 0.1.0
 * @category combinators
 */
export const alone = (session: Session, name: Name): Effect.Effect<void, SqlError> => take(session, lock(name))

/**
 * Beside others of its kind, but not beside one that is {@link alone}.
 *
 * @since 0.1.0
 * @category combinators
 */
export const together = (session: Session, name: Name): Effect.Effect<void, SqlError> => take(session, sharedLock(name))
