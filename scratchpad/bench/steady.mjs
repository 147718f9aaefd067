// What telemetry costs a program that is up: nothing to do, or a hundred events a second. argv: directory, endpoint, project,
// events a second, seconds, and `bare` for the same program without telemetry. Says the CPU used as a share of one core, start-up
// left out; with `busy` instead, the share of the main thread that a program which works all the time does not get for its work.
import { define, load } from "./peers/_client.mjs"
import { many } from "./events.mjs"

const [stateDir, url, project, perSecond, seconds, ...words] = process.argv.slice(2)
const nothing = { track: () => {}, submitNow: async () => {}, close: async () => {} }
const { create } = words.includes("bare") ? { create: async () => nothing } : await load(project, "promise/index")
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
// What start-up left behind, V8 would collect some time later (hence also no memory reducer): not what being up costs. Nor is what
// a collection leaves to do, nor the end of the connection of that request, which is kept for four seconds.
const settle = () => new Promise((resolve) => setTimeout(resolve, 3_000))
await settle()
global.gc()
await settle()

const start = performance.now()
let n = 0
const track = () => {
  const due = Math.floor((performance.now() - start) / 1000 * Number(perSecond))
  for (; n < Math.min(due, events.length); n++) telemetry.track("bench_event", events[n])
}

const steady = async () => {
  const cpu = process.cpuUsage()
  const tick = setInterval(track, 10)
  // Without events there is no timer of ours either, so that none is measured.
  if (events.length === 0) clearInterval(tick)
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000))
  const { system, user } = process.cpuUsage(cpu)
  clearInterval(tick)
  return (user + system) / 1000 / (performance.now() - start)
}

const busy = async () => {
  // Work that leaves no garbage, so that what is collected is ours; some milliseconds at a time.
  const data = new Uint32Array(1 << 18)
  const work = () => {
    for (let round = 0; round < 10; round++) for (let i = 0; i < data.length; i++) data[i] = Math.imul(data[i] ^ i, 0x7feb352d) + round
  }
  let worked = 0
  while (performance.now() - start < Number(seconds) * 1000) {
    const from = performance.now()
    work()
    worked += performance.now() - from
    track()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return 1 - worked / (performance.now() - start)
}

process.send({ share: words.includes("busy") ? await busy() : await steady() })
await telemetry.close()
process.disconnect()
