// One measurement in a process of its own. argv: subject, scenario, endpoint, directory, project, number of events.
import fs from "node:fs"
import path from "node:path"
import { performance } from "node:perf_hooks"
import { make, many } from "./events.mjs"

const [file, scenario, url, stateDir, project, count] = process.argv.slice(2)
const n = Number(count)
const subject = await import(file)
const cpu = (since) => {
  const { system, user } = process.cpuUsage(since)
  return user + system
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const median = (xs) => xs.sort((a, b) => a - b)[Math.floor(xs.length / 2)]
const bytesOf = (directory) =>
  fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
    .reduce((sum, e) => sum + fs.statSync(path.join(e.parentPath ?? e.path, e.name)).size, 0)
const written = () => Number(/^write_bytes: (\d+)/m.exec(fs.readFileSync("/proc/self/io", "utf8"))?.[1] ?? NaN)
const done = (result) => {
  process.send(result)
  process.disconnect()
}

await subject.setup({ mode: scenario === "down" ? "default" : "tuned", project, stateDir, url })

const burst = async (events) => {
  for (let i = 0; i < events.length; i += 100) {
    for (let j = i; j < Math.min(i + 100, events.length); j++) subject.capture(events[j])
    await new Promise((resolve) => setImmediate(resolve))
  }
}

if (scenario === "oneshot") {
  subject.capture(make(7))
  await subject.teardown()
  done({ cpuMs: cpu() / 1000 })
} else {
  const events = many(n)
  await burst(many(2000, 1_000_000))
  if (scenario === "up") await subject.flush()
  else await subject.settle()
  global.gc()
  const before = { cpu: process.cpuUsage(), elu: performance.eventLoopUtilization(), memory: process.memoryUsage(), written: written() }
  await burst(events)
  if (scenario === "up") await subject.flush()
  else await subject.settle()
  const cpuUs = cpu(before.cpu) / n
  const mainUs = (performance.eventLoopUtilization(before.elu).active * 1000) / n
  await pause(200)
  global.gc()
  const after = process.memoryUsage()
  const paced = []
  const more = many(2000, 1_100_000)
  for (let i = 0; i < more.length; i++) {
    const start = process.hrtime.bigint()
    subject.capture(more[i])
    paced.push(Number(process.hrtime.bigint() - start) / 1000)
    if (i % 20 === 19) await pause(1)
  }
  const result = {
    cpuUs,
    mainUs,
    pacedUs: median(paced),
    heapMB: (after.heapUsed - before.memory.heapUsed) / 1e6,
    rssMB: (after.rss - before.memory.rss) / 1e6,
    writtenPerEvent: (written() - before.written) / n
  }
  if (scenario === "up") await subject.flush()
  await subject.teardown()
  result.diskPerEvent = bytesOf(stateDir) / (n + 4000)
  done(result)
}
