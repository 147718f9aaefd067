/**
 * Erasure of what came from an installation or from sessions.
 *
 * Who they were is gone when the request has been answered: their identifiers are deleted and late events of theirs are
 * dropped, known by a hash. The raw rows follow in the background, in slices, so that nobody waits; a restart goes on where
 * it stopped. Rollups keep their counts, which name nobody.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type { ErasureRequest } from "../submission/Contract.js"
import * as Contexts from "./Contexts.js"
import * as Dialect from "./Dialect.js"
import * as EventTable from "./EventTable.js"
import type { Job } from "./Job.js"
import * as Limits from "./Limits.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Receipt {
  readonly requestId: string
  readonly requestedAt: number
  /** Raw events erased so far. */
  readonly erased: number
  /** Null: not finished. */
  readonly doneAt: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** `app`: what the key is bound to; only that application's events are erased. The same `requestId` does nothing twice. */
  readonly request: (request: ErasureRequest, app: string | null) => Effect.Effect<void, SqlError>
  /** Null: there was no such request. */
  readonly receipt: (requestId: string) => Effect.Effect<Receipt | null, SqlError>
  /** {@link run}, when a request has come in. */
  readonly job: Job
  /** Erases all rows that are due. */
  readonly run: Effect.Effect<void, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Erasure extends Context.Tag("effect-telemetry/collector/Erasure")<Erasure, Service>() {}

const statements = Dialect.statements((d) => {
  const request = d.uuid("?")
  const listed = `(SELECT context FROM erasure_contexts WHERE request_id = ${request})`
  return {
    request: `INSERT INTO erasures (request_id, app, requested_at, subjects) VALUES (${request}, ?, ?, ?)
      ON CONFLICT DO NOTHING RETURNING requested_at`,
    // A context belongs to a subject as its session or as its installation.
    contexts: `WITH named AS (SELECT s.id FROM ${d.each} JOIN subjects s ON s.uuid = ${d.uuid("j.value->>0")}),
        bound (app) AS (SELECT CAST(? AS TEXT))
      INSERT INTO erasure_contexts (request_id, context)
      SELECT ${request}, c.id FROM contexts c JOIN bound b ON b.app IS NULL OR b.app = c.app
      WHERE c.session IN (SELECT id FROM named) OR c.installation IN (SELECT id FROM named)`,
    subjects: `SELECT DISTINCT s.id AS id, ${d.uuidHex("s.uuid")} AS uuid,
        CASE WHEN s.id = c.session THEN 1 ELSE 0 END AS session
      FROM erasure_contexts ec JOIN contexts c ON c.id = ec.context
        JOIN subjects s ON s.id IN (c.session, c.installation)
      WHERE ec.request_id = ${request}`,
    // Out of the way of the same session going on: its next event makes a new context.
    unlink: `UPDATE contexts SET session = -id, installation = -id WHERE id IN ${listed}`,
    deleteSubjects: `DELETE FROM subjects WHERE id IN (SELECT CAST(j.value->>0 AS BIGINT) FROM ${d.each})
      AND NOT EXISTS (SELECT 1 FROM contexts c WHERE c.session = subjects.id)
      AND NOT EXISTS (SELECT 1 FROM contexts c WHERE c.installation = subjects.id)`,
    tombstones: `INSERT INTO erased_subjects AS e (hash, app, at)
      SELECT ${d.bytes("j.value->>0")}, j.value->>1, CAST(j.value->>2 AS BIGINT) FROM ${d.each} WHERE true
      ON CONFLICT (hash, app) DO UPDATE SET at = ${d.greatest}(e.at, excluded.at)`,
    due: `SELECT ${d.uuidHex("request_id")} AS id, ${
      d.uuidHex(`coalesce(scanned, ${d.uuid(`'${EventTable.nil}'`)})`)
    } AS scanned
      FROM erasures WHERE done_at IS NULL ORDER BY requested_at LIMIT 1`,
    end: `SELECT ${d.uuidHex("id")} AS id FROM events WHERE id >= ${request}
      ORDER BY id LIMIT 1 OFFSET ${Limits.erasureChunk}`,
    deleteSlice: `DELETE FROM events WHERE id >= ${request} AND id < ${request} AND context IN ${listed}`,
    deleteRest: `DELETE FROM events WHERE id >= ${request} AND context IN ${listed}`,
    advance: `UPDATE erasures SET scanned = ${request}, erased = erased + ? WHERE request_id = ${request}`,
    deleteContexts: `DELETE FROM contexts WHERE id IN ${listed}`,
    deleteList: `DELETE FROM erasure_contexts WHERE request_id = ${request}`,
    done: `UPDATE erasures SET done_at = ? WHERE request_id = ${request}`,
    receipt: `SELECT requested_at, erased, done_at FROM erasures WHERE request_id = ${request}`
  }
})

