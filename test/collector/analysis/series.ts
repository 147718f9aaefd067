import type * as Anomaly from "../../../src/collector/analysis/Anomaly.js"
import type { Point } from "../../../src/collector/analysis/Series.js"
import * as Period from "../../../src/collector/Period.js"

/** mulberry32: the same series every time. */
export const random = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const normal = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())

export const poisson = (next: () => number, mean: number): number => {
  if (mean > 50) return Math.max(Math.round(mean + Math.sqrt(mean) * normal(next)), 0)
  const end = Math.exp(-mean)
  let n = 0
  for (let p = next(); p > end; p *= next()) n++
  return n
}

/** A Monday. */
export const begin = Date.UTC(2026, 5, 1)

const workWeek = [1, 1.05, 1.1, 1.02, 0.9, 0.4, 0.35]

export interface Shape {
  readonly level: number
  /** By week, a share. */
  readonly growth?: number
  readonly noise?: number
  readonly week?: ReadonlyArray<number>
  readonly interval?: "hour" | "day"
  readonly length?: number
  readonly kind?: Anomaly.Kind
  /** What happened: buckets from the end (1 is the last), and what it made of the value. */
  readonly change?: (value: number, fromEnd: number) => number | null
}

const ofDay = (hour: number): number => 0.3 + 0.7 * Math.max(Math.sin(((hour - 5) / 24) * 2 * Math.PI), 0)

export const generate = (seed: number, shape: Shape): ReadonlyArray<Point> => {
  const { change = (value) => value, growth = 0, interval = "day", kind = "count", noise = 0.08 } = shape
  const { length = 70, level, week = workWeek } = shape
  const next = random(seed)
  const step = interval === "day" ? Period.dayMillis : Period.hourMillis
  const perWeek = interval === "day" ? 7 : 168
  return Array.from({ length }, (_, i) => {
    const day = Math.floor(i * step / Period.dayMillis) % 7
    const mean = level * (1 + growth) ** (i / perWeek) * (week[day] ?? 1) * (interval === "hour" ? ofDay(i % 24) : 1) *
      Math.max(1 + noise * normal(next), 0)
    return { bucket: begin + i * step, value: change(kind === "count" ? poisson(next, mean) : mean, length - i) }
  })
}

export interface Labelled {
  readonly name: string
  readonly interval: "hour" | "day"
  readonly kind: Anomaly.Kind
  readonly points: ReadonlyArray<Point>
  /** The last ones that are judged; the others are history. */
  readonly judged: number
  /** Is the last bucket still running? */
  readonly running: boolean
  /** Buckets from the end in which an anomaly begins; a trend, if that is what there is to find. */
  readonly anomalies: ReadonlyArray<number>
  readonly trend: "up" | "down" | null
}

const flat = [1, 1, 1, 1, 1, 1, 1]

const labelled = (
  name: string,
  seed: number,
  shape: Shape,
  label: Partial<Labelled> = {}
): Labelled => ({
  name,
  interval: shape.interval ?? "day",
  kind: shape.kind ?? "count",
  points: generate(seed, shape),
  judged: shape.interval === "hour" ? 168 : 28,
  running: false,
  anomalies: [],
  trend: null,
  ...label
})

const hours = { interval: "hour", length: 10 * 168 } as const

const at = (n: number, to: (value: number) => number | null) => (value: number, fromEnd: number) =>
  fromEnd === n ? to(value) : value

/** Nothing to see: an anomaly or a trend in one of them is a false alarm. Growth of 4 % is too slow to tell in four weeks. */
export const quiet: ReadonlyArray<Labelled> = [
  labelled("events by day, with weekends", 1, { level: 5000 }),
  labelled("growth of 4 % a week", 2, { level: 800, growth: 0.04 }),
  labelled("a few errors a day", 3, { level: 0.6, week: flat }),
  labelled("the same count every day", 4, { level: 0, change: () => 1000 }),
  labelled("a release that brings an eighth more", 5, {
    level: 2000,
    change: (value, fromEnd) => fromEnd <= 10 ? Math.round(value * 1.125) : value
  }),
  labelled("a holiday in the history", 6, { level: 3000, change: at(35, (value) => Math.round(value * 0.1)) }),
  labelled("events by hour, with nights and weekends", 7, { ...hours, level: 400 }),
  labelled("p95 with a heavy tail", 8, {
    level: 240,
    week: flat,
    noise: 0.1,
    kind: "measure"
  }),
  labelled("a day that has only begun", 9, { level: 5000, change: at(1, (value) => Math.round(value * 0.05)) }, {
    running: true
  }),
  labelled("days of which nothing is known", 10, {
    level: 120,
    kind: "measure",
    change: (value, fromEnd) => fromEnd === 3 || fromEnd === 12 || fromEnd === 30 ? null : value
  })
]

/** Each holds what is to be found. */
export const eventful: ReadonlyArray<Labelled> = [
  labelled("errors, ten times as many on a day", 11, { level: 40, change: at(4, (value) => value * 10) }, {
    anomalies: [4]
  }),
  labelled("no events for a day", 12, { level: 5000, change: at(5, () => 0) }, { anomalies: [5] }),
  labelled("an hour of errors", 13, { ...hours, level: 30, change: at(20, (value) => value + 250) }, {
    anomalies: [20]
  }),
  labelled("no events for six hours of a working day", 14, {
    ...hours,
    level: 900,
    // The last bucket is Sunday 23:00: 110 hours before it is a Wednesday morning.
    change: (value, fromEnd) => fromEnd <= 110 && fromEnd > 104 ? 0 : value
  }, { anomalies: [110] }),
  labelled("a burst of an error that is rare", 15, { level: 0.4, week: flat, change: at(2, () => 18) }, {
    anomalies: [2]
  }),
  labelled("a release after which twice as much comes", 16, {
    level: 1500,
    change: (value, fromEnd) => fromEnd <= 10 ? value * 2 : value
  }, { anomalies: [10] }),
  labelled("p95 doubles on a day", 17, { level: 180, week: flat, kind: "measure", change: at(6, (v) => v * 2) }, {
    anomalies: [6]
  }),
  labelled("refusals where there never were any", 18, { level: 0, change: at(3, () => 60) }, { anomalies: [3] }),
  labelled("a Sunday like a Monday", 19, { level: 4000, change: at(8, (value) => Math.round(value * 2.8)) }, {
    anomalies: [8]
  }),
  labelled("errors that creep up", 20, { level: 200, growth: 0.09, week: flat, noise: 0.05 }, { trend: "up" })
]
