/**
 * Past one Postgres, on paper: `tsx scratchpad/scale/simulate.ts`. Unit costs are those that `measure.ts` printed on two shared
 * cores; the rest is arithmetic, and a lot of random events for the partitions. Nothing here was run at the sizes it speaks of.
 */
const units = {
  /** Microseconds of a core, of the collector and of Postgres beside it, for an event in a batch of 100. */
  ingestMicros: Number(process.env["INGEST_MICROS"] ?? 150),
  /** Microseconds of the one folder for an event's counts. */
  foldMicros: Number(process.env["FOLD_MICROS"] ?? 28),
  /** Bytes of raw events, with their index and their share of contexts. */
  rawBytes: Number(process.env["RAW_BYTES"] ?? 282),
  /** Rows of uniques for an event, and bytes for a row. */
  uniqueRows: Number(process.env["UNIQUE_ROWS"] ?? 0.72),
  uniqueBytes: 177,
  batch: 100,
  retentionDays: 90
}

/** Capture of an event before its receipt, in days: most at once, some after hours, a few after a journey. */
const lateness = (random: () => number): number => {
  const which = random()
  if (which < 0.95) return random() / 1_440
  if (which < 0.995) return random() / 2
  return random() * 30
}

/** The same numbers on every run. */
const seeded = (seed: number) => (): number => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32
  return seed / 2 ** 32
}

/** How many partitions, by range of the id, a batch writes to. */
const touched = (widthDays: number): number => {
  const random = seeded(7)
  const batches = 2_000
  let sum = 0
  for (let i = 0; i < batches; i++) {
    const now = 1_000 + random()
    const parts = new Set(Array.from({ length: units.batch }, () => Math.floor((now - lateness(random)) / widthDays)))
    sum += parts.size
  }
  return sum / batches
}

const rounded = (n: number, digits = 1): number => Number(n.toFixed(digits))

console.log("events by load, at a peak of three times the mean; retention", units.retentionDays, "days")
console.table(
  [1, 10, 100].map((factor) => {
    const perDay = 10_000_000 * factor
    const peak = perDay / 86_400 * 3
    return {
      load: `${factor}x`,
      "events a day": perDay,
      "events a second, peak": Math.round(peak),
      "cores for ingest, peak": rounded(peak * units.ingestMicros / 1e6),
      "folders needed, peak": rounded(peak * units.foldMicros / 1e6, 2),
      "raw, GB": Math.round(perDay * units.retentionDays * units.rawBytes / 1e9),
      "uniques a day, GB": rounded(perDay * units.uniqueRows * units.uniqueBytes / 1e9)
    }
  })
)
console.log("partitions by range of the id, for", units.retentionDays, "days kept and 30 days of late events")
console.table(
  [1, 7, 30].map((width) => ({
    "days a partition": width,
    partitions: Math.ceil(units.retentionDays / width) + 1,
    "written by a batch of 100": rounded(touched(width), 2),
    "raw GB a partition, 1x": rounded(width * 10_000_000 * units.rawBytes / 1e9),
    "10x": rounded(width * 100_000_000 * units.rawBytes / 1e9),
    "100x": rounded(width * 1_000_000_000 * units.rawBytes / 1e9)
  }))
)
