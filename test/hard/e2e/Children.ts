/** Real processes over the built package, with an environment that does not switch telemetry off. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

export const programs = path.join(import.meta.dirname, "programs")

export const temporary = (): string => fs.mkdtempSync(path.join(os.tmpdir(), "et-hard-"))

export interface Child {
  readonly process: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly ms: number }>
  readonly out: () => string
  readonly err: () => string
  /** Resolves when standard output holds `text`; fails when the process ends without it. */
  readonly says: (text: string) => Promise<void>
}

/** The environment of the tests, without what switches telemetry off or sets it up. */
export const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      name !== "CI" && name !== "DO_NOT_TRACK" && name !== "VITEST" && !name.startsWith("TELEMETRY_")
    )
  )

export const start = (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
  { cwd, input = "", open = false }: { readonly cwd?: string; readonly input?: string; readonly open?: boolean } = {}
): Child => {
  const began = performance.now()
  const child = spawn(command, args, { env: { ...environment(), ...env }, stdio: "pipe", cwd })
  child.stdin.on("error", () => {})
  if (!open) child.stdin.end(input)
  let out = ""
  let err = ""
  const listeners = new Set<() => void>()
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString()
    listeners.forEach((listener) => listener())
  })
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString()
  })
  const ended = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    ms: performance.now() - began
  }))
  return {
    process: child,
    ended,
    out: () => out,
    err: () => err,
    says: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!out.includes(text)) return
          listeners.delete(check)
          resolve()
        }
        listeners.add(check)
        check()
        void ended.then(({ code, signal }) => {
          if (!out.includes(text)) reject(new Error(`ended (${code ?? signal}) without saying "${text}": ${err}`))
        })
      })
  }
}

export const node = (program: string, env: Readonly<Record<string, string>> = {}): Child =>
  start(process.execPath, [path.join(programs, program)], env)

export const acknowledged = (file: string): ReadonlyArray<string> => {
  if (!fs.existsSync(file)) return []
  const text = fs.readFileSync(file, "utf8")
  // A line that the kill cut short was acknowledged all the same only if it is whole.
  return text.slice(0, text.lastIndexOf("\n") + 1).split("\n").filter((name) => name !== "")
}
