/** The slowest hostile text of 64 KB, and how the time grows from 8 KB. Run: node --import tsx scratchpad/bench/redaction.ts */
import { performance } from "node:perf_hooks"
import { redactText } from "../../src/collection/Redaction.js"
import { hostile } from "../../test/collection/hostile.js"

const best = (text: string): number => {
  let least = Infinity
  for (let run = 0; run < 4; run++) {
    const start = performance.now()
    redactText(text)
    least = Math.min(least, performance.now() - start)
  }
  return least
}

const rows = hostile.map(([name, make]) => {
  best(make(8192))
  const small = best(make(8192))
  const large = best(make(65536))
  return { name, small, large, growth: large / small }
})
rows.sort((a, b) => b.large - a.large)
for (const { growth, large, name, small } of rows.slice(0, 12)) {
  console.log(`${large.toFixed(1)} ms (8 KB: ${small.toFixed(2)} ms, x ${growth.toFixed(1)})  ${name}`)
}
