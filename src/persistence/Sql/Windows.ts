/**
 * Open windows in the file. A window is sealed in one transaction: it becomes an event in the queue and is gone, or nothing
 * has happened.
 *
 * @internal
 */
import * as Rollup from "../../domain/Rollup.js"
import * as RollupWindow from "../../domain/RollupWindow.js"
import type { EventContext } from "../../domain/TelemetryEvent.js"
import type { AppendGroup } from "../EventStore.js"
import type { SealRequest } from "../Rollups.js"
import * as Packed from "./Packed.js"
import type { Session } from "./Session.js"

interface WindowRow {
  readonly key: string
  readonly id: string
  readonly hour: number
  readonly type: string
  readonly dimension: string | null
  readonly context: string
  readonly figures: Uint8Array
}

const columns = "key, id, hour, type, dimension, context, figures"

const figuresOf = (row: WindowRow): Rollup.Figures => Packed.decodeEntries(row.figures)[0] ?? noFigures

const noFigures = Rollup.figures(Rollup.unsafeMake())

/** @internal */
export const add = (session: Session, windows: ReadonlyArray<RollupWindow.Window>): void => {
  for (const window of windows) {
    const key = RollupWindow.keyOf(window)
    const known = session.one<WindowRow>(`SELECT ${columns} FROM rollup_window WHERE key = ?`, [key])
    const sum = Rollup.unsafeMake()
    if (known !== undefined) Rollup.unsafeAdd(sum, figuresOf(known))
    Rollup.unsafeAdd(sum, window)
    session.run(`INSERT OR REPLACE INTO rollup_window (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`, [
      key,
      known?.id ?? window.id,
      window.hour,
      window.type,
      window.dimension,
      known?.context ?? JSON.stringify(window.context),
      Packed.encodeEntries([Rollup.figures(sum)], () => 0)
    ])
  }
}

/** @internal */
export const due = `SELECT ${columns} FROM rollup_window WHERE hour <= ? ORDER BY hour, id LIMIT ?`

const dueRows = (session: Session, { before, limit }: Pick<SealRequest, "before" | "limit">) =>
  session.all<WindowRow>(due, [before - Rollup.hourMillis, limit])

const toWindow = (row: WindowRow): RollupWindow.Window => {
  const context: EventContext = JSON.parse(row.context)
  return { ...figuresOf(row), id: row.id, hour: row.hour, type: row.type, dimension: row.dimension, context }
}

/**
 * Is there anything to seal?
 *
 * @internal
 */
export const isDue = (session: Session, before: number): boolean => dueRows(session, { before, limit: 1 }).length > 0

/** @internal */
export const seal = (
  session: Session,
  request: SealRequest,
  append: (group: AppendGroup) => void
): number => {
  const rows = dueRows(session, request)
  const events = rows.map(toWindow).filter(({ context }) => request.mayBeSent(context)).map(RollupWindow.toEvent)
  if (events.length > 0) append({ ...request.group(events), events })
  for (const { key } of rows) session.run("DELETE FROM rollup_window WHERE key = ?", [key])
  return rows.length
}

/** @internal */
export const clear = (session: Session): void => {
  session.run("DELETE FROM rollup_window", [])
}
