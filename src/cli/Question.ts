/**
 * A question before something cannot be undone.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { failed } from "./Failure.js"
import { note } from "./Output.js"

/**
 * Goes on after a yes, and fails after anything else. Only for a terminal: elsewhere nobody would answer.
 *
 * @since 0.1.0
 * @category prompts
 */
export const confirmed = (message: string) =>
  Effect.promise(() => import("@effect/cli/Prompt")).pipe(
    Effect.flatMap((Prompt) => Prompt.confirm({ message, initial: false })),
    // The question still stands on its line.
    Effect.catchTag("QuitException", () => Effect.as(note(""), false)),
    Effect.flatMap((yes) => yes ? Effect.void : Effect.fail(failed("Nothing was changed.")))
  )
