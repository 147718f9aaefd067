/**
 * Open windows in memory.
 *
 * @internal
 */
import * as Rollup from "../../domain/Rollup.js"
import * as RollupWindow from "../../domain/RollupWindow.js"
import type { SealRequest } from "../Rollups.js"
import type * as Backend from "./Backend.js"
import * as Events from "./Events.js"

/** @internal */
export const seal = (self: Backend.Backend, request: SealRequest): number => {
  const due = [...self.windows].filter(([, { window }]) => window.hour + Rollup.hourMillis <= request.before)
    .slice(0, request.limit)
  for (const [key] of due) self.windows.delete(key)
  const events = due.filter(([, { window }]) => request.mayBeSent(window.context))
    .map(([, { sum, window }]) => RollupWindow.toEvent({ ...window, ...Rollup.figures(sum) }))
  if (events.length > 0) Events.append(self, { ...request.group(events), events })
  return due.length
}
