/**
 * What a program logs as `log_recorded` events: durable, and with the ids of the span it was logged in.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { ConsentGate } from "../../consent/ConsentGate.js"
import type * as EventDefinition from "../../domain/EventDefinition.js"
import { LogRecorded } from "../../domain/events/Signals.js"
import { Collector } from "../Collector.js"
import * as CauseSummary from "../errors/CauseSummary.js"
import * as LogText from "../instruments/LogText.js"
import * as Declared from "./Declared.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The lowest level that is recorded. Default: `LogLevel.Info`. */
  readonly minimum?: LogLevel.LogLevel | undefined
}

type Line = EventDefinition.Data<typeof LogRecorded>

const severityOf = (level: LogLevel.LogLevel): Line["severity"] => {
  if (LogLevel.greaterThanEqual(level, LogLevel.Fatal)) return "FATAL"
  if (LogLevel.greaterThanEqual(level, LogLevel.Error)) return "ERROR"
  if (LogLevel.greaterThanEqual(level, LogLevel.Warning)) return "WARN"
  if (LogLevel.greaterThanEqual(level, LogLevel.Info)) return "INFO"
  return LogLevel.greaterThanEqual(level, LogLevel.Debug) ? "DEBUG" : "TRACE"
}

const spanOf = (refs: FiberRefs.FiberRefs): Tracer.AnySpan | undefined =>
  Option.getOrUndefined(
    Context.getOption(FiberRefs.getOrDefault(refs, FiberRef.currentContext), Tracer.ParentSpan)
  )

const line = (log: Logger.Logger.Options<unknown>): Line => {
  const { text, values } = LogText.make(log.message)
  const error = CauseSummary.make(log.cause)
  const annotations = LogText.annotations(log)
  const span = spanOf(log.context)
  return {
    severity: severityOf(log.logLevel),
    message: text,
    arguments: values.length === 0 ? undefined : values,
    attributes: Object.keys(annotations).length === 0 ? undefined : annotations,
    traceId: span?.traceId,
    spanId: span?.spanId,
    errorType: error?.errorType,
    errorMessage: error?.message,
    stack: error?.stack
  }
}

/**
 * Needs `events: Signals.all`. The text is recorded at level enhanced, redacted and cut; values and annotations at full.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<never, never, Collector | ConsentGate> =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const collector = yield* Collector
    const gate = yield* ConsentGate
    yield* Declared.warn(LogRecorded)
    const minimum = options.minimum ?? LogLevel.Info
    return Logger.add(Logger.make((log) => {
      if (!gate.unsafeCurrent().enabled || LogLevel.lessThan(log.logLevel, minimum)) return
      try {
        collector.unsafeTrack(LogRecorded, line(log))
      } catch {
        // What was logged cannot be read. A logger that throws would end the fiber that logs.
      }
    }))
  }))
