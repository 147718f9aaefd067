/** Many random sequences on one kind of store, and the table of what they did. */
import { expect } from "vitest"
import * as Actions from "../../src/testing/QueueModelActions.js"
import { sequence, type Subject } from "./run.js"

const lengthOf = (seed: number): number => 40 + (seed * 7) % 33

const median = (list: ReadonlyArray<number>): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!

export const check = async (name: string, runs: number, subject: () => Promise<Subject>): Promise<void> => {
  const done = new Map<string, number>()
  const lengths: Array<number> = []
  for (let seed = 1; seed <= runs; seed++) {
    lengths.push(lengthOf(seed))
    sequence(await subject(), seed, lengthOf(seed), done)
    // A worker that says nothing for a minute is given up by the runner.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const table = Actions.names.map((action) => [action, done.get(action) ?? 0] as const)
  process.stdout.write(
    `${name}: ${runs} sequences, median length ${median(lengths)}\n` +
      table.map(([action, count]) => `  ${action.padEnd(16)}${String(count).padStart(6)}\n`).join("")
  )
  expect(median(lengths)).toBeGreaterThanOrEqual(40)
  if (runs >= 1_000) expect(table.filter(([, count]) => count < 1_000)).toEqual([])
}
