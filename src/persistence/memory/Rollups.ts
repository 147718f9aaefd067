/**
 * Rollups in memory.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Rollup from "../../domain/Rollup.js"
import * as Policy from "../../Policy.js"
import {
  type Grain,
  grainMillis,
  otherDimensions,
  type ReadRequest,
  type SealRequest,
  type Service,
  type StoredRollup
} from "../Rollups.js"

interface Series {
  readonly id: number
  readonly type: string
  readonly dimension: string | null
}

interface Row {
  readonly hour: number
  readonly series: Series
  readonly sum: Rollup.Sum
}

/** @internal */
export interface Table {
  readonly series: Map<string, Series>
  readonly rows: Map<number, Row>
  lastSeries: number
}

/** @internal */
export const makeTable = (): Table => ({ series: new Map(), rows: new Map(), lastSeries: 0 })

/** Places order by time, and within it by series. */
const placeOf = (start: number, series: number, grain: Grain): number =>
  Math.floor(start / grainMillis[grain]) * 2 ** 32 + series

const seriesOf = (self: Table, type: string, dimension: string | null): Series => {
  const key = JSON.stringify([type, dimension])
  const known = self.series.get(key)
  if (known !== undefined) return known
  if (dimension !== null && dimension !== otherDimensions && dimensionsOf(self, type) >= Policy.maxDimensions) {
    return seriesOf(self, type, otherDimensions)
  }
  const made = { id: ++self.lastSeries, type, dimension }
  self.series.set(key, made)
  return made
}

const dimensionsOf = (self: Table, type: string): number => {
  let n = 0
  for (const series of self.series.values()) {
    if (series.type === type && series.dimension !== null && series.dimension !== otherDimensions) n++
  }
  return n
}

/** @internal */
export const add = (self: Table, rollups: ReadonlyArray<Rollup.Rollup>): void => {
  for (const rollup of rollups) {
    const series = seriesOf(self, rollup.type, rollup.dimension)
    const place = placeOf(rollup.hour, series.id, "hour")
    let row = self.rows.get(place)
    if (row === undefined) self.rows.set(place, row = { hour: rollup.hour, series, sum: Rollup.unsafeMake() })
    Rollup.unsafeAdd(row.sum, rollup)
  }
}

/** @internal */
export const clear = (self: Table): void => {
  self.series.clear()
  self.rows.clear()
}

const days = (self: Table): Table["rows"] => {
  const out: Table["rows"] = new Map()
  for (const { hour, series, sum } of self.rows.values()) {
    const day = hour - hour % grainMillis.day
    const place = placeOf(day, series.id, "day")
    let row = out.get(place)
    if (row === undefined) out.set(place, row = { hour: day, series, sum: Rollup.unsafeMake() })
    Rollup.unsafeAdd(row.sum, Rollup.figures(sum))
  }
  return out
}

const read = (self: Table, request: ReadRequest): ReadonlyArray<StoredRollup> => {
  const { grain = "hour" } = request
  const rows = grain === "hour" ? self.rows : days(self)
  const from = request.from === undefined ? -Infinity : request.from - request.from % grainMillis[grain]
  const to = request.to ?? Infinity
  const out: Array<StoredRollup> = []
  for (const place of [...rows.keys()].sort((a, b) => a - b)) {
    if (out.length >= request.limit) break
    const { hour, series: { dimension, type }, sum } = rows.get(place)!
    if (place <= request.after || hour < from || hour >= to) continue
    if (request.type !== undefined && request.type !== type) continue
    out.push({ place, rollup: { hour, type, dimension, ...Rollup.figures(sum) } })
  }
  return out
}

const expire = (self: Table, before: number): number => {
  let removed = 0
  for (const [place, { hour }] of self.rows) {
    if (hour >= before - before % grainMillis.day) continue
    self.rows.delete(place)
    removed++
  }
  const used = new Set(Array.from(self.rows.values(), ({ series }) => series))
  for (const [key, series] of self.series) if (!used.has(series)) self.series.delete(key)
  return removed
}

/** @internal */
export const make = (self: Table, seal: (request: SealRequest) => number): Service => ({
  seal: (request) => Effect.sync(() => seal(request)),
  read: (request) => Effect.sync(() => read(self, request)),
  catchUp: () => Effect.succeed(0),
  expire: (before) => Effect.sync(() => expire(self, before))
})
