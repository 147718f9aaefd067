/**
 * What a command may know of where it runs: is somebody looking, how wide is the window, what comes in.
 *
 * @since 0.1.0
 */
import { Terminal } from "@effect/platform/Terminal"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { isatty } from "node:tty"
import { noColor } from "../Environment.js"
import { failed, type Failure } from "./Failure.js"
import type { Style } from "./render/table.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** A question can be asked and answered: standard input and output are both a terminal. */
  readonly interactive: boolean
  /** Standard error is a terminal: progress may be shown there. */
  readonly progress: boolean
  readonly style: Style
  /** Standard input, line by line, without line ends. */
  readonly lines: Stream.Stream<string, Failure>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Shell extends Context.Tag("effect-telemetry/cli/Shell")<Shell, Service>() {}

const lines = Stream.unwrap(
  Effect.map(
    Effect.promise(() => import("@effect/platform-node/NodeStream")),
    ({ stdin }) =>
      stdin.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.mapError(() => failed("Standard input could not be read."))
      )
  )
)

/**
 * Looks at the process it runs in. Colours are for a terminal and for nobody who has set `NO_COLOR`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const detect: Effect.Effect<Service> = Effect.gen(function*() {
  const out = isatty(1)
  const terminal = yield* Effect.serviceOption(Terminal)
  const columns = out && Option.isSome(terminal) ? yield* terminal.value.columns : 0
  return {
    interactive: out && isatty(0),
    progress: isatty(2),
    style: { color: out && !(yield* noColor), columns: columns > 0 ? columns : null },
    lines
  }
})
