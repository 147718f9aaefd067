/**
 * Merges deltas into the hourly rows. It runs inside a write transaction of its caller, takes the deltas away and adds them
 * in the same commit: a crash leaves either both or neither done. One folder at a time, among all replicas, so that two never
 * wait for each other's rows.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import * as Limits from "./Limits.js"
import * as RollupDelta from "./RollupDelta.js"
import type { Session } from "./Transaction.js"
import * as Turn from "./Turn.js"

const number = (field: number): string => `CAST(j.value->>${field} AS DOUBLE PRECISION)`

const statements = Dialect.statements((d) => ({
  take: `DELETE FROM rollup_delta WHERE id IN (SELECT id FROM rollup_delta ORDER BY id LIMIT ?) RETURNING body`,
  addSeries: `INSERT INTO rollup_series (app, type, dimension)
    SELECT j.value->>0, j.value->>1, j.value->>2 FROM ${d.each} WHERE true ON CONFLICT DO NOTHING`,
  series: `SELECT ${d.position} AS position, s.id AS id FROM ${d.each} JOIN rollup_series s
    ON s.app = j.value->>0 AND s.type = j.value->>1 AND s.dimension = j.value->>2`,
  hourly: `INSERT INTO rollup_hourly AS r (series, hour, count, sum, min, max)
    SELECT CAST(j.value->>0 AS BIGINT), CAST(j.value->>1 AS BIGINT), ${number(2)}, ${number(3)}, ${number(4)}, ${
    number(5)
  }
    FROM ${d.each} WHERE true
    ON CONFLICT (series, hour) DO UPDATE SET
      count = r.count + excluded.count,
      sum = CASE WHEN r.sum IS NULL THEN excluded.sum ELSE r.sum + coalesce(excluded.sum, 0) END,
      min = ${d.least}(coalesce(r.min, excluded.min), coalesce(excluded.min, r.min)),
      max = ${d.greatest}(coalesce(r.max, excluded.max), coalesce(excluded.max, r.max))`,
  histogram: `INSERT INTO rollup_histogram AS r (series, hour, bucket, count)
    SELECT CAST(j.value->>0 AS BIGINT), CAST(j.value->>1 AS BIGINT), CAST(j.value->>2 AS BIGINT), ${number(3)}
    FROM ${d.each} WHERE true
    ON CONFLICT (series, hour, bucket) DO UPDATE SET count = r.count + excluded.count`,
  unique: `INSERT INTO rollup_unique (series, hour, kind, subject)
    SELECT CAST(j.value->>0 AS BIGINT), CAST(j.value->>1 AS BIGINT), CAST(j.value->>2 AS BIGINT),
      CAST(j.value->>3 AS BIGINT)
    FROM ${d.each} WHERE true ON CONFLICT DO NOTHING`
}))

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
  session: Session,
  limit: number = Limits.foldBatches
): Effect.fn.Return<number, SqlError> {
  const texts = statements(session.dialect)
  yield* Turn.alone(session, "fold")
  const bodies = yield* session.rows(texts.take, [limit])
  if (bodies.length === 0) return 0
  const groups = merged(bodies)
  const names = JSON.stringify(groups.map((group) => [group.app, group.type, group.dimension]))
  yield* session.run(texts.addSeries, [names])
  const ids = new Map<number, number>()
  for (const row of yield* session.rows(texts.series, [names])) ids.set(row.position, row.id)
  const rows = <A>(f: (group: RollupDelta.Group, series: number) => ReadonlyArray<A>): string =>
    JSON.stringify(groups.flatMap((group, position) => f(group, ids.get(position)!)))
  yield* session.run(texts.hourly, [
    rows(({ count, hour, max, min, sum }, series) => [[series, hour, count, sum, min, max]])
  ])
  yield* session.run(texts.histogram, [
    rows(({ buckets, hour }, series) => Array.from(buckets, ([bucket, count]) => [series, hour, bucket, count]))
  ])
  yield* session.run(texts.unique, [
    rows(({ hour, installations, sessions }, series) => [
      ...Array.from(sessions, (subject) => [series, hour, kinds.session, subject]),
      ...Array.from(installations, (subject) => [series, hour, kinds.installation, subject])
    ])
  ])
  return bodies.length
})
