/** Children of the demo: started with a clean environment, their output at hand, none left behind. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"

/** CI, DO_NOT_TRACK and TELEMETRY_* would switch off what the demo is there to show: its children do without. */
const cleanEnvironment = (extra: Readonly<Record<string, string>>): Record<string, string> => {
  const out: Record<string, string> = { ...extra }
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || name in out) continue
    if (name === "CI" || name === "DO_NOT_TRACK" || name.startsWith("TELEMETRY_") || name.startsWith("COLLECTOR_")) {
      continue
    }
    out[name] = value
  }
  return out
}

const children = new Set<ChildProcess>()
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")))

export interface Child {
  readonly pid: number
  readonly output: () => string
  readonly errors: () => string
  /** Resolves with the first line of standard output that `test` likes; fails when the process ends before. */
  readonly line: (test: (line: string) => boolean) => Promise<string>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<number | NodeJS.Signals>
}

export const start = (
  args: ReadonlyArray<string>,
  options: {
    readonly env?: Readonly<Record<string, string>>
    readonly input?: string
    readonly onLine?: (line: string) => void
  } = {}
): Child => {
  const child = spawn(process.execPath, args, { env: cleanEnvironment(options.env ?? {}), stdio: "pipe" })
  children.add(child)
  let out = ""
  let err = ""
  let seen = 0
  const waiting = new Set<() => void>()
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString()
    for (const line of out.slice(seen).split("\n").slice(0, -1)) {
      seen += line.length + 1
      options.onLine?.(line)
    }
    waiting.forEach((check) => check())
  })
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString()
  })
  child.stdin.on("error", () => {})
  child.stdin.end(options.input ?? "")
  const ended = once(child, "close").then(([code, signal]) => {
    children.delete(child)
    return (code ?? signal) as number | NodeJS.Signals
  })
  return {
    pid: child.pid ?? -1,
    output: () => out,
    errors: () => err,
    line: (test) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = out.split("\n").slice(0, -1).find(test)
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
        void ended.then((code) =>
          reject(new Error(`a process ended (${code}) before it said what was expected:\n${err || out}`))
        )
      }),
    kill: (signal) => {
      child.kill(signal)
    },
    ended
  }
}

/** Runs to the end; fails unless the exit code is among `allowed`. */
export const run = async (
  args: ReadonlyArray<string>,
  options: Parameters<typeof start>[1] & { readonly allowed?: ReadonlyArray<number> } = {}
): Promise<string> => {
  const child = start(args, options)
  const code = await child.ended
  if (typeof code !== "number" || !(options.allowed ?? [0]).includes(code)) {
    throw new Error(`"${args.slice(1).join(" ")}" ended with ${code}:\n${child.errors() || child.output()}`)
  }
  return child.output()
}
