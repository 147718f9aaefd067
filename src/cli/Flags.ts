/**
 * The options of every command, and how they come down from the words before.
 *
 * @since 0.1.0
 */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Failure, misused } from "./Failure.js"
import * as Grammar from "./Grammar.js"
import type { Flags } from "./Host.js"

/**
 * An option that may be left out.
 *
 * @since 0.1.0
 * @category options
 */
export const maybe = <A>(options: Options.Options<A>): Options.Options<A | undefined> =>
  Options.map(Options.optional(options), Option.getOrUndefined)

/**
 * @since 0.1.0
 * @category options
 */
export const flag = (name: string, description: string): Options.Options<boolean> =>
  Options.withDescription(Options.boolean(name), description)

/**
 * An option with a text that may be left out.
 *
 * @since 0.1.0
 * @category options
 */
export const text = (name: string, placeholder: string, description: string): Options.Options<string | undefined> =>
  maybe(Options.text(name).pipe(Options.withPseudoName(placeholder), Options.withDescription(description)))

/**
 * @since 0.1.0
 * @category options
 */
export const common = {
  json: flag("json", "One JSON document on standard output, remarks on standard error."),
  dataDir: text("data-dir", "DIR", "Where everything is kept, in place of the platform's data directory.")
}

/**
 * Which events a command is about.
 *
 * @since 0.1.0
 * @category options
 */
export const range = {
  from: text("from", "TIME", "Recorded from then on: 2026-11-20, 2026-11-20T08:00Z, or 7d for a week ago."),
  to: text("to", "TIME", "Recorded before then."),
  type: text("type", "TYPE", "Of this type.")
}

/**
 * How events are written, and where.
 *
 * @since 0.1.0
 * @category options
 */
export const eventOutput = {
  format: maybe(
    Options.choice("format", ["json", "ndjson", "csv"]).pipe(Options.withDescription("json by default."))
  ),
  output: text("output", "FILE", "Write to a new file, readable by its owner only."),
  force: flag("force", "Replace a file that is there.")
}

/** What was given before the words of a subcommand. */
class Inherited extends Context.Reference<Inherited>()("effect-telemetry/cli/Inherited", {
  defaultValue: (): Flags => ({ json: false, dataDir: undefined })
}) {}

/**
 * The flags of a command together with those given before its words.
 *
 * @since 0.1.0
 * @category combinators
 */
export const resolve = <A extends Flags>(given: A): Effect.Effect<A, Failure> =>
  Effect.flatMap(
    Inherited,
    (before) =>
      before.dataDir !== undefined && given.dataDir !== undefined && before.dataDir !== given.dataDir
        ? misused("--data-dir was given twice, with different directories.")
        : Effect.succeed({ ...given, json: given.json || before.json, dataDir: given.dataDir ?? before.dataDir })
  )

/**
 * Hands the flags of a group of commands down to its members.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withInherited = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  given: Flags
): Effect.Effect<A, E | Failure, R> =>
  Effect.flatMap(resolve(given), (flags) => Effect.provideService(effect, Inherited, flags))

/**
 * Runs a command whose module is loaded only now.
 *
 * @since 0.1.0
 * @category combinators
 */
export const lazily = <G extends Flags, M, A, E, R>(
  given: G,
  load: () => Promise<M>,
  use: (module: M, flags: G) => Effect.Effect<A, E, R>
): Effect.Effect<void, E | Failure, R> =>
  Effect.flatMap(
    resolve(given),
    (flags) => Effect.flatMap(Effect.promise(load), (module) => Effect.asVoid(use(module, flags)))
  )

/**
 * The description of a command, by its words.
 *
 * @since 0.1.0
 * @category combinators
 */
export const described = (words: string) =>
  Command.withDescription(Grammar.find(words.split(" ").filter((word) => word !== ""))?.about ?? "")
