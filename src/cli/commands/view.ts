/**
 * `view`: the local panel in a browser.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { failed, type Failure, misused } from "../Failure.js"
import type { Flags } from "../Host.js"
import { note, print } from "../Output.js"
import { clean } from "../render/text.js"
import { serve } from "../view/View.js"

const unable = (port: number, message: string): Failure =>
  failed(
    port === 0
      ? `The panel cannot listen on 127.0.0.1: ${clean(message)}`
      : `The panel cannot listen on port ${port}: choose another with --port, or leave it out for a free one.`
  )

/**
 * Until it is told to stop.
 *
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & { readonly port: number | undefined }) =>
  Effect.gen(function*() {
    const port = flags.port ?? 0
    if (port < 0 || port > 65_535) return yield* misused("--port must be from 0 to 65535.")
    const listening = yield* Effect.mapError(serve(flags, port), ({ message }) => unable(port, message))
    yield* print(flags, { listening }, () => listening)
    if (!flags.json) yield* note("Open this address in a browser; nobody else has it. Ctrl-C ends it.")
    return yield* Effect.never
  }).pipe(Effect.scoped)
