/**
 * `collector erase`: what somebody asks of whoever runs the collector.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import { misused } from "../Failure.js"
import { type Flags, Host } from "../Host.js"
import { print } from "../Output.js"
import { confirmed } from "../Question.js"
import { plural } from "../render/text.js"
import { Shell } from "../Shell.js"
import { type Database, withTables } from "./collector.js"
import * as Subject from "./collectorSubject.js"

/** The same as the request of a program, done before the answer is given. */
const erase = (flags: Flags & Options) =>
  withTables(flags, (collector) =>
    Effect.gen(function*() {
      const erasure = yield* collector.Erasure.make
      const requestId = Crypto.randomUUID()
      const sessionIds = flags.session === undefined ? [] : [flags.session]
      const named = flags.installation === undefined
        ? { sessionIds }
        : { installationId: flags.installation, sessionIds }
      yield* erasure.request({ requestId, ...named }, flags.app ?? null)
      yield* erasure.run
      const receipt = yield* erasure.receipt(requestId)
      return { requestId, events: receipt?.erased ?? 0 }
    }))

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends Database, Subject.Options {
  readonly app: string | undefined
  readonly yes: boolean
}

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & Options) =>
  Effect.gen(function*() {
    yield* Subject.check(flags)
    if (flags.installation === undefined && flags.session === undefined) {
      return yield* misused("--installation ID or --session ID says whose events are erased.")
    }
    if (!flags.yes) {
      const { invocation } = yield* Host
      if (!(yield* Shell).interactive || flags.json) {
        return yield* misused(`This erases events for good. To go on: "${invocation} collector erase … --yes".`)
      }
      yield* confirmed("Erase all that came from there?")
    }
    const erased = yield* erase(flags)
    yield* print(flags, erased, () => `Erased: ${plural(erased.events, "event")} (receipt ${erased.requestId})`)
  })
