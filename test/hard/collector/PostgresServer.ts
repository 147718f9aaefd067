/** A Postgres of the test's own, in a directory of its own and on a port of its own, to be stopped and started at will. */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"

const root = "/usr/lib/postgresql"

/** Of the newest version that is installed. */
const binary = (name: string): string => {
  const [version] = Fs.readdirSync(root).filter((one) => Fs.existsSync(Path.join(root, one, "bin", "initdb")))
    .toSorted((a, b) => Number(b) - Number(a))
  if (version === undefined) throw new Error(`no Postgres under ${root}`)
  return Path.join(root, version, "bin", name)
}

const isRoot = process.getuid?.() === 0

/** Postgres refuses to run as root. */
const run = (command: string, args: ReadonlyArray<string>): string => {
  const [program, all] = isRoot ? ["runuser", ["-u", "postgres", "--", command, ...args]] : [command, args]
  return execFileSync(program!, all, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], cwd: Os.tmpdir() })
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = Net.createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

export interface PostgresServer {
  readonly port: number
  readonly url: (database: string) => string
  readonly create: (database: string) => string
  /** The rows of a query, fields separated by `|`. */
  readonly query: (database: string, text: string) => ReadonlyArray<string>
  /** Runs a statement in a transaction that stays open until it is released. */
  readonly hold: (database: string, text: string) => Promise<{ readonly release: () => void }>
  readonly start: () => void
  /** As if its machine had lost power: nothing is written, connections are cut. */
  readonly crash: () => void
  readonly remove: () => void
  /** Runs one of its programs, such as `pg_dump`, against it. */
  readonly run: (program: string, args: ReadonlyArray<string>) => string
}

export const make = async (): Promise<PostgresServer> => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "collector-pg-"))
  const data = Path.join(directory, "data")
  const port = await freePort()
  if (isRoot) execFileSync("chown", ["postgres", directory])
  run(binary("initdb"), ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8"])
  const settings = [
    `-p ${port}`,
    "-c listen_addresses=127.0.0.1",
    `-c unix_socket_directories=${directory}`,
    "-c max_connections=200"
  ]
  const ctl = (...args: ReadonlyArray<string>) => run(binary("pg_ctl"), ["-D", data, "-w", ...args])
  const start = () => {
    ctl("-l", Path.join(directory, "log"), "-o", settings.join(" "), "start")
  }
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  const psql = (database: string, text: string): ReadonlyArray<string> =>
    execFileSync(binary("psql"), ["-XAtq", url(database), "-c", text], {
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024
    }).split("\n").filter((line) => line !== "")
  start()
  return {
    port,
    url,
    create: (database) => {
      psql("postgres", `CREATE DATABASE ${database}`)
      return url(database)
    },
    query: psql,
    hold: async (database, text) => {
      const session = spawn(binary("psql"), ["-XAtq", url(database)], { stdio: ["pipe", "pipe", "inherit"] })
      session.stdin.write(`BEGIN; ${text}; SELECT 'held';\n`)
      await once(session.stdout, "data")
      return { release: () => session.stdin.end("COMMIT;\n") }
    },
    start,
    crash: () => {
      ctl("-m", "immediate", "stop")
    },
    remove: () => {
      try {
        ctl("-m", "immediate", "stop")
      } catch {
        // It was stopped already.
      }
      Fs.rmSync(directory, { recursive: true, force: true })
    },
    run: (program, args) =>
      execFileSync(binary(program), ["-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres", ...args], {
        encoding: "utf8",
        maxBuffer: 256 * 1024 * 1024
      })
  }
}
