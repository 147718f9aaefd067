// One of several processes over one store: tracks in small portions with the worker on, then waits until the store is empty.
import { monitorEventLoopDelay } from "node:perf_hooks"
import { feature, open } from "./Open.mjs"

const { NAME, TOTAL = "500", DRAIN = "1" } = process.env
const telemetry = await open()
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
for (let i = 0; i < Number(TOTAL); i++) {
  feature(telemetry, `${NAME}-${i}`)
  if (i % 20 === 19) await telemetry.flush()
}
await telemetry.flush()
delay.disable()
const status = async () => (await telemetry.status()).queue
if (DRAIN === "1") {
  while ((await status()).total > 0) await new Promise((resolve) => setTimeout(resolve, 50))
}
const { submission, warnings } = await telemetry.status()
process.stdout.write(JSON.stringify({ maxDelayMs: delay.max / 1e6, lastError: submission.lastError, warnings }) + "\n")
await telemetry.close()