const accept = Effect.fnUntraced(function*(
  session: Transaction.Session,
  { installationId, requestId, sessionIds = [] }: ErasureRequest,
  app: string | null,
  now: number
): Effect.fn.Return<boolean, SqlError> {
  const texts = statements(session.dialect)
  const named = [...(installationId === undefined ? [] : [installationId]), ...sessionIds]
  // No event is written meanwhile, and all that are written later know of this.
  yield* Turn.alone(session, "subjects")
  const fresh = yield* session.rows(texts.request, [requestId, app, now, named.length])
  if (fresh.length === 0) return false
  yield* session.run(texts.contexts, [JSON.stringify(named.map((uuid) => [uuid])), app, requestId])
  const subjects = yield* session.rows(texts.subjects, [requestId])
  yield* session.run(texts.unlink, [requestId])
  yield* session.run(texts.deleteSubjects, [JSON.stringify(subjects.map((row) => [row.id]))])
  // A session of an erased installation is known again even without it; the installation of an erased session is not erased.
  const sessions = subjects.flatMap((row) => row.session === 1 ? [EventTable.dashedId(row.uuid)] : [])
  const hashes = new Set([...named, ...sessions].map(Contexts.subjectHash))
  yield* session.run(texts.tombstones, [JSON.stringify(Array.from(hashes, (hash) => [hash, app ?? "", now]))])
  return true
})

/** One slice of the oldest request; false: nothing is due. */
const slice = Effect.fnUntraced(function*(
  session: Transaction.Session,
  now: number
): Effect.fn.Return<boolean, SqlError> {
  const texts = statements(session.dialect)
  yield* Turn.alone(session, "erase")
  const [request] = yield* session.rows(texts.due)
  if (request === undefined) return false
  const [end] = yield* session.rows(texts.end, [request.scanned])
  if (end !== undefined) {
    const deleted = yield* session.run(texts.deleteSlice, [request.scanned, end.id, request.id])
    yield* session.run(texts.advance, [end.id, deleted, request.id])
    return true
  }
  const deleted = yield* session.run(texts.deleteRest, [request.scanned, request.id])
  yield* session.run(texts.advance, [request.scanned, deleted, request.id])
  yield* session.run(texts.deleteContexts, [request.id])
  yield* session.run(texts.deleteList, [request.id])
  yield* session.run(texts.done, [now, request.id])
  return true
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const dialect = Dialect.of(sql)
  const waiting = yield* Queue.dropping<void>(1)

  const sliceOnce = Effect.flatMap(
    Clock.currentTimeMillis,
    (now) => Transaction.write(sql, (session) => slice(session, now))
  )
  const run: Effect.Effect<void, SqlError> = Effect.flatMap(sliceOnce, (worked) =>
    worked
      ? Effect.zipRight(
        Effect.yieldNow(),
        Effect.repeat(Effect.tap(sliceOnce, Effect.yieldNow()), { while: (more) => more })
      )
        .pipe(
          // What was overwritten in the database still stands in its log until that is emptied.
          Effect.zipRight(
            dialect.name === "sqlite" ? Effect.ignore(sql.unsafe("PRAGMA wal_checkpoint(TRUNCATE)")) : Effect.void
          ),
          Effect.asVoid
        )
      : Effect.void)

  return Erasure.of({
    request: (request, app) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => Transaction.write(sql, (session) => accept(session, request, app, now))
      ).pipe(
        Effect.tap((fresh) => fresh ? Queue.offer(waiting, undefined) : Effect.void),
        Effect.asVoid
      ),
    receipt: (requestId) =>
      Effect.map(
        sql.unsafe<{ readonly requested_at: number; readonly erased: number; readonly done_at: number | null }>(
          statements(dialect).receipt,
          [requestId]
        ),
        ([row]) =>
          row === undefined
            ? null
            : { requestId, requestedAt: row.requested_at, erased: row.erased, doneAt: row.done_at }
      ),
    job: { name: "erasure", due: Queue.take(waiting), everyMillis: Limits.erasureCheckMillis, run },
    run
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Erasure, never, SqlClient.SqlClient> = Layer.effect(Erasure, make)
