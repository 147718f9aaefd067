/**
 * The binary.
 *
 * @since 0.1.0
 */
import process from "node:process"
import { version } from "../internal/version.js"

const argv = process.argv.slice(2)

const exit = (code: number): void => {
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
  void import("./Run.js").then(({ start }) => {
    const stop = start(argv, exit, process.stdout.isTTY ? { columns: process.stdout.columns } : {})
    process.once("SIGINT", () => stop("SIGINT"))
    process.once("SIGTERM", () => stop("SIGTERM"))
  })
}
