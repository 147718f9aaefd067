/**
 * `export`: everything stored, as a stream: memory does not grow with what is stored.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { Telemetry } from "../../Telemetry.js"
import * as EventOutput from "../EventOutput.js"
import { type Flags, withTelemetry } from "../Host.js"
import * as Range from "../Range.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends EventOutput.Options {
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
    yield* EventOutput.check(flags)
    const filter = yield* Range.filter(flags)
    const count = yield* Effect.flatMap(
      Telemetry,
      (telemetry) => EventOutput.write(flags, telemetry.export(filter))
    ).pipe(withTelemetry(flags))
    yield* EventOutput.report(flags, count)
  })
