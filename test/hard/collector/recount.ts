/** The rollups of an hour, counted once more from the raw events, and as the collector answers them. */
import Database from "better-sqlite3"
import type { PostgresServer } from "./PostgresServer.js"

export interface Raw {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly time: number
  readonly rate: number
  readonly session: string
  readonly installation: string
  readonly data: string
}

const columns = "id, time, rate, session, installation, data"

export const rawOnPostgres = (server: PostgresServer, database: string): ReadonlyArray<Raw> =>
  server.query(database, `SELECT row_to_json(e) FROM (SELECT ${columns} FROM readable_events) e`)
    .map((line) => JSON.parse(line))

export const rawOnSqlite = (file: string): ReadonlyArray<Raw> => {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare<[], Raw>(`SELECT ${columns} FROM readable_events`).all()
  } finally {
    db.close()
  }
}

export interface Hour {
  readonly bucket: string
  readonly count: number
  readonly sessions: number
  readonly installations: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

const hourMillis = 3_600_000

/** Weights are powers of two and durations whole, so that sums are exact in any order. */
export const recount = (events: ReadonlyArray<Raw>): ReadonlyArray<Hour> => {
  const hours = new Map<number, Array<Raw>>()
  for (const one of events) {
    const hour = Math.floor(one.time / hourMillis)
    const group = hours.get(hour)
    if (group === undefined) hours.set(hour, [one])
    else group.push(one)
  }
  return Array.from(hours, ([hour, group]) => {
    const durations = group.map(({ data }): number => JSON.parse(data).duration)
    return {
      bucket: new Date(hour * hourMillis).toISOString().replace(".000Z", "Z"),
      count: group.reduce((sum, { rate }) => sum + 1 / rate, 0),
      sessions: new Set(group.map(({ session }) => session)).size,
      installations: new Set(group.map(({ installation }) => installation)).size,
      sum: group.reduce((sum, { rate }, i) => sum + durations[i]! / rate, 0),
      min: durations.reduce((a, b) => Math.min(a, b)),
      max: durations.reduce((a, b) => Math.max(a, b))
    }
  }).toSorted((a, b) => a.bucket < b.bucket ? -1 : 1)
}

export const rolledUp = async (url: string, key: string): Promise<ReadonlyArray<Hour>> => {
  const response = await fetch(`${url}/v1/rollups?interval=hour&eventType=query_performed`, {
    headers: { "x-api-key": key }
  })
  const { rows }: { readonly rows: ReadonlyArray<Hour> } = await response.json()
  return rows.map(({ bucket, count, installations, max, min, sessions, sum }) => ({
    bucket,
    count,
    sessions,
    installations,
    sum,
    min,
    max
  })).toSorted((a, b) => a.bucket < b.bucket ? -1 : 1)
}

/** Ids as the raw events hold them. */
export const missing = (acknowledged: Iterable<string>, events: ReadonlyArray<Raw>): ReadonlyArray<string> => {
  const stored = new Set(events.map(({ id }) => id))
  return [...acknowledged].filter((id) => !stored.has(id.replaceAll("-", "")))
}
