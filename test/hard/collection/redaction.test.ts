import { describe, expect, it } from "@effect/vitest"
import { performance } from "node:perf_hooks"
import { builtIn } from "../../../src/collection/redaction/Rules.js"
import { hostile } from "../../collection/hostile.js"

/** The least of several: what else the machine does only ever adds. */
const least = (run: () => unknown): number => {
  let best = Infinity
  for (let i = 0; i < 9; i++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** Eight times the text is 8 times the work where that is linear and 64 times where it is quadratic. */
const mostGrowth = 32

describe("every rule, on every hostile text", () => {
  it.each(builtIn.map((rule, i) => [`${i} ${rule.name}`, rule] as const))("takes linear time: %s", (_, rule) => {
    for (const [name, make] of hostile) {
      const [first, last] = [make(8_192), make(65_536)].map((text) => least(() => rule.apply(text)))
      // Below a fifth of a millisecond there is nothing to measure.
      expect(last! / Math.max(first!, 0.2), `${name}: ${first} ms, then ${last} ms`).toBeLessThan(mostGrowth)
    }
  })
})
