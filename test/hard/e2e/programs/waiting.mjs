// A program that runs for long, tracks all the time and asks for nothing: it says when telemetry goes on and off by what
// other processes do. It ends when its input does.
import { create } from "effect-telemetry/promise"

const telemetry = await create({ app: { name: "ax", version: "1.0.0" }, interval: 20, automatic: false })
let was = telemetry.isEnabled()
let n = 0
process.stdout.write(`start ${was ? "on" : "off"}\n`)
const timer = setInterval(() => {
  const is = telemetry.isEnabled()
  telemetry.track("feature_used", { featureName: is ? "after" : "before", enabled: true })
  if (is === was) return
  was = is
  const turn = `turn ${++n} ${is ? "on" : "off"}\n`
  // Said when what was tracked since is on disk.
  void telemetry.flush().then(() => process.stdout.write(turn))
}, 1)
process.stdin.resume()
process.stdin.on("end", () => {
  clearInterval(timer)
  void telemetry.close()
})
