/**
 * How long a page is busy while telemetry is loaded, in Chromium without a debugger: by the browser's own `longtask` entries,
 * and, in loads of their own, by the processor time in its start-up trace.
 *
 *     node scratchpad/bench/loading.mjs [one|split|DIRECTORY] [loads] [entry]
 *
 * `one` bundles the page into one file, `split` as bundlers that split do; a directory is what another bundler has made,
 * with an `index.html`. The page says `data-ready` on its root element when telemetry runs.
 */
import * as esbuild from "esbuild"
import { spawn } from "node:child_process"
import fs from "node:fs"
import http from "node:http"
import os from "node:os"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "../..")
const [how = "split", loads = "9", entry = "test/hard/browser/page.ts"] = process.argv.slice(2)

const types = { ".js": "text/javascript", ".html": "text/html" }

/** Before everything else of the page; it answers once the page has been at rest for a while. */
const watch = `<script>{
  const long = []
  new PerformanceObserver((all) => { for (const { duration } of all.getEntries()) long.push(duration) })
    .observe({ type: "longtask", buffered: true })
  const timer = setInterval(() => {
    if (document.documentElement.dataset.ready === undefined) return
    clearInterval(timer)
    const ready = performance.now()
    setTimeout(() => fetch("/done", { method: "POST", body: JSON.stringify({ long, ready }) }), 600)
  }, 20)
}</script>`

const bundled = async (splitting) => {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { app: entry },
    bundle: true,
    splitting,
    write: false,
    outdir: "/",
    format: "esm",
    target: "es2022",
    minify: true,
    alias: { "effect-telemetry": path.join(root, "src") }
  })
  return new Map(outputFiles.map((file) => [file.path, file.text]))
}

const made = (directory) =>
  new Map(
    fs.readdirSync(directory, { recursive: true })
      .filter((name) => path.extname(name) in types)
      .map((name) => [`/${name}`, fs.readFileSync(path.join(directory, name), "utf8")])
  )

const files = how === "one" || how === "split" ? await bundled(how === "split") : made(how)

let done = () => {}
const server = http.createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://page")
  if (request.method === "POST") {
    let body = ""
    for await (const part of request) body += part
    response.writeHead(202, { "content-type": "application/json" }).end("{}")
    if (pathname === "/done") done(JSON.parse(body))
    return
  }
  const script = pathname === "/" ? undefined : files.get(pathname)
  if (script !== undefined) return response.writeHead(200, { "content-type": types[path.extname(pathname)] }).end(script)
  if (pathname !== "/") return response.writeHead(404).end()
  const page = files.get("/index.html") ??
    `<!doctype html><html lang="en"><title>page</title><script type="module" src="/app.js"></script></html>`
  const html = page.replace(/<html[^>]*>/, `<html lang="en" data-endpoint="${url}/v1/events" data-key="k">${watch}`)
  response.writeHead(200, { "content-type": "text/html" }).end(html)
})
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const url = `http://127.0.0.1:${server.address().port}`

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** A browser of its own for each load, so that no code is cached. */
const load = async (flags, after) => {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "loading-"))
  const told = new Promise((resolve) => {
    done = resolve
  })
  const quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
  const browser = spawn("/usr/bin/chromium", [...quiet, `--user-data-dir=${profile}`, ...flags(profile), url], {
    stdio: "ignore"
  })
  const gone = new Promise((resolve) => browser.on("exit", resolve))
  try {
    return await after(await told, profile)
  } finally {
    browser.kill("SIGKILL")
    await gone
    await pause(500)
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const figures = (values) => `${median(values).toFixed(0)} (${values.map((value) => value.toFixed(0)).join(" ")})`

const plain = []
for (let i = 0; i < Number(loads); i++) plain.push(await load(() => [], (told) => told))

/** Milliseconds of processor time of the tasks of the page's main thread, longest first. */
const tasksOf = (events) => {
  const mains = new Set(
    events.filter(({ args, name }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) =>
      `${pid} ${tid}`
    )
  )
  const whole = events.filter(({ ph, pid, tid }) => ph === "X" && mains.has(`${pid} ${tid}`))
  const ours = new Set(whole.filter(({ args }) => args?.data?.url?.startsWith(url)).map(({ pid }) => pid))
  return whole.filter(({ name, pid }) => name === "RunTask" && ours.has(pid))
    .map(({ tdur = 0 }) => tdur / 1_000).sort((a, b) => b - a)
}

const categories = "-*,devtools.timeline,disabled-by-default-devtools.timeline"
const traced = []
for (let i = 0; i < Number(loads); i++) {
  const file = (profile) => path.join(profile, "trace.json")
  const flags = (profile) => [
    `--trace-startup=${categories}`,
    "--trace-startup-format=json",
    "--trace-startup-duration=6",
    `--trace-startup-file=${file(profile)}`
  ]
  traced.push(
    await load(flags, async (_, profile) => {
      for (let tries = 0; tries < 100; tries++) {
        await pause(200)
        try {
          return tasksOf(JSON.parse(fs.readFileSync(file(profile), "utf8")).traceEvents)
        } catch {
          // It is not written yet.
        }
      }
      throw new Error("the browser has written no trace")
    })
  )
}

console.log(`${how}, ${files.size} files, ${loads} loads: medians, and each`)
console.log("longest task by the clock, ms", figures(plain.map(({ long }) => Math.max(0, ...long))), "(0: none over 50)")
console.log("until telemetry runs, ms", figures(plain.map(({ ready }) => ready)))
console.log("longest task, ms of processor time", figures(traced.map(([longest]) => longest)))
console.log("all tasks, ms of processor time", figures(traced.map((tasks) => tasks.reduce((sum, one) => sum + one, 0))))
console.log("load of the machine", os.loadavg().map((value) => value.toFixed(1)).join(" "))
server.closeAllConnections()
server.close()
