/**
 * `collector export`: the raw events of a collector, all or somebody's.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as EventOutput from "../EventOutput.js"
import { failed } from "../Failure.js"
import type { Flags } from "../Host.js"
import * as Range from "../Range.js"
import { clean } from "../render/text.js"
import { type Database, withTables } from "./collector.js"
import * as Subject from "./collectorSubject.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends EventOutput.Options, Database, Subject.Options {
  readonly app: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly type: string | undefined
}

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & Options) =>
  Effect.gen(function*() {
    const { app, installation, session } = flags
    yield* EventOutput.check(flags)
    yield* Subject.check(flags)
    const range = yield* Range.filter(flags)
    const count = yield* withTables(flags, ({ EventExport }) =>
      EventOutput.write(
        flags,
        Stream.mapError(
          EventExport.events({ ...range, app, installation, session }),
          (error) => failed(clean(error.message))
        )
      ))
    yield* EventOutput.report(flags, count)
  })
