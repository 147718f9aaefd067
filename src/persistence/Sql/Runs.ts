/**
 * Which events belong to which day and context, as runs of neighbours: a row says that from `first` on, until the next row,
 * events are of that day and context. A process that records under one context on one day writes one row.
 *
 * @internal
 */
import * as Entries from "./Entries.js"
import { insertMany, type Session, type Value } from "./Session.js"

/** @internal */
export interface Run {
  readonly first: number
  readonly day: number
  readonly context: number
  /** The last place before the next run. */
  readonly last: number
}

/**
 * The runs that events just written begin.
 *
 * @internal
 */
export const begin = (session: Session, starts: ReadonlyArray<Value>): void =>
  insertMany(session, "INSERT OR REPLACE INTO run (first, day, context) VALUES", 3, starts)

/** @internal */
export const untilDay = `SELECT r.first, r.day, r.context,
  coalesce((SELECT min(n.first) FROM run n WHERE n.first > r.first), 9007199254740992) - 1 AS last
  FROM run r WHERE r.day <= ? ORDER BY r.day, r.first LIMIT 20000`

/** @internal */
export const overlapping = `SELECT r.first, r.day, r.context,
  coalesce((SELECT min(n.first) FROM run n WHERE n.first > r.first), 9007199254740992) - 1 AS last
  FROM run r WHERE r.first >= coalesce((SELECT max(first) FROM run WHERE first <= ?), 0) AND r.first <= ?
  ORDER BY r.first`

/**
 * One event in the middle of a run now is of another context.
 *
 * @internal
 */
export const split = (session: Session, seq: number, day: number, context: number, before: number): void => {
  session.run("INSERT OR REPLACE INTO run (first, day, context) VALUES (?, ?, ?)", [seq, day, context])
  session.run("INSERT OR IGNORE INTO run (first, day, context) VALUES (?, ?, ?)", [seq + 1, day, before])
}

/**
 * Removes runs without events, and then contexts without runs: they name sessions and an installation, and go with their last
 * event.
 *
 * @internal
 */
export const prune = (session: Session, removed: ReadonlyArray<number>): void => {
  const contexts = new Set<number>()
  const spans = Entries.spans(removed)
  for (const [from, to] of spans) {
    for (const run of session.all<Run>(overlapping, [from, to])) {
      const gone = session.run(
        "DELETE FROM run WHERE first = ? AND NOT EXISTS (SELECT 1 FROM event WHERE seq BETWEEN ? AND ?)",
        [run.first, run.first, run.last]
      )
      if (gone > 0) contexts.add(run.context)
    }
  }
  let forgotten = 0
  for (const id of contexts) {
    forgotten += session.run(
      "DELETE FROM context WHERE id = ? AND NOT EXISTS (SELECT 1 FROM run WHERE context = ?)",
      [id, id]
    )
  }
  if (forgotten > 0) session.run("UPDATE meta SET generation = generation + 1", [])
}
