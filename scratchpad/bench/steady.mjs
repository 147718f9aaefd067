// What telemetry costs a program that is up: nothing to do, or a hundred events a second. argv: directory, endpoint, project,
// events a second, seconds. Says the CPU used as a share of one core, start-up left out.
import { define, load } from "./peers/_client.mjs"
import { many } from "./events.mjs"

const [stateDir, url, project, perSecond, seconds] = process.argv.slice(2)
const { create } = await load(project, "promise/index")
const telemetry = await create({
  app: { name: "bench", version: "1.0.0" },
  dataDir: stateDir + "/telemetry",
  endpoint: url + "/v1/events",
  consent: "granted",
  level: "full",
  remote: true,
  profile: "bulk",
  events: [await define(project)]
})
const events = many(Number(perSecond) * Number(seconds))
await telemetry.submitNow()
await new Promise((resolve) => setTimeout(resolve, 3_000))
// What start-up left behind is collected some time later, and is not what a program that is up costs.
global.gc()

const cpu = process.cpuUsage()
const start = performance.now()
let n = 0
const tick = setInterval(() => {
  const due = Math.floor((performance.now() - start) / 1000 * Number(perSecond))
  for (; n < Math.min(due, events.length); n++) telemetry.track("bench_event", events[n])
}, 10)
// Without events there is no timer of ours either, so that none is measured.
if (events.length === 0) clearInterval(tick)
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000))
const { system, user } = process.cpuUsage(cpu)
process.send({ share: (user + system) / 1000 / (performance.now() - start) })
clearInterval(tick)
await telemetry.close()
process.disconnect()
