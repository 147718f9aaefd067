/**
 * What goes to standard output and what goes beside it.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Flags } from "./Host.js"
import { json } from "./render/text.js"
import type { Service as ShellService } from "./Shell.js"
import { Shell } from "./Shell.js"

/**
 * The one result of a command: a JSON document for programs, text for people. Nothing is printed for empty text.
 *
 * @since 0.1.0
 * @category output
 */
export const print = (
  flags: Flags,
  document: unknown,
  human: (shell: ShellService) => string
): Effect.Effect<void, never, Shell> =>
  flags.json
    ? Console.log(json(document))
    : Effect.flatMap(Shell, (shell) => {
      const text = human(shell)
      return text === "" ? Effect.void : Console.log(text)
    })

/**
 * A remark for a person, on standard error: never a part of the result.
 *
 * @since 0.1.0
 * @category output
 */
export const note = (text: string): Effect.Effect<void> => Console.error(text)
