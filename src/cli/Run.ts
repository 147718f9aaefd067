/**
 * Runs a command line to its exit code: 0 done, 1 failed, 2 bad usage, 3 done in part.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { version } from "../internal/version.js"
import * as CommandLine from "./CommandLine.js"
import * as Completions from "./Completions.js"
import { Failure, messageOf } from "./Failure.js"
import * as Grammar from "./Grammar.js"
import * as Help from "./Help.js"
import * as Host from "./Host.js"
import { clean } from "./render/text.js"
import { detect, type Service as ShellService, Shell } from "./Shell.js"

const name = "effect-telemetry"

/**
 * What a test replaces.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly layer?: Host.Service["layer"] | undefined
  readonly shell?: ShellService | undefined
  /** How wide the window is, where the program knows it before anything is loaded that could tell. */
  readonly columns?: number | undefined
}

const app = { name, version }

const colors = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g")

/** The parser's help and complaints carry colours wherever they go; without a terminal they are taken out. */
const plainConsole = (inner: Console.Console): Console.Console => {
  const strip = (args: ReadonlyArray<unknown>) =>
    args.map((arg) => typeof arg === "string" && arg.includes("\u001b") ? arg.replace(colors, "") : arg)
  return {
    ...inner,
    log: (...args) => inner.log(...strip(args)),
    error: (...args) => inner.error(...strip(args))
  }
}

/** The parser's help knows a command by its last word; a person types them all. */
const fullyNamed = (inner: Console.Console, words: ReadonlyArray<string>): Console.Console => ({
  ...inner,
  log: (...args) =>
    inner.log(
      ...args.map((arg) =>
        typeof arg === "string" ? arg.replace(`$ ${words.at(-1)} `, `$ ${[name, ...words].join(" ")} `) : arg
      )
    )
})

const wide = (shell: ShellService, columns: number | undefined): ShellService =>
  columns === undefined || columns <= 0 ? shell : { ...shell, style: { ...shell.style, columns } }

/** `status` without the parser: it is asked often, and by scripts. */
const status = (line: CommandLine.CommandLine, host: Host.Service, shell: ShellService) => {
  const dataDir = line.options.get("data-dir")
  return Effect.flatMap(
    Effect.promise(() => import("./commands/status.js")),
    (command) => command.run({ json: line.options.has("json"), dataDir: dataDir === true ? undefined : dataDir })
  ).pipe(Effect.provideService(Host.Host, host), Effect.provideService(Shell, shell))
}

const parsed = (argv: ReadonlyArray<string>, layer: Options["layer"], shell: ShellService) =>
  Effect.flatMap(
    Effect.promise(() => import("./Parser.js")),
    (parser) => parser.run({ name, version, layer, shell, argv })
  )

const fail = (message: string, code: number) => Effect.as(Console.error(clean(message)), code)

const toCode = (cause: Cause.Cause<unknown>): Effect.Effect<number> => {
  const squashed = Cause.squash(cause)
  if (squashed instanceof Failure) return fail(squashed.message, squashed.exitCode)
  if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
  return fail(`Something unexpected happened: ${messageOf(squashed)}`, 1)
}

/**
 * `argv` is what follows the program's name. Never fails; everything a person should know is on standard error.
 *
 * @since 0.1.0
 * @category running
 */
export const run = (argv: ReadonlyArray<string>, options: Options = {}): Effect.Effect<number> =>
  Effect.gen(function*() {
    const shell = options.shell ?? wide(yield* detect, options.columns)
    const host = Host.make({ app, layer: options.layer }, name)
    const line = CommandLine.read(argv)
    if ("_tag" in line) return yield* fail(`${line.message} "${name} --help" lists everything.`, 2)
    const node = Grammar.find(line.words)
    const asks = [...line.options.keys()].filter((option) => Object.hasOwn(Grammar.builtIn, option))
    const isGroup = node !== undefined && Object.keys(node.children).length > 0
    if (node !== undefined && isGroup && (asks.length === 0 || asks.includes("help"))) {
      yield* Console.log(Help.text(name, line.words, node, shell.style))
      return asks.length === 0 ? 2 : 0
    }
    const shellName = line.options.get("completions")
    if (shellName === "bash" || shellName === "sh") {
      return yield* Effect.as(Console.log(Completions.bash(name, Grammar.root)), 0)
    }
    if (shellName === "zsh") return yield* Effect.as(Console.log(Completions.zsh(name, Grammar.root)), 0)
    if (asks.includes("version")) return yield* Effect.as(Console.log(version), 0)
    if (asks.includes("wizard") && !shell.interactive) return yield* fail("--wizard needs a terminal.", 2)
    const isStatus = line.words.join(" ") === "status" && line.args.length === 0 && asks.length === 0
    const effect = isStatus
      ? Effect.as(status(line, host, shell), 0)
      : parsed(CommandLine.toArgv(line), options.layer, shell)
    const outer = yield* Effect.console
    const inner = asks.includes("help") ? fullyNamed(outer, line.words) : outer
    return yield* effect.pipe(
      Effect.withConsole(shell.style.color ? inner : plainConsole(inner)),
      Effect.catchAllCause(toCode)
    )
  })

/**
 * The exit code of a run that a signal has ended. A server that is told to stop has done what it should.
 *
 * @since 0.1.0
 * @category running
 */
export const codeOfSignal = (argv: ReadonlyArray<string>, signal: "SIGINT" | "SIGTERM"): number => {
  const line = CommandLine.read(argv)
  const serves = "words" in line && ["collector serve", "view"].includes(line.words.join(" "))
  return signal === "SIGINT" ? 130 : serves ? 0 : 143
}

/**
 * Starts a run; gives what ends it early. For the entry point of a program.
 *
 * @since 0.1.0
 * @category running
 */
export const start = (
  argv: ReadonlyArray<string>,
  onExit: (code: number) => void,
  options: Options = {}
): (signal: "SIGINT" | "SIGTERM") => void => {
  let signalled: number | null = null
  const fiber = Effect.runFork(run(argv, options))
  fiber.addObserver((exit) => onExit(signalled ?? (Exit.isSuccess(exit) ? exit.value : 1)))
  return (signal) => {
    signalled = codeOfSignal(argv, signal)
    // It has ended, and its output has not.
    if (fiber.unsafePoll() !== null) return onExit(signalled)
    Effect.runFork(Fiber.interruptFork(fiber))
  }
}
