/**
 * Batches by their idempotency key: the same batch again is given the same answer. A batch is claimed in the transaction of
 * its events; of two at once, the second waits for the first to commit and then reads its answer.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Crypto from "node:crypto"
import { SubmitAnswer } from "../submission/Contract.js"
import * as Dialect from "./Dialect.js"
import * as Limits from "./Limits.js"
import type { Session } from "./Transaction.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Batch {
  /** Hash, in hexadecimal, of who sends it, of its key and of the ids it holds: another batch under the same key is another. */
  readonly hash: string
}

const statements = Dialect.statements((d) => ({
  claim: `INSERT INTO batches (hash, at) VALUES (${d.bytes("?")}, ?) ON CONFLICT DO NOTHING`,
  answer: `SELECT answer FROM batches WHERE hash = ${d.bytes("?")}`,
  settle: `UPDATE batches SET answer = ? WHERE hash = ${d.bytes("?")}`,
  purge: "DELETE FROM batches WHERE at < ?"
}))

/**
 * Null for a key that is none: absent, or longer than any that is looked at.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (principal: string, key: string | undefined, events: ReadonlyArray<unknown>): Batch | null => {
  if (key === undefined || key === "" || key.length > Limits.maxIdempotencyKeyLength) return null
  const hash = Crypto.createHash("sha256").update(JSON.stringify([principal, key]))
  for (const event of events) {
    // An id that is no text is refused anyway; made into one, it could fail.
    hash.update(
      typeof event === "object" && event !== null && "id" in event && typeof event.id === "string"
        ? `\n${event.id}`
        : "\n"
    )
  }
  return { hash: hash.digest("hex") }
}

const decode = Schema.decodeUnknownOption(Schema.parseJson(SubmitAnswer))

/**
 * None: it is the first time, and the batch is claimed.
 *
 * @since 0.1.0
 * @category combinators
 */
export const claim = (
  session: Session,
  batch: Batch,
  now: number
): Effect.Effect<Option.Option<SubmitAnswer>, SqlError> => {
  const texts = statements(session.dialect)
  return Effect.flatMap(session.run(texts.claim, [batch.hash, now]), (claimed) =>
    claimed > 0
      ? Effect.succeed(Option.none())
      : Effect.map(session.rows(texts.answer, [batch.hash]), ([row]) => decode(row?.answer)))
}

/**
 * @since 0.1.0
 * @category combinators
 */
export const settle = (session: Session, batch: Batch, answer: SubmitAnswer): Effect.Effect<void, SqlError> =>
  Effect.asVoid(session.run(statements(session.dialect).settle, [JSON.stringify(answer), batch.hash]))

/**
 * Forgets batches from before that time.
 *
 * @since 0.1.0
 * @category combinators
 */
export const purge = (session: Session, before: number): Effect.Effect<number, SqlError> =>
  session.run(statements(session.dialect).purge, [before])
