/**
 * Merges deltas into the hourly rows. It runs inside a write transaction of its caller, takes the deltas away and adds them
 * in the same commit: a crash leaves either both or neither done.
 *
 * @since 0.1.0
 */
import type * as SqlConnection from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Limits from "./Limits.js"
import * as RollupDelta from "./RollupDelta.js"

/** SQLite's way; Postgres will have a text of its own (and SKIP LOCKED where deltas are taken). */
const statements = {
  take: `DELETE FROM rollup_delta WHERE id IN (SELECT id FROM rollup_delta ORDER BY id LIMIT ?) RETURNING body`,
  addSeries: `INSERT INTO rollup_series (app, type, dimension)
    SELECT value->>0, value->>1, value->>2 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
  series: `SELECT j.key AS position, s.id AS id FROM json_each(?) j JOIN rollup_series s
    ON s.app = j.value->>0 AND s.type = j.value->>1 AND s.dimension = j.value->>2`,
  hourly: `INSERT INTO rollup_hourly (series, hour, count, sum, min, max)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?) WHERE true
    ON CONFLICT DO UPDATE SET
      count = count + excluded.count,
      sum = CASE WHEN sum IS NULL THEN excluded.sum ELSE sum + coalesce(excluded.sum, 0) END,
      min = min(coalesce(min, excluded.min), coalesce(excluded.min, min)),
      max = max(coalesce(max, excluded.max), coalesce(excluded.max, max))`,
  histogram: `INSERT INTO rollup_histogram (series, hour, bucket, count)
    SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?) WHERE true
    ON CONFLICT DO UPDATE SET count = count + excluded.count`,
  unique: `INSERT INTO rollup_unique (series, hour, kind, subject)
    SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`
}

/**
 * @since 0.1.0
 * @category constants
 */
export const kinds = { session: 0, installation: 1 } as const

const merged = (bodies: ReadonlyArray<{ readonly body: string }>): ReadonlyArray<RollupDelta.Group> => {
  const delta: RollupDelta.Delta = new Map()
  for (const { body } of bodies) RollupDelta.merge(delta, body)
  return [...delta.values()]
}

/**
 * Folds at most so many deltas; answers how many there were.
 *
 * @since 0.1.0
 * @category combinators
 */
export const fold = Effect.fnUntraced(function*(
  connection: SqlConnection.Connection,
  limit: number = Limits.foldBatches
): Effect.fn.Return<number, SqlError> {
  const bodies = yield* connection.execute(statements.take, [limit], undefined)
  if (bodies.length === 0) return 0
  const groups = merged(bodies)
  const names = JSON.stringify(groups.map((group) => [group.app, group.type, group.dimension]))
  yield* connection.executeRaw(statements.addSeries, [names])
  const ids = new Map<number, number>()
  for (const row of yield* connection.execute(statements.series, [names], undefined)) ids.set(row.position, row.id)
  const rows = <A>(f: (group: RollupDelta.Group, series: number) => ReadonlyArray<A>): string =>
    JSON.stringify(groups.flatMap((group, position) => f(group, ids.get(position)!)))
  yield* connection.executeRaw(statements.hourly, [
    rows(({ count, hour, max, min, sum }, series) => [[series, hour, count, sum, min, max]])
  ])
  yield* connection.executeRaw(statements.histogram, [
    rows(({ buckets, hour }, series) => Array.from(buckets, ([bucket, count]) => [series, hour, bucket, count]))
  ])
  yield* connection.executeRaw(statements.unique, [
    rows(({ hour, installations, sessions }, series) => [
      ...Array.from(sessions, (subject) => [series, hour, kinds.session, subject]),
      ...Array.from(installations, (subject) => [series, hour, kinds.installation, subject])
    ])
  ])
  return bodies.length
})
