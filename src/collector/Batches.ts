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
import * as Envelope from "./Envelope.js"
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

/**
 * A batch and what is answered for it.
 *
 * @since 0.1.0
 * @category models
 */
export type Answered = readonly [Batch, SubmitAnswer]

const statements = Dialect.statements((d) => ({
  claim: `INSERT INTO batches (hash, at) SELECT ${
    d.bytes("j.value->>0")
  }, CAST(j.value->>1 AS BIGINT) FROM ${d.each} WHERE true
    ON CONFLICT DO NOTHING`,
  answers: `SELECT ${d.bytesHex("x.hash")} AS hash, x.answer AS answer
    FROM ${d.each} ${d.lookup("batches", `x.hash = ${d.bytes("j.value->>0")} AND x.answer IS NOT NULL`)}`,
  settle: `INSERT INTO batches (hash, at, answer)
    SELECT ${d.bytes("j.value->>0")}, CAST(j.value->>1 AS BIGINT), j.value->>2 FROM ${d.each} WHERE true
    ON CONFLICT (hash) DO UPDATE SET answer = excluded.answer`,
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
  const text = events.reduce(
    (text: string, event) => `${text}\n${Envelope.idOf(event)}`,
    JSON.stringify([principal, key])
  )
  return { hash: Crypto.createHash("sha256").update(text).digest("hex") }
}

const decode = Schema.decodeUnknownOption(Schema.parseJson(SubmitAnswer))

/**
 * Claims batches, and answers for those that were claimed before what was answered then.
 *
 * @since 0.1.0
 * @category combinators
 */
export const claim = Effect.fnUntraced(
  function*(
    session: Session,
    batches: ReadonlyArray<Batch>,
    now: number
  ): Effect.fn.Return<ReadonlyMap<string, SubmitAnswer>, SqlError> {
    const answers = new Map<string, SubmitAnswer>()
    if (batches.length === 0) return answers
    const texts = statements(session.dialect)
    // In order, so that two transactions that claim the same ones wait for each other and never both.
    const hashes = batches.map(({ hash }) => hash).sort()
    const claimed = yield* session.run(texts.claim, [JSON.stringify(hashes.map((hash) => [hash, now]))])
    if (claimed === hashes.length) return answers
    for (const { answer, hash } of yield* session.rows(texts.answers, [JSON.stringify(hashes.map((hash) => [hash]))])) {
      const decoded = decode(answer)
      if (Option.isSome(decoded)) answers.set(hash, decoded.value)
    }
    return answers
  }
)

/**
 * As a JSON list of rows, in the order of their hashes: two that store the same ones wait for each other and never both.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (answers: ReadonlyArray<Answered>, now: number): string =>
  JSON.stringify(
    answers.map(([{ hash }, answer]) => [hash, now, JSON.stringify(answer)] as const).sort(([a], [b]) => a < b ? -1 : 1)
  )

/**
 * @since 0.1.0
 * @category combinators
 */
export const settle = (
  session: Session,
  answers: ReadonlyArray<Answered>,
  now: number
): Effect.Effect<void, SqlError> =>
  answers.length === 0
    ? Effect.void
    : Effect.asVoid(session.run(statements(session.dialect).settle, [encode(answers, now)]))

/**
 * Forgets batches from before that time.
 *
 * @since 0.1.0
 * @category combinators
 */
export const purge = (session: Session, before: number): Effect.Effect<number, SqlError> =>
  session.run(statements(session.dialect).purge, [before])
