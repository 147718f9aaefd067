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
import type * as SqlConnection from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type { ErasureRequest } from "../submission/Contract.js"
import * as Contexts from "./Contexts.js"
import { Ingest } from "./Ingest.js"
import * as Limits from "./Limits.js"
import * as Transaction from "./Transaction.js"

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
  /** Erases all rows that are due. The background fiber does this by itself. */
  readonly run: Effect.Effect<void, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Erasure extends Context.Tag("effect-telemetry/collector/Erasure")<Erasure, Service>() {}

/** SQLite's way; Postgres will have a text of its own. */
const statements = {
  request: `INSERT INTO erasures (request_id, app, requested_at, subjects) VALUES (unhex(?, '-'), ?, ?, ?)
    ON CONFLICT DO NOTHING RETURNING requested_at`,
  // A context belongs to a subject as its session or as its installation.
  contexts: `INSERT INTO erasure_contexts (request_id, context)
    WITH named AS (SELECT s.id FROM json_each(?) j JOIN subjects s ON s.uuid = unhex(j.value, '-')),
      bound (app) AS (SELECT ?)
    SELECT unhex(?, '-'), c.id FROM contexts c JOIN bound b ON b.app IS NULL OR b.app = c.app
    WHERE c.session IN (SELECT id FROM named) OR c.installation IN (SELECT id FROM named)`,
  subjects: `SELECT DISTINCT s.id AS id, lower(hex(s.uuid)) AS uuid, s.id = c.session AS session
    FROM erasure_contexts ec JOIN contexts c ON c.id = ec.context JOIN subjects s ON s.id IN (c.session, c.installation)
    WHERE ec.request_id = unhex(?, '-')`,
  // Out of the way of the same session going on: its next event makes a new context.
  unlink: `UPDATE contexts SET session = -id, installation = -id
    WHERE id IN (SELECT context FROM erasure_contexts WHERE request_id = unhex(?, '-'))`,
  deleteSubjects: `DELETE FROM subjects WHERE id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM contexts c WHERE c.session = subjects.id)
    AND NOT EXISTS (SELECT 1 FROM contexts c WHERE c.installation = subjects.id)`,
  tombstones: `INSERT INTO erased_subjects (hash, app, at) SELECT unhex(value), ?, ? FROM json_each(?) WHERE true
    ON CONFLICT DO UPDATE SET at = max(at, excluded.at)`,
  due: `SELECT lower(hex(request_id)) AS id, lower(hex(coalesce(scanned, x''))) AS scanned FROM erasures
    WHERE done_at IS NULL ORDER BY requested_at LIMIT 1`,
  slice: `SELECT lower(hex(max(id))) AS last, count(*) AS n
    FROM (SELECT id FROM events WHERE id > unhex(?) ORDER BY id LIMIT ${Limits.erasureChunk})`,
  deleteEvents: `DELETE FROM events WHERE id > unhex(?) AND id <= unhex(?)
    AND context IN (SELECT context FROM erasure_contexts WHERE request_id = unhex(?))`,
  advance: "UPDATE erasures SET scanned = unhex(?), erased = erased + ? WHERE request_id = unhex(?)",
  deleteContexts: `DELETE FROM contexts
    WHERE id IN (SELECT context FROM erasure_contexts WHERE request_id = unhex(?))`,
  deleteList: "DELETE FROM erasure_contexts WHERE request_id = unhex(?)",
  done: "UPDATE erasures SET done_at = ? WHERE request_id = unhex(?)"
}

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")

