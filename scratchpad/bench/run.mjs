// Our figures against the raw limits, side by side in one run, each measurement in a process of its own, subjects in turn,
// medians over the rounds. `node run.mjs [events] [rounds]`; needs a build. Rows by the numbers of the targets.
import { execFileSync, fork, spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import * as esbuild from "esbuild"
import { many } from "./events.mjs"

const n = Number(process.argv[2] ?? 50_000)
const rounds = Number(process.argv[3] ?? 3)
const here = import.meta.dirname
const project = path.resolve(here, "../..")
const work = fs.mkdtempSync(path.join(os.tmpdir(), "et-bench-"))
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name !== "CI" && name !== "DO_NOT_TRACK" && !name.startsWith("TELEMETRY_"))
)
const median = (xs) => xs.toSorted((a, b) => a - b)[Math.floor(xs.length / 2)]
const medians = (results) =>
  Object.fromEntries(Object.keys(results[0]).map((key) => [key, median(results.map((result) => result[key]))]))
const subjects = Object.fromEntries(
  [["limit", "limit.mjs"], ["ours", "peers/capture.mjs"], ["bare", "bare.mjs"], ["off", "off.mjs"]]
    .map(([name, file]) => [name, path.join(here, file)])
)
const refused = "http://127.0.0.1:9"
let made = 0
const directory = () => {
  const at = path.join(work, String(made++))
  fs.mkdirSync(at)
  return at
}

const sink = async (mode = "ok") => {
  const child = fork(path.join(here, "sink.mjs"), [mode])
  const [{ port }] = await once(child, "message")
  return {
    url: `http://127.0.0.1:${port}`,
    ask: async () => {
      child.send("figures")
      return (await once(child, "message"))[0]
    },
    stop: () => child.kill("SIGKILL")
  }
}

const measure = async (subject, scenario, url, count) => {
  const start = performance.now()
  const child = fork(path.join(here, "child.mjs"), [subjects[subject], scenario, url, directory(), project, String(count)], {
    execArgv: ["--expose-gc"],
    env
  })
  const message = once(child, "message")
  const [code] = await once(child, "exit")
  if (code !== 0) throw new Error(`${subject} ${scenario} ended with ${code}`)
  return { ...(await message)[0], wallMs: performance.now() - start }
}

const turns = async (names, scenario, url, count = n) => {
  const results = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const endpoint = url ?? await sink()
      const result = await measure(name, scenario, endpoint.url ?? endpoint, count)
      if (url === undefined) {
        const { bytes, distinct, duplicates } = await endpoint.ask()
        Object.assign(result, { wirePerEvent: bytes / distinct, distinct, duplicates })
        endpoint.stop()
      }
      results[name].push(result)
    }
  }
  return Object.fromEntries(names.map((name) => [name, medians(results[name])]))
}

/** User and system CPU milliseconds of a whole process until its exit, medians of `times` runs in turn. */
const cpuOf = async (commands, times = 9) => {
  const hook = path.join(work, "hook.cjs")
  const file = path.join(work, "cpu.json")
  fs.writeFileSync(hook, `process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.cpuUsage())))`)
  const spent = commands.map(() => [])
  for (let i = 0; i < times; i++) {
    for (const [at, args] of commands.entries()) {
      execFileSync(process.execPath, ["--require", hook, ...args], { env, stdio: "ignore" })
      const { system, user } = JSON.parse(fs.readFileSync(file, "utf8"))
      spent[at].push((user + system) / 1000)
    }
  }
  return spent.map(median)
}

const rows = []
const row = (number, what, ours, limit, must) =>
  rows.push({ number, what, ours, limit, ratio: limit === null ? null : ours / limit, must })

const up = await turns(["limit", "ours"], "up")
const bare = await turns(["bare", "off"], "paced", refused)
const down = await turns(["limit", "ours"], "down", refused)
const offline = await turns(["limit", "ours"], "down", refused, 100_000)
row("1", "paced p50 of track, µs ÷ JSON.stringify", up.ours.pacedUs, bare.bare.pacedUs, "2.5")
row("1", "the same, off", bare.off.pacedUs, bare.bare.pacedUs, "0.2")
row("2", "CPU to delivered, µs ÷ durable limit", up.ours.cpuUs, up.limit.cpuUs, "2.0")
row("3", "the same, endpoint down", down.ours.cpuUs, down.limit.cpuUs, "2.0")
row("4", "main thread busy, µs ÷ limit", up.ours.mainUs, up.limit.mainUs, "2.0")
row("5", "delivered once, share of events", (up.ours.distinct - up.ours.duplicates) / (n + 4000), null, "1")
row("6", "heap growth over 100,000 events offline, MB", offline.ours.heapMB, null, "2")
row("6", "RSS growth over 100,000 events offline, MB", offline.ours.rssMB, offline.limit.rssMB, "40")
row("13", "wire bytes an event, batches of 100", up.ours.wirePerEvent, null, "46")
row("14", "disk bytes a pending event ÷ its JSON", down.ours.diskPerEvent, JSON.stringify(many(1000)).length / 1000, "1.25")
row("14", "bytes written under load ÷ its JSON", up.ours.writtenPerEvent, JSON.stringify(many(1000)).length / 1000, "5")

