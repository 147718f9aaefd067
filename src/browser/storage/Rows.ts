/**
 * How the rows of the memory store look in IndexedDB.
 *
 * @since 0.1.0
 */
import type * as Rollup from "../../domain/Rollup.js"
import * as RollupValues from "../../domain/Rollup.js"
import { type RedactedEvent, unsafeRedacted } from "../../domain/TelemetryEvent.js"
import * as Backend from "../../persistence/memory/Backend.js"
import { Tracked } from "./Tracked.js"

/**
 * Values of one table, as they are stored and as they are held.
 *
 * @since 0.1.0
 */
export interface Shape<K extends IDBValidKey, V> {
  readonly table: "events" | "rollups" | "windows"
  readonly rows: Tracked<K, V>
  readonly pack: (value: V) => unknown
  readonly unpack: (value: never) => V
}

type RollupRow = Backend.Backend["rollups"]["rows"] extends Map<number, infer Row> ? Row : never
type WindowRow = Backend.Backend["windows"] extends Map<string, infer Row> ? Row : never
type Series = RollupRow["series"]

interface PackedSum {
  readonly figures: Rollup.Figures
}

const packSum = (sum: Rollup.Sum): PackedSum => ({ figures: RollupValues.figures(sum) })

const unpackSum = ({ figures }: PackedSum): Rollup.Sum => {
  const sum = RollupValues.unsafeMake()
  RollupValues.unsafeAdd(sum, figures)
  return sum
}

/** What an event adds to the rollups is not stored with it. */
const packEvent = ({ context, data, id, rate, suppressed, time, type }: RedactedEvent) => ({
  id,
  type,
  time,
  data,
  rate,
  suppressed,
  context
})

/** @internal */
export interface Held {
  readonly backend: Backend.Backend
  readonly events: Shape<number, RedactedEvent>
  readonly rollups: Shape<number, RollupRow>
  readonly windows: Shape<string, WindowRow>
}

/** @internal */
export const make = (): Held => {
  const empty = Backend.make()
  const events = new Tracked<number, RedactedEvent>(false)
  const rollups = new Tracked<number, RollupRow>(true)
  const windows = new Tracked<string, WindowRow>(true)
  const backend: Backend.Backend = { ...empty, events, windows, rollups: { ...empty.rollups, rows: rollups } }

  /** Rows of one series share it. */
  const seriesOf = (found: Series): Series => {
    const key = JSON.stringify([found.type, found.dimension])
    const known = backend.rollups.series.get(key) ?? found
    backend.rollups.series.set(key, known)
    return known
  }

  return {
    backend,
    events: {
      table: "events",
      rows: events,
      pack: packEvent,
      unpack: (value: ReturnType<typeof packEvent>) => unsafeRedacted(value)
    },
    rollups: {
      table: "rollups",
      rows: rollups,
      pack: ({ hour, series, sum }) => ({ hour, series, sum: packSum(sum) }),
      unpack: (value: { readonly hour: number; readonly series: Series; readonly sum: PackedSum }) => ({
        hour: value.hour,
        series: seriesOf(value.series),
        sum: unpackSum(value.sum)
      })
    },
    windows: {
      table: "windows",
      rows: windows,
      pack: ({ sum, window }) => ({ window, sum: packSum(sum) }),
      unpack: (value: { readonly window: WindowRow["window"]; readonly sum: PackedSum }) => ({
        window: value.window,
        sum: unpackSum(value.sum)
      })
    }
  }
}
