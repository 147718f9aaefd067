import Sqlite from "better-sqlite3"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as LayerModule from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { EventStore } from "../../src/persistence/EventStore.js"
import { layerMemory } from "../../src/persistence/Memory.js"
import { Database, type Service as DatabaseService } from "../../src/persistence/Sql/Database.js"
import { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"
import { layerFile } from "../suites/sqlite.js"
import { same, type Subject } from "./run.js"

const build = <R>(layer: Layer.Layer<R>) => {
  const scope = Effect.runSync(Scope.make())
  const context = Effect.runSync(LayerModule.buildWithScope(layer, scope))
  return { context, close: () => Effect.runSync(Scope.close(scope, Exit.void)) }
}

export const memory = (): Subject => {
  const { close, context } = build(layerMemory)
  return {
    store: Context.get(context, EventStore),
    queue: Context.get(context, SubmissionQueue),
    crash: () => {},
    recount: () => {},
    close
  }
}

const counted = `
  WITH leased AS (SELECT id FROM batch WHERE owner IS NOT NULL),
  entry AS (
    SELECT destination, seq, CASE WHEN batch IN leased THEN 'leased' WHEN attempts > 0 THEN 'retrying' ELSE 'pending' END
      AS term FROM queue
    UNION ALL SELECT destination, seq, 'retrying' FROM deferred
    UNION ALL SELECT destination, seq, CASE state WHEN 1 THEN 'dead' ELSE 'withheld' END FROM parked)
  SELECT n.destination, n.term, CASE WHEN n.term IN ('pending', 'retrying') THEN x.consent ELSE 0 END AS consent,
    count(*) AS count
  FROM entry n JOIN event e ON e.seq = n.seq JOIN context x ON x.id = e.context GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`

const stored = `SELECT destination, term, consent, count FROM ledger
  WHERE term IN ('pending', 'retrying', 'leased', 'dead', 'withheld') AND count <> 0 ORDER BY 1, 2, 3`

const orphans = `SELECT
  (SELECT count(*) FROM (SELECT seq FROM queue UNION ALL SELECT seq FROM deferred UNION ALL SELECT seq FROM parked)
    WHERE seq NOT IN (SELECT seq FROM event)) +
  (SELECT count(*) FROM queue WHERE batch IS NOT NULL AND batch NOT IN (SELECT id FROM batch)) +
  (SELECT count(*) FROM batch b WHERE size <> (SELECT count(*) FROM queue q WHERE q.batch = b.id)) +
  (SELECT count(*) FROM event WHERE context NOT IN (SELECT id FROM context) OR type NOT IN (SELECT id FROM event_type))
  AS n`

const events = `SELECT (SELECT count(*) FROM event) AS present,
  coalesce((SELECT count FROM ledger WHERE destination = 0 AND term = 'recorded'), 0) - removed AS counted FROM meta`

/** The rows, counted anew by SQL, against the stored counters. */
const recount = (database: DatabaseService, whole: boolean): void => {
  const found = Effect.runSync(database.read((session) => ({
    counted: session.tuples(counted, []),
    stored: session.tuples(stored, []),
    orphans: whole ? session.tuples(orphans, []) : [[0]],
    events: session.one<{ present: number; counted: number }>(events, [])
  })))
  same(found.counted, found.stored)
  same(found.orphans, [[0]])
  same(found.events?.counted, found.events?.present)
}

/** Makes one migrated file that every sequence starts from. */
export const sqliteTemplate = async () => {
  const root = Fs.existsSync("/dev/shm") ? "/dev/shm" : Os.tmpdir()
  const directory = Fs.mkdtempSync(Path.join(root, "effect-telemetry-model-"))
  const template = Path.join(directory, "template.db")
  await Effect.runPromise(
    Effect.scoped(
      Effect.flatMap(LayerModule.build(layerFile(template)), (context) => Context.get(context, Database).warm)
    )
  )
  const db = new Sqlite(template)
  db.pragma("wal_checkpoint(TRUNCATE)")
  db.close()
  let files = 0
  const subject = async (): Promise<Subject> => {
    const file = Path.join(directory, `run-${++files}.db`)
    Fs.copyFileSync(template, file)
    const open = async () => {
      const built = build(layerFile(file))
      await Effect.runPromise(Context.get(built.context, Database).warm)
      return built
    }
    let built = await open()
    const self: Subject = {
      store: Context.get(built.context, EventStore),
      queue: Context.get(built.context, SubmissionQueue),
      crash: () => {
        // the handle that was lost is closed when the sequence ends: a killed process does not close either
        built.close()
        built = build(layerFile(file))
        self.store = Context.get(built.context, EventStore)
        self.queue = Context.get(built.context, SubmissionQueue)
      },
      recount: (whole) => recount(Context.get(built.context, Database), whole),
      close: () => {
        built.close()
        for (const suffix of ["", "-wal", "-shm"]) Fs.rmSync(file + suffix, { force: true })
      }
    }
    return self
  }
  return { subject, dispose: () => Fs.rmSync(directory, { recursive: true, force: true }) }
}
