import * as Effect from "effect/Effect"
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import type { ConsentRecord } from "../../src/domain/Consent.js"
import * as Directories from "../../src/node/Directories.js"

/** A directory of its own, removed with the scope. */
export const temporary = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "et-node-"))),
  (directory) => Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true }))
)

export const modeOf = (file: string): number => fs.lstatSync(file).mode & 0o777

/** The service for a data directory that is named outright. */
export const at = (dataDir: string): Directories.Service =>
  Directories.make({ appName: "ax", dataDir, platform: process.platform, variables: {} })

export const granted = (at: number): ConsentRecord => ({
  version: 1,
  state: "granted",
  epochs: [{
    id: "0197f3c2-0000-4000-8000-000000000001",
    policyVersion: 1,
    level: "basic",
    remote: false,
    origin: null,
    grantedAt: at,
    remoteEndedAt: null
  }],
  optedOutAt: null,
  remoteOptedOutAt: null,
  installationId: null,
  hashKey: null,
  noticeShownAt: null,
  erasures: []
})

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a program of `test/node/programs` in a process of its own. */
export const start = (
  name: string,
  args: ReadonlyArray<string>,
  options: SpawnOptions & { readonly nodeArgs?: ReadonlyArray<string> } = {}
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
  const { nodeArgs = [], ...rest } = options
  const program = path.join(import.meta.dirname, "programs", `${name}.ts`)
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href
  const child = spawn(process.execPath, ["--import", tsx, ...nodeArgs, program, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    ...rest
  })
  let stdout = ""
  let stderr = ""
  child.stdout?.on("data", (chunk) => {
    stdout += chunk
  })
  child.stderr?.on("data", (chunk) => {
    stderr += chunk
  })
  return {
    child,
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr })))
  }
}
