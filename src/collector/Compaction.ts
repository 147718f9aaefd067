/**
 * Space that deleted events leave in an SQLite file is given back to the disk, but for some that the next events take again.
 * Postgres does so itself.
 *
 * @since 0.1.0
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import * as Limits from "./Limits.js"
import * as Transaction from "./Transaction.js"

/** Of the file, what may stay empty. */
const spare = 0.1

const pragma = (session: Transaction.Session, name: string): Effect.Effect<number, SqlError> =>
  Effect.map(session.rows(`PRAGMA ${name}`), ([row]) => Number(row?.[name] ?? 0))

/** How a file that can give pages back is marked. */
const incremental = 2

/** Some pages; answers how many. */
const step = Effect.fnUntraced(function*(session: Transaction.Session): Effect.fn.Return<number, SqlError> {
  if ((yield* pragma(session, "auto_vacuum")) !== incremental) return 0
  const free = yield* pragma(session, "freelist_count")
  const pages = yield* pragma(session, "page_count")
  const count = Math.max(0, Math.min(Limits.compactPages, free - Math.ceil(pages * spare)))
  // The driver takes one step of a statement, and a step is one page.
  yield* Effect.replicateEffect(session.run("PRAGMA incremental_vacuum(1)"), count, { discard: true })
  return count
})

/**
 * In short transactions; answers how many pages that were.
 *
 * @since 0.1.0
 * @category constructors
 */
export const run = (sql: SqlClient.SqlClient): Effect.Effect<number, SqlError> =>
  Dialect.of(sql).name === "postgres"
    ? Effect.succeed(0)
    : Effect.flatMap(
      Transaction.write(sql, step),
      (count) =>
        count === 0
          ? Effect.succeed(0)
          : Effect.map(Effect.zipRight(Effect.yieldNow(), run(sql)), (more) => count + more)
    )
