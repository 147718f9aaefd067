/**
 * Errors that a program logs, as `error_occurred`: beside its other loggers, and by the ordinary path, so that level and
 * redaction hold for them as for any event.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { ConsentGate } from "../../consent/ConsentGate.js"
import * as CauseErrors from "../errors/CauseErrors.js"
import * as CauseSummary from "../errors/CauseSummary.js"
import { ErrorTracking, type Input } from "../ErrorTracking.js"
import * as LogText from "./LogText.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The lowest level that is recorded. Default: `LogLevel.Error`. */
  readonly minimum?: LogLevel.LogLevel | undefined
}

/** What a log without an error is called. */
const logged = "LoggedError"

const describe = (options: Logger.Logger.Options<unknown>): Input => {
  const { text } = LogText.make(options.message)
  const error = CauseSummary.make(options.cause)
  return {
    errorType: error?.errorType ?? logged,
    message: [text, error?.message ?? ""].filter((part) => part !== "").join(": "),
    stack: error?.stack,
    context: LogText.annotations(options),
    fatal: LogLevel.greaterThanEqual(options.logLevel, LogLevel.Fatal)
  }
}

/**
 * Records a log at or above `minimum`. With a cause the error is taken from it: a defect before a failure, a failure before an
 * interruption, and what was only interrupted is no error. An error that was captured or logged before is not recorded again.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Logger.Logger<unknown, void>, never, ErrorTracking | ConsentGate> =>
  Effect.gen(function*() {
    const errors = yield* ErrorTracking
    const gate = yield* ConsentGate
    const minimum = options.minimum ?? LogLevel.Error
    return Logger.make((log) => {
      if (!gate.unsafeCurrent().enabled || LogLevel.lessThan(log.logLevel, minimum)) return
      try {
        if (CauseSummary.make(log.cause)?.kind === "interrupted") return
        errors.unsafeTrack(describe(log), CauseErrors.all(log.cause).map(({ error }) => error))
      } catch {
        // What was logged cannot be read. A logger that throws would end the fiber that logs.
      }
    })
  })

/**
 * Adds the logger to those in force.
 *
 * @example
 * import * as Layer from "effect/Layer"
 * import * as ErrorLogger from "effect-telemetry/collection/instruments/ErrorLogger"
 * import { TelemetryLive } from "effect-telemetry/node"
 *
 * export const MainLive = ErrorLogger.layer().pipe(Layer.provideMerge(TelemetryLive))
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<never, never, ErrorTracking | ConsentGate> =>
  Layer.unwrapEffect(Effect.map(make(options), Logger.add))
