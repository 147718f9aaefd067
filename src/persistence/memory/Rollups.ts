/**
 * Rollups in memory.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Rollup from "../../domain/Rollup.js"
import * as Policy from "../../Policy.js"
import { otherDimensions, type ReadRequest, type Service, type StoredRollup } from "../Rollups.js"

interface Series {
  readonly id: number
  readonly type: string
  readonly dimension: string | null
}

/** @internal */
export interface Table {
  readonly series: Map<string, Series>
  readonly rows: Map<number, { readonly hour: number; readonly series: Series; readonly sum: Rollup.Sum }>
  lastSeries: number
}

/** @internal */
export const makeTable = (): Table => ({ series: new Map(), rows: new Map(), lastSeries: 0 })

/** Places order by hour, and within it by series. */
const placeOf = (hour: number, series: number): number => (hour / Rollup.hourMillis) * 2 ** 32 + series

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
    const place = placeOf(rollup.hour, series.id)
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

const read = (self: Table, request: ReadRequest): ReadonlyArray<StoredRollup> => {
  const from = Rollup.hourOf(request.from ?? Number.MIN_SAFE_INTEGER)
  const to = request.to ?? Number.MAX_SAFE_INTEGER
  const out: Array<StoredRollup> = []
  for (const place of [...self.rows.keys()].sort((a, b) => a - b)) {
    if (out.length >= request.limit) break
    const { hour, series: { dimension, type }, sum } = self.rows.get(place)!
    if (place <= request.after || hour < from || hour >= to) continue
    if (request.type !== undefined && request.type !== type) continue
    out.push({ place, rollup: { hour, type, dimension, ...Rollup.figures(sum) } })
  }
  return out
}

const expire = (self: Table, before: number): number => {
  let removed = 0
  for (const [place, { hour }] of self.rows) {
    if (hour + Rollup.hourMillis > before) continue
    self.rows.delete(place)
    removed++
  }
  const used = new Set(Array.from(self.rows.values(), ({ series }) => series))
  for (const [key, series] of self.series) if (!used.has(series)) self.series.delete(key)
  return removed
}

/** @internal */
export const make = (self: Table): Service => ({
  read: (request) => Effect.sync(() => read(self, request)),
  catchUp: () => Effect.succeed(0),
  expire: (before) => Effect.sync(() => expire(self, before))
})
