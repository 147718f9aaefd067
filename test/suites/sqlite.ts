import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as SqliteDatabase from "../../src/node/SqliteDatabase.js"
import type { EventStore } from "../../src/persistence/EventStore.js"
import type { Rollups } from "../../src/persistence/Rollups.js"
import type { Database } from "../../src/persistence/Sql/Database.js"
import * as EventStoreSql from "../../src/persistence/Sql/EventStoreSql.js"
import * as RollupsSql from "../../src/persistence/Sql/RollupsSql.js"
import * as SubmissionQueueSql from "../../src/persistence/Sql/SubmissionQueueSql.js"
import type { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"

export type Store = EventStore | SubmissionQueue | Rollups | Database

/** The store in a file that is there already, or will be. */
export const layerFile = (file: string): Layer.Layer<Store> =>
  Layer.mergeAll(EventStoreSql.layerSql, SubmissionQueueSql.layerSql, RollupsSql.layerSql).pipe(
    Layer.provideMerge(SqliteDatabase.layer(file))
  )

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-telemetry-"))),
  (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
)

/** The store in a directory of its own, removed afterwards. */
export const layerTemporary: Layer.Layer<Store> = Layer.unwrapScoped(
  Effect.map(temporaryDirectory, (path) => layerFile(Path.join(path, "data", "telemetry.db")))
)