const accept = Effect.fnUntraced(function*(
  connection: SqlConnection.Connection,
  { installationId, requestId, sessionIds = [] }: ErasureRequest,
  app: string | null,
  now: number
): Effect.fn.Return<boolean, SqlError> {
  const named = [...(installationId === undefined ? [] : [installationId]), ...sessionIds]
  const fresh = yield* connection.execute(statements.request, [requestId, app, now, named.length], undefined)
  if (fresh.length === 0) return false
  yield* connection.executeRaw(statements.contexts, [JSON.stringify(named), app, requestId])
  const subjects = yield* connection.execute(statements.subjects, [requestId], undefined)
  yield* connection.executeRaw(statements.unlink, [requestId])
  yield* connection.executeRaw(statements.deleteSubjects, [JSON.stringify(subjects.map((row) => row.id))])
  // A session of an erased installation is known again even without it; the installation of an erased session is not erased.
  const sessions = subjects.flatMap((row) => row.session === 1 ? [dashed(row.uuid)] : [])
  const hashes = new Set([...named, ...sessions].map(Contexts.subjectHash))
  yield* connection.executeRaw(statements.tombstones, [app ?? "", now, JSON.stringify([...hashes])])
  return true
})

const changesOf = (result: unknown): number =>
  typeof result === "object" && result !== null && "changes" in result ? Number(result.changes) : 0

/** One slice of the oldest request; false: nothing is due. */
const slice = Effect.fnUntraced(function*(
  connection: SqlConnection.Connection,
  now: number
): Effect.fn.Return<boolean, SqlError> {
  const [request] = yield* connection.execute(statements.due, [], undefined)
  if (request === undefined) return false
  const [range] = yield* connection.execute(statements.slice, [request.scanned], undefined)
  if (range.n > 0) {
    const deleted = yield* connection.executeRaw(statements.deleteEvents, [request.scanned, range.last, request.id])
    yield* connection.executeRaw(statements.advance, [range.last, changesOf(deleted), request.id])
  }
  if (range.n < Limits.erasureChunk) {
    yield* connection.executeRaw(statements.deleteContexts, [request.id])
    yield* connection.executeRaw(statements.deleteList, [request.id])
    yield* connection.executeRaw(statements.done, [now, request.id])
  }
  return true
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const ingest = yield* Ingest
  const waiting = yield* Queue.dropping<void>(1)

  const sliceOnce = Effect.flatMap(
    Clock.currentTimeMillis,
    (now) => Transaction.write(sql, (connection) => slice(connection, now))
  )
  const run: Effect.Effect<void, SqlError> = Effect.flatMap(sliceOnce, (worked) =>
    worked
      ? Effect.zipRight(
        Effect.yieldNow(),
        Effect.repeat(Effect.tap(sliceOnce, Effect.yieldNow()), { while: (more) => more })
      )
        .pipe(
          // What was overwritten in the database still stands in its log until that is emptied.
          Effect.zipRight(Effect.ignore(sql.unsafe("PRAGMA wal_checkpoint(TRUNCATE)"))),
          Effect.asVoid
        )
      : Effect.void)

  yield* Queue.offer(waiting, undefined)
  yield* Queue.take(waiting).pipe(
    Effect.zipRight(run),
    Effect.catchAllCause((cause) =>
      Effect.logWarning("An erasure is delayed; tried again", cause).pipe(
        Effect.zipRight(Queue.offer(waiting, undefined)),
        Effect.delay(Duration.seconds(Limits.unavailableRetrySeconds))
      )
    ),
    Effect.forever,
    Effect.interruptible,
    Effect.forkScoped
  )

  return Erasure.of({
    request: (request, app) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          Transaction.write(sql, (connection) =>
            Effect.tap(accept(connection, request, app, now), () => Effect.sync(() => ingest.forget())))
      ).pipe(
        Effect.tap((fresh) =>
          fresh ? Queue.offer(waiting, undefined) : Effect.void
        ),
        Effect.asVoid
      ),
    receipt: (requestId) =>
      Effect.map(
        sql<{ readonly requested_at: number; readonly erased: number; readonly done_at: number | null }>`
          SELECT requested_at, erased, done_at FROM erasures WHERE request_id = unhex(${requestId}, '-')`,
        ([row]) =>
          row === undefined
            ? null
            : { requestId, requestedAt: row.requested_at, erased: row.erased, doneAt: row.done_at }
      ),
    run
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Erasure, never, SqlClient.SqlClient | Ingest> = Layer.scoped(Erasure, make)
