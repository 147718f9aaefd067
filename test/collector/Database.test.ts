import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Rule from "../../src/collector/alerts/Rule.js"
import * as Rules from "../../src/collector/alerts/Rules.js"
import { layerDatabase } from "../../src/collector/Database.js"
import * as Transaction from "../../src/collector/Transaction.js"
import { tempDir } from "./support.js"

const open = (url: string) => Effect.scoped(Layer.build(layerDatabase(url)))

describe("layerDatabase", () => {
  it.scopedLive("makes directory and file for the owner alone, and tightens what was there", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const mode = (path: string) => Fs.statSync(path).mode & 0o777
      yield* Effect.orDie(Effect.scoped(Effect.gen(function*() {
        yield* Layer.build(layerDatabase(`sqlite:${dir}/deep/c.db`))
        assert.strictEqual(mode(`${dir}/deep`), 0o700)
        for (const name of Fs.readdirSync(`${dir}/deep`)) assert.strictEqual(mode(`${dir}/deep/${name}`), 0o600, name)
      })))
      Fs.chmodSync(`${dir}/deep/c.db`, 0o644)
      yield* Effect.orDie(open(`sqlite:${dir}/deep/c.db`))
      assert.strictEqual(mode(`${dir}/deep/c.db`), 0o600)
    }))

  it.live("refuses what it does not support, with what to do", () =>
    Effect.gen(function*() {
      const message = (url: string) => Effect.map(Effect.flip(open(url)), (error) => error.message)
      const unreachable = yield* message("postgres://me:secret@127.0.0.1:1/test")
      assert.match(unreachable, /Postgres database cannot be opened.*COLLECTOR_DATABASE_URL/)
      assert.notInclude(unreachable, "secret")
      assert.match(yield* message("mysql://x"), /must be sqlite:PATH/)
      assert.match(yield* message("sqlite:"), /must be sqlite:PATH/)
      assert.match(yield* message("sqlite:/dev/null/c.db"), /cannot be opened/)
    }))

  it.scopedLive("refuses a file that is no database, and leaves it alone", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const text = "this is not a database, and it is longer than a header would be".repeat(20)
      Fs.writeFileSync(`${dir}/c.db`, text)
      const error = yield* Effect.flip(open(`sqlite:${dir}/c.db`))
      assert.strictEqual(error._tag, "DatabaseError")
      assert.strictEqual(Fs.readFileSync(`${dir}/c.db`, "utf8"), text)
    }))

  it.scopedLive("brings a database up to date that an earlier version made", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      yield* Effect.orDie(open(`sqlite:${dir}/c.db`))
      const tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
      const file = new Database(`${dir}/c.db`)
      const whole = file.prepare(tables).all()
      file.exec(`DROP TABLE alert_rules; DROP TABLE alert_notifications;
        DELETE FROM effect_sql_migrations WHERE migration_id > 1`)
      assert.isBelow(file.prepare(tables).all().length, whole.length)
      yield* Effect.orDie(open(`sqlite:${dir}/c.db`))
      assert.deepStrictEqual(file.prepare(tables).all(), whole)
      file.close()
    }))

  it.scopedLive("keeps the rules of alerts that were made before there were rules for a value", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      yield* Effect.orDie(open(`sqlite:${dir}/c.db`))
      const file = new Database(`${dir}/c.db`)
      file.exec(`ALTER TABLE alert_rules DROP COLUMN dimension; ALTER TABLE alert_rules DROP COLUMN release;
        DELETE FROM effect_sql_migrations WHERE migration_id > 2;
        INSERT INTO alert_rules (id, kind, app, direction, threshold, period, url, created_at)
          VALUES ('before', 'events', 'ax', 'above', 3, 'hour', 'https://hooks.example', 0)`)
      file.close()
      const [rule] = yield* Effect.orDie(
        Effect.scoped(Effect.provide(Rules.all, layerDatabase(`sqlite:${dir}/c.db`)))
      )
      assert.isDefined(rule)
      assert.strictEqual(Rule.describe(rule), "events of ax above 3 in an hour")
    }))

  it.scopedLive("refuses one that a newer version made, and leaves it alone", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      yield* Effect.orDie(open(`sqlite:${dir}/c.db`))
      const file = new Database(`${dir}/c.db`)
      file.exec("INSERT INTO effect_sql_migrations (migration_id, name) VALUES (99, 'of_tomorrow'); DROP TABLE series")
      const error = yield* Effect.flip(open(`sqlite:${dir}/c.db`))
      assert.match(
        error.message,
        /c\.db cannot be opened: It was made by a newer collector \(schema 99, this one knows 4\)/
      )
      assert.isUndefined(file.prepare("SELECT 1 FROM sqlite_master WHERE name = 'series'").get())
      file.close()
    }))

  it.scopedLive("can be opened by several at once while the tables are made", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const exits = yield* Effect.all(
        Array.from({ length: 4 }, () => Effect.exit(open(`sqlite:${dir}/c.db`))),
        { concurrency: 4 }
      )
      assert.isTrue(exits.every(Exit.isSuccess), String(exits.filter(Exit.isFailure).map((e) => Cause.pretty(e.cause))))
    }))
})

describe("Transaction.write", () => {
  const insert = (sql: SqlClient.SqlClient) => sql`INSERT INTO rollup_delta (body) VALUES ('x')`
  const count = (sql: SqlClient.SqlClient) =>
    Effect.map(sql<{ n: number }>`SELECT count(*) AS n FROM rollup_delta`, ([row]) => row!.n)

  it.scopedLive("commits what succeeds and takes back what fails, dies or is interrupted", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* Transaction.write(sql, () => insert(sql))
      for (const end of [Effect.fail("no"), Effect.die("no"), Effect.interrupt]) {
        const exit = yield* Effect.exit(Transaction.write(sql, () => Effect.zipRight(insert(sql), end)))
        assert.isTrue(Exit.isFailure(exit))
      }
      assert.strictEqual(yield* count(sql), 1)
    }).pipe(Effect.provide(layerDatabase("sqlite::memory:"))))

  it.scopedLive("waits for the lock of another process, and says so when that takes too long", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const other = new Database(`${dir}/c.db`)
        other.exec("BEGIN IMMEDIATE")
        const waiting = yield* Effect.fork(Transaction.write(sql, () => insert(sql)))
        yield* Effect.yieldNow()
        other.exec("ROLLBACK")
        yield* waiting
        assert.strictEqual(yield* count(sql), 1)
        other.exec("BEGIN IMMEDIATE")
        const error = yield* Effect.flip(Transaction.write(sql, () => insert(sql)))
        assert.isTrue(error instanceof SqlError && Transaction.isBusy(error))
        other.close()
        assert.strictEqual(yield* count(sql), 1)
      }).pipe(Effect.provide(layerDatabase(`sqlite:${dir}/c.db`)))
    }))
})
