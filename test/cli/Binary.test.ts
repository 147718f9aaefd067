import { describe, expect, it } from "@effect/vitest"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { version } from "../../src/internal/version.js"

const root = path.resolve(import.meta.dirname, "../..")
const manifest: { readonly bin: Readonly<Record<string, string>> } = JSON.parse(
  fs.readFileSync(path.join(root, "package.json"), "utf8")
)
const binary = path.join(root, manifest.bin["effect-telemetry"] ?? "")

const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    name !== "CI" && name !== "DO_NOT_TRACK" && !/^(TELEMETRY|COLLECTOR)_/.test(name)
  )
)

const inDirectory = async (use: (dir: string) => Promise<void>): Promise<void> => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "et-cli-"))
  try {
    await use(path.join(dir, "data"))
  } finally {
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

const start = (argv: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, [binary, ...argv], { env: clean, stdio: ["pipe", "pipe", "pipe"] })

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on("close", (code) => resolve(code)))

const firstLine = (stream: NodeJS.ReadableStream | null): Promise<string> =>
  new Promise((resolve) => {
    let text = ""
    stream?.on("data", (chunk) => {
      text += String(chunk)
      if (text.includes("\n")) resolve(text.split("\n")[0]!)
    })
  })

/** A pipe that takes nothing more, as that of a reader that does not read. */
const fullPipe = (file: string): number => {
  spawnSync("mkfifo", [file])
  const pipe = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)
  for (const size of [4096, 1]) {
    try {
      for (;;) fs.writeSync(pipe, "x".repeat(size))
    } catch (error) {
      expect(error).toMatchObject({ code: "EAGAIN" })
    }
  }
  return pipe
}

const run = (argv: ReadonlyArray<string>, input = "") =>
  spawnSync(process.execPath, [binary, ...argv], { encoding: "utf8", env: clean, input })

describe("the binary", () => {
  it("says its version", () => {
    expect(run(["--version"]).stdout).toBe(`${version}\n`)
  })

  it("creates nothing before consent, whatever is asked", () =>
    inDirectory(async (dir) => {
      for (
        const argv of [["status"], ["queue"], ["stats"], ["export"], ["clear", "--yes"], ["config"], ["submit"], [
          "track",
          "feature_used",
          "--data",
          "{}"
        ]]
      ) {
        run([...argv, "--data-dir", dir])
        expect([argv, fs.existsSync(dir)]).toEqual([argv, false])
      }
    }))

  it("keeps to one document through consent, tracking, looking and opting out", () =>
    inDirectory(async (dir) => {
      const json = (...argv: ReadonlyArray<string>) => {
        const ran = run([...argv, "--data-dir", dir, "--json"])
        expect([argv, ran.status, ran.stderr]).toEqual([argv, 0, ""])
        return JSON.parse(ran.stdout)
      }
      expect(json("enable")).toMatchObject({ enabled: true, reason: "consented", level: "basic", remote: false })
      expect(json("track", "feature_used", "--data", "{\"featureName\":\"x\"}", "--count", "700")).toEqual(
        { tracked: 700, dropped: 0 }
      )
      expect(json("stats").rows).toMatchObject([{ eventType: "feature_used", count: 700 }])
      expect(json("export")).toHaveLength(700)
      expect(json("clear", "--yes")).toMatchObject({ events: 700 })
      expect(json("disable")).toMatchObject({ enabled: false, reason: "opted-out" })
    }))

  it("goes quietly when its reader has seen enough", () => {
    const ran = spawnSync("bash", [
      "-c",
      `"$0" "$1" catalog | head -n 1; echo "\${PIPESTATUS[0]}"`,
      process.execPath,
      binary
    ], {
      encoding: "utf8",
      env: clean
    })
    expect([ran.stderr, ran.stdout.trim().split("\n").at(-1)]).toEqual(["", "0"])
  })

  it("reads the key from a standard input that stays open, and ends", () =>
    inDirectory(async (dir) => {
      const child = start(["enable", "--api-key-stdin", "--data-dir", dir, "--json"])
      child.stdin?.write("sk-1\n")
      expect(await ended(child)).toBe(0)
    }))

  it("ends when a signal comes, though nobody reads what it has written", () =>
    inDirectory(async (dir) => {
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 0]] as const) {
        const full = fullPipe(`${dir}-${signal}`)
        const server = spawn(process.execPath, [binary, "collector", "serve", "--port", "0", "--data-dir", dir], {
          env: clean,
          stdio: ["ignore", full, "pipe"]
        })
        // What it says here comes after what it says there.
        await firstLine(server.stderr)
        server.kill(signal)
        expect([signal, await ended(server)]).toEqual([signal, code])
        fs.closeSync(full)
      }
    }))

  it("ends a command with the code of the signal, and a server with 0", () =>
    inDirectory(async (dir) => {
      run(["enable", "--data-dir", dir])
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
        const tail = start(["debug", "tail", "--data-dir", dir])
        await firstLine(tail.stderr)
        run(["track", "feature_used", "--data", "{\"featureName\":\"x\"}", "--data-dir", dir])
        expect(JSON.parse(await firstLine(tail.stdout))).toMatchObject({ eventType: "feature_used" })
        tail.kill(signal)
        expect([signal, await ended(tail)]).toEqual([signal, code])
      }
      const server = start(["collector", "serve", "--port", "0", "--data-dir", dir])
      const { listening } = JSON.parse(await firstLine(server.stdout))
      expect((await fetch(`${listening}/readyz`)).status).toBe(200)
      server.kill("SIGTERM")
      expect(await ended(server)).toBe(0)
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 0]] as const) {
        const panel = start(["view", "--json", "--data-dir", `${dir}-nothing`])
        const { listening } = JSON.parse(await firstLine(panel.stdout))
        expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/)
        expect(await (await fetch(listening)).text()).toContain("recording off")
        expect((await fetch(new URL("/", listening))).status).toBe(403)
        panel.kill(signal)
        expect([signal, await ended(panel)]).toEqual([signal, code])
        expect(fs.existsSync(`${dir}-nothing`)).toBe(false)
      }
    }))
})
