/**
 * The binary.
 *
 * @since 0.1.0
 */
import process from "node:process"
import { version } from "../internal/version.js"

const argv = process.argv.slice(2)

let isStopped = false

const exit = (code: number): void => {
  // Whoever stops us does not wait for a reader that does not read.
  if (isStopped) process.exit(code)
  process.exitCode = code
  process.stdout.write("", () => process.exit(code))
}

if (argv.length === 1 && argv[0] === "--version") {
  process.stdout.write(version + "\n")
} else {
  // A reader that has seen enough, such as `head`, closes the pipe.
  process.stdout.on("error", () => process.exit(0))
  process.stderr.on("error", () => {})
  // Telemetry keeps no process alive; a command is alive until it has ended.
  setInterval(() => {}, 2 ** 31 - 1)
  // No top-level await: the bundle is CommonJS, in which Node's own modules are loaded when they are needed and not before.
  const running = import("./Run.js").then(({ start }) =>
    start(argv, exit, process.stdout.isTTY ? { columns: process.stdout.columns } : {})
  )
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      isStopped = true
      void running.then((stop) => stop(signal))
    })
  }
}
