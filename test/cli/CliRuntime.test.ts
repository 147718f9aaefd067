import { beforeAll, describe, expect, it } from "@effect/vitest"
import { build } from "esbuild"
import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

const at = (relative: string) => path.join(import.meta.dirname, relative)
const program = at("../../build/test/mounted.cjs")

beforeAll(() =>
  build({
    entryPoints: [at("programs/mounted.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["better-sqlite3"],
    logLevel: "warning"
  })
)

const inDirectory = async (use: (dataDir: string) => unknown): Promise<void> => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "et-mounted-"))
  try {
    await use(directory)
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

const environment = (dataDir: string) => ({ PATH: process.env["PATH"], TELEMETRY_DATA_DIR: dataDir })

const table: ReadonlyArray<readonly [words: string, code: number, out: RegExp, error: RegExp]> = [
  ["build", 0, /^built\n$/, /^$/],
  ["telemetry status", 0, /^Telemetry {2}off/, /^$/],
  ["telemetry status --help", 0, /USAGE/, /^$/],
  ["telemetry submit", 1, /^$/, /^Nothing was sent: .*\n$/],
  ["telemetry clear", 2, /^$/, /^This erases events for good\. .*\n$/],
  ["telemetry queue why", 2, /^$/, /^.*Missing argument <ID>.*\n+$/],
  ["broken", 1, /ERROR[^]*out of range/, /^$/]
]

describe("a command line with telemetry's commands in it", () => {
  for (const [words, code, out, error] of table) {
    it(`ends with ${code} and says it once: ${words}`, () =>
      inDirectory((dataDir) => {
        const env = environment(dataDir)
        const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...words.split(" ")], {
          encoding: "utf8",
          env
        })
        expect(stdout).toMatch(out)
        expect(stderr).toMatch(error)
        expect(status).toBe(code)
      }))
  }

  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    it(`ends with ${code} after ${signal}`, () =>
      inDirectory(async (dataDir) => {
        const child = spawn(process.execPath, [program, "wait"], { env: environment(dataDir) })
        child.stdout.once("data", () => child.kill(signal))
        expect(await new Promise((resolve) => child.once("close", resolve))).toBe(code)
      }))
  }
})
