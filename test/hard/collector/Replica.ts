/** Collectors as real processes over the built binary. */
import * as Path from "node:path"
import * as Children from "../e2e/Children.js"

const binary = Path.join(import.meta.dirname, "../../../dist/bin.cjs")

export const cli = async (args: ReadonlyArray<string>): Promise<string> => {
  const child = Children.start(process.execPath, [binary, ...args])
  const { code } = await child.ended
  if (code !== 0) throw new Error(`${args.join(" ")}: ${child.err()}`)
  return child.out()
}

export const createKey = async (database: string, role: "ingest" | "read" | "admin"): Promise<string> =>
  JSON.parse(await cli(["collector", "keys", "create", "--role", role, "--database", database, "--json"])).key

export interface Replica {
  readonly url: string
  readonly child: Children.Child
  /** Does it run that job? null: it does not answer. */
  readonly runs: (job: string) => Promise<boolean | null>
  readonly metric: (sample: string) => Promise<number | null>
  readonly kill: () => Promise<void>
}

export const start = async (database: string, env: Readonly<Record<string, string>> = {}): Promise<Replica> => {
  const child = Children.start(process.execPath, [
    binary,
    "collector",
    "serve",
    "--port",
    "0",
    "--database",
    database
  ], env)
  await child.says("\n")
  const url: string = JSON.parse(child.out()).listening
  const metric = async (sample: string): Promise<number | null> => {
    try {
      const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2_000) })
      const line = (await response.text()).split("\n").find((one) => one.startsWith(`${sample} `))
      return line === undefined ? null : Number(line.slice(sample.length + 1))
    } catch {
      return null
    }
  }
  return {
    url,
    child,
    metric,
    runs: async (job) => {
      const here = await metric(`collector_job_here{job="${job}"}`)
      return here === null ? null : here === 1
    },
    kill: async () => {
      child.process.kill("SIGKILL")
      await child.ended
    }
  }
}

/** Waits for a condition, looking again and again; what it was waited for is in the failure. */
export const eventually = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  seconds = 60
): Promise<void> => {
  const end = performance.now() + seconds * 1_000
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
