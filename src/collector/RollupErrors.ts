/**
 * What is stored beside the counts: error groups, releases, and what became of the events received.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import type * as RollupDelta from "./RollupDelta.js"
import type { Session } from "./Transaction.js"

const statements = Dialect.statements((d) => ({
  groups: `INSERT INTO error_groups AS r
      (app, fingerprint, type, severity, category, message, first_at, first_version, last_at)
    SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, ${
    Dialect.integer(6)
  }, j.value->>7,
      ${Dialect.integer(8)}
    FROM ${d.each} WHERE true
    ON CONFLICT (app, fingerprint) DO UPDATE SET
      type = CASE WHEN excluded.last_at >= r.last_at THEN excluded.type ELSE r.type END,
      severity = CASE WHEN excluded.last_at >= r.last_at THEN excluded.severity ELSE r.severity END,
      category = CASE WHEN excluded.last_at >= r.last_at THEN excluded.category ELSE r.category END,
      message = CASE WHEN excluded.last_at >= r.last_at THEN coalesce(excluded.message, r.message)
        ELSE coalesce(r.message, excluded.message) END,
      first_version = CASE WHEN excluded.first_at < r.first_at THEN excluded.first_version ELSE r.first_version END,
      first_at = ${d.least}(r.first_at, excluded.first_at),
      last_at = ${d.greatest}(r.last_at, excluded.last_at)`,
  releases: `INSERT INTO releases AS r (app, version, first_at)
    SELECT j.value->>0, j.value->>1, ${Dialect.integer(2)} FROM ${d.each} WHERE true
    ON CONFLICT (app, version) DO UPDATE SET first_at = ${d.least}(r.first_at, excluded.first_at)`,
  received: `INSERT INTO received AS r (hour, app, kind, count)
    SELECT ${Dialect.integer(0)}, j.value->>1, j.value->>2, ${Dialect.integer(3)} FROM ${d.each} WHERE true
    ON CONFLICT (hour, app, kind) DO UPDATE SET count = r.count + excluded.count`
}))

const releasesOf = ({ groups }: RollupDelta.Delta): ReadonlyArray<ReadonlyArray<unknown>> => {
  const firsts = new Map<string, readonly [app: string, version: string, at: number]>()
  for (const { app, facet, hour, sessions, version } of groups.values()) {
    if (facet !== "" || sessions === null) continue
    const key = `${version}\u0000${app}`
    let first = firsts.get(key)?.[2] ?? Infinity
    // There may be more of them than a call takes arguments.
    sessions.forEach((at) => {
      if (hour + at < first) first = hour + at
    })
    firsts.set(key, [app, version, first])
  }
  return [...firsts.values()]
}

/**
 * @since 0.1.0
 * @category combinators
 */
export const add = Effect.fnUntraced(function*(
  session: Session,
  delta: RollupDelta.Delta
): Effect.fn.Return<void, SqlError> {
  const texts = statements(session.dialect)
  const put = (text: string, rows: ReadonlyArray<ReadonlyArray<unknown>>) =>
    rows.length === 0 ? Effect.void : session.run(text, [JSON.stringify(rows)])
  yield* put(
    texts.groups,
    Array.from(delta.errors.values(), ({ app, details, fingerprint, firstAt, firstVersion, lastAt }) => [
      app,
      fingerprint,
      details.errorType,
      details.severity,
      details.category,
      details.message,
      firstAt,
      firstVersion,
      lastAt
    ])
  )
  yield* put(texts.releases, releasesOf(delta))
  yield* put(
    texts.received,
    Array.from(delta.received.values(), ({ app, count, hour, kind }) => [hour, app, kind, count])
  )
})