const hang = await sink("hang")
const ok = await sink()
const shots = { up: [], silent: [], refused: [] }
for (let i = 0; i < 5; i++) {
  for (const [kind, url] of [["up", ok.url], ["silent", hang.url], ["refused", refused]]) {
    shots[kind].push(await measure("ours", "oneshot", url, 1))
  }
}
const wall = (kind) => median(shots[kind].map((shot) => shot.wallMs))
row("7", "one-shot, endpoint silent, wall ms ÷ up", wall("silent"), wall("up"), "1.15")
row("7", "one-shot, endpoint refused, wall ms ÷ up", wall("refused"), wall("up"), "1.15")
hang.stop()
ok.stop()

const bundle = (input, outfile) =>
  esbuild.build({
    ...input,
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    external: ["better-sqlite3"],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: "error"
  })

const host = path.join(work, "host.mjs")
await bundle({
  stdin: {
    contents: `import * as Effect from "effect/Effect"
import { Telemetry } from "effect-telemetry/Telemetry"
import { TelemetryLive } from "effect-telemetry/node"
globalThis.program = Effect.flatMap(Telemetry, (t) => t.trackFeature("x", true)).pipe(Effect.provide(TelemetryLive))`,
    resolveDir: project
  }
}, host)
const bin = path.join(project, "dist/bin.cjs")
const oneshotOf = (file) => {
  const shot = path.join(work, `shot-${path.basename(file)}.mjs`)
  fs.writeFileSync(shot, `import { create } from ${JSON.stringify(path.join(project, "dist/promise", file))}
const t = await create({ app: { name: "b", version: "1" }, dataDir: ${JSON.stringify(path.join(work, "shot"))}, consent: "granted", level: "full", automatic: false })
t.track("feature_used", { featureName: "x", enabled: true })
await t.close()`)
  return shot
}
// What Node is given by name, and what a bundler is.
const shot = oneshotOf("bundled.js")
// In the project, because the native SQLite stays outside of the bundle and is looked for from where the bundle is.
const bundled = path.join(project, "build/bench-shot.mjs")
await bundle({
  entryPoints: [oneshotOf("index.js")]
}, bundled)
const [none, imported, version, status, oneshot, oneshotBundled] = await cpuOf([
  ["-e", ""],
  [host],
  [bin, "--version"],
  [bin, "status", "--data-dir", path.join(work, "nothing")],
  [shot],
  [bundled]
])
fs.rmSync(bundled)
row("8", "one-shot program, CPU ms ÷ bare node", oneshot, none, "3.7")
row("8", "the same, bundled by its author", oneshotBundled, none, "3.7")
row("9", "a one-line host, bundled, import CPU ms ÷ bare node", imported, none, "3.5")
row("9", "binary --version, CPU ms ÷ bare node", version, none, "3.0")
row("9", "binary status, CPU ms ÷ bare node", status, none, "3.0")

// Longer than the interval of the worker and of the health checks, so that both are in it.
const steadySeconds = 65
const steady = async (perSecond, ...words) => {
  const endpoint = await sink()
  const args = [directory(), endpoint.url, project, String(perSecond), String(steadySeconds), ...words]
  const child = fork(path.join(here, "steady.mjs"), args, { env, execArgv: ["--expose-gc", "--no-memory-reducer"] })
  const [{ share }] = await once(child, "message")
  await once(child, "exit")
  endpoint.stop()
  return share * 100
}
// Those that are compared run at the same time, so that both meet the same machine.
const [idle, idleBare, paced, pacedBare] = await Promise.all([steady(0), steady(0, "bare"), steady(100), steady(100, "bare")])
const [busy, busyBare] = await Promise.all([steady(100, "busy"), steady(100, "busy", "bare")])
row("4a", "% of a core for 100 events a second, all of telemetry and the program's own timer", paced, null, "1")
row("4a", "the same, without the same program that tracks nothing", paced - pacedBare, null, "1")
row("4a", "% of the main thread that a program busy all the time does not get, less without telemetry", busy - busyBare, null, "1")
row("18", "% of a core, idle, queue empty", idle, null, "0.005")
row("18", "the same, without bare node", idle - idleBare, null, "0.005")

const text = (x) => x === null ? "" : Math.abs(x) >= 100 ? x.toFixed(0) : x.toFixed(Math.abs(x) >= 10 ? 1 : 3)
console.log(`\n${n} events, ${rounds} rounds, node ${process.versions.node}, ${os.cpus()[0].model}, ${os.availableParallelism()} cores\n`)
console.log("| # | figure | ours | limit | ratio | must |\n|---|---|---:|---:|---:|---:|")
for (const { limit, must, number, ours, ratio, what } of rows) {
  console.log(`| ${number} | ${what} | ${text(ours)} | ${text(limit)} | ${text(ratio)} | ${must} |`)
}
fs.rmSync(work, { recursive: true, force: true })

console.log("\nThe queue by itself (rows 10 and 11):\n")
const queue = spawn(process.execPath, ["--import", "tsx", path.join(here, "queue.ts"), String(rounds)], { cwd: project, env, stdio: "inherit" })
await once(queue, "exit")
