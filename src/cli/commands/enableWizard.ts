/**
 * The questions of `enable` on a terminal.
 *
 * @since 0.1.0
 */
import * as Prompt from "@effect/cli/Prompt"
import * as Effect from "effect/Effect"
import type { Level } from "../../domain/Level.js"
import { failed } from "../Failure.js"
import { type Flags, withTelemetry } from "../Host.js"
import { note } from "../Output.js"
import type { Consent } from "./enable.js"
import * as Notice from "./notice.js"

const level = Prompt.select<Level>({
  message: "How much may be recorded on this machine?",
  choices: [
    { title: "basic", value: "basic", description: "Names and numbers: no text that was typed, no installation id." },
    {
      title: "enhanced",
      value: "enhanced",
      description: "As well, what was typed and error messages, redacted and cut."
    },
    { title: "full", value: "full", description: "As well, stacks, contexts and breadcrumbs, redacted." }
  ]
})

const remote = Prompt.confirm({ message: "May it be sent to the authors?", initial: false })

const endpoint = Prompt.text({ message: "Endpoint (leave empty to keep the configured one)" })

/**
 * Shows the notice, and asks.
 *
 * @since 0.1.0
 * @category prompts
 */
export const ask = (flags: Flags) =>
  Effect.gen(function*() {
    yield* note(yield* Notice.text.pipe(withTelemetry(flags)))
    const chosen = yield* level
    const sends = yield* remote
    const url = sends ? (yield* endpoint).trim() : ""
    const answers: Consent = {
      level: chosen,
      remote: sends,
      endpoint: url === "" ? undefined : url,
      noticeShown: true
    }
    return answers
  }).pipe(Effect.catchTag(
    "QuitException",
    () => Effect.zipRight(note(""), Effect.fail(failed("Nothing was changed.")))
  ))
