/**
 * What the store in a file knows, without anything that records or sends.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Destination from "../domain/Destination.js"
import * as EventStoreSql from "../persistence/Sql/EventStoreSql.js"
import * as SubmissionQueueSql from "../persistence/Sql/SubmissionQueueSql.js"
import * as Status from "../Status.js"
import * as Stored from "../Stored.js"
import * as SqliteDatabase from "./SqliteDatabase.js"

/**
 * Never fails: a store that cannot be read is a sentence for the status.
 *
 * @since 0.1.0
 * @category accessors
 */
export const read = (
  file: string
): Effect.Effect<{ readonly known: Status.Stored; readonly problem: string | null }> =>
  Stored.read([Destination.defaultId]).pipe(
    Effect.provide(
      Layer.merge(EventStoreSql.layerSql, SubmissionQueueSql.layerSql).pipe(Layer.provide(SqliteDatabase.layer(file)))
    ),
    Effect.match({
      onFailure: ({ message }) => ({ known: Status.unknown, problem: message }),
      onSuccess: (known) => ({ known, problem: null })
    })
  )
