/**
 * The raw events that are stored, as they were sent: for whoever asks what is kept of them, and to take elsewhere. Read in
 * slices, so that nothing waits for it and memory stays bounded.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Level from "../domain/Level.js"
import { schemaVersion, type WireEvent } from "../domain/TelemetryEvent.js"
import * as Dialect from "./Dialect.js"
import * as EventTable from "./EventTable.js"
import * as Limits from "./Limits.js"

/**
 * Which of them: those that all of it is true of.
 *
 * @since 0.1.0
 * @category models
 */
export interface Filter {
  readonly app?: string | undefined
  /** A UUID. */
  readonly installation?: string | undefined
  /** A UUID. */
  readonly session?: string | undefined
  readonly type?: string | undefined
  /** Capture time, milliseconds since the epoch; included. */
  readonly from?: number | undefined
  /** Not included. */
  readonly to?: number | undefined
}

interface Row {
  readonly id: string
  readonly session: string
  readonly installation: string | null
  readonly type: string
  readonly data: string
  readonly time: number
  readonly level: number
  readonly rate: number
  readonly suppressed: number
  readonly app: string
  readonly version: string
}

const toEvent = (row: Row): WireEvent => ({
  id: EventTable.dashedId(row.id),
  sessionId: EventTable.dashedId(row.session),
  ...(row.installation === null ? {} : { installationId: EventTable.dashedId(row.installation) }),
  eventType: row.type,
  eventData: JSON.parse(row.data),
  timestamp: Number(row.time),
  level: Level.fromRank(Number(row.level)),
  sampleRate: row.rate,
  ...(Number(row.suppressed) === 0 ? {} : { suppressed: Number(row.suppressed) }),
  app: { name: row.app, version: row.version },
  schemaVersion
})

const subjectIs = (d: Dialect.Dialect): string => `= (SELECT u.id FROM subjects u WHERE u.uuid = ${d.uuid("?")})`

/** Of an event whose session is being erased nothing is told. */
const statementOf = (
  d: Dialect.Dialect,
  { app, from, installation, session, to, type }: Filter
): readonly [text: string, params: ReadonlyArray<unknown>] => {
  const conditions: ReadonlyArray<readonly [text: string, value: unknown]> = [
    ["c.app = ?", app],
    [`c.installation ${subjectIs(d)}`, installation],
    [`c.session ${subjectIs(d)}`, session],
    ["e.type = ?", type],
    ["e.time >= ?", from],
    ["e.time < ?", to]
  ]
  const chosen = conditions.filter(([, value]) => value !== undefined)
  const text = `SELECT ${d.uuidHex("e.id")} AS id, ${d.uuidHex("s.uuid")} AS session, ${
    // Of no UUID at all both dialects make an empty text or null.
    `CASE WHEN i.uuid IS NULL THEN NULL ELSE ${
      d.uuidHex("i.uuid")
    } END`} AS installation, e.type AS type, e.data AS data, e.time AS time, c.level AS level, e.rate AS rate,
      e.suppressed AS suppressed, c.app AS app, c.version AS version
    FROM events e JOIN contexts c ON c.id = e.context JOIN subjects s ON s.id = c.session
      LEFT JOIN subjects i ON i.id = c.installation
    WHERE ${["e.id > " + d.uuid("?"), ...chosen.map(([condition]) => condition)].join(" AND ")}
    ORDER BY e.id LIMIT ${Limits.exportSlice}`
  return [d.text(text), chosen.map(([, value]) => value)]
}

/**
 * In the order of their ids, which is about that of their capture. What comes in or is erased meanwhile may be told or not.
 *
 * @since 0.1.0
 * @category streams
 */
export const events = (filter: Filter = {}): Stream.Stream<WireEvent, SqlError, SqlClient.SqlClient> =>
  Stream.unwrap(Effect.map(SqlClient.SqlClient, (sql) => {
    const [text, params] = statementOf(Dialect.of(sql), filter)
    return Stream.paginateChunkEffect(
      EventTable.nil,
      (after) =>
        Effect.map(sql.unsafe<Row>(text, [after, ...params]), (rows) => [
          Chunk.unsafeFromArray(rows.map(toEvent)),
          rows.length < Limits.exportSlice ? Option.none() : Option.some(EventTable.dashedId(rows.at(-1)!.id))
        ])
    )
  }))
