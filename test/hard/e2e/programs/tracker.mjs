// A program that tracks and submits until it is killed. What it knows to be acknowledged (flush has resolved) it appends to
// a file of its own, synchronously, so that the test can hold that against what arrives.
import fs from "node:fs"
import { feature, open } from "./Open.mjs"

const { ACK, NAME, TOTAL = "1000000", WORKER = "1", PER = "10" } = process.env
const telemetry = await open({ interval: 50, batchSize: 20, timeout: 1000, worker: WORKER === "1" })
const ack = fs.openSync(ACK, "a")
process.stdout.write("ready\n")
let n = 0
while (n < Number(TOTAL)) {
  const names = []
  for (let i = 0; i < Number(PER) && n < Number(TOTAL); i++, n++) {
    const featureName = `${NAME}-${n}`
    feature(telemetry, featureName)
    names.push(featureName)
  }
  await telemetry.flush()
  fs.writeSync(ack, names.join("\n") + "\n")
  if (names[0] === `${NAME}-0`) process.stdout.write("going\n")
  if (WORKER !== "1") await telemetry.submitNow()
  await new Promise((resolve) => setImmediate(resolve))
}
process.stdout.write("done\n")
await telemetry.close()
