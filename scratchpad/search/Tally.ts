/**
 * A plain count of what the program tracks, kept by the program itself and written to a file of its own: it knows nothing
 * of telemetry, so that the demo can hold the two against each other.
 */
import * as fs from "node:fs"

export const make = (file: string | undefined) => {
  const counts: Record<string, number> = {}
  return {
    count: (type: string): void => {
      counts[type] = (counts[type] ?? 0) + 1
    },
    /** Called only when everything counted so far is known to be committed. */
    write: (): void => {
      if (file !== undefined) fs.writeFileSync(file, JSON.stringify(counts))
    }
  }
}

export type Tally = ReturnType<typeof make>

export const read = (file: string): Readonly<Record<string, number>> => JSON.parse(fs.readFileSync(file, "utf8"))
