// Forces tries against whatever is there, and says what the store knows afterwards.
import { feature, open } from "./Open.mjs"

const { TOTAL = "200", TRIES = "40" } = process.env
const telemetry = await open()
for (let i = 0; i < Number(TOTAL); i++) feature(telemetry, `dead-${i}`)
await telemetry.flush()
let report
for (let i = 0; i < Number(TRIES); i++) report = await telemetry.submitNow()
const { dropped, queue } = await telemetry.status()
process.stdout.write(JSON.stringify({ report, queue, dropped }) + "\n")
await telemetry.close()
