/**
 * Errors that nobody caught, recorded and on disk before the process dies of them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Thrown from "../collection/errors/Thrown.js"
import { ErrorTracking } from "../collection/ErrorTracking.js"
import { LastChance } from "../persistence/Sql/Database.js"

/** A program with a listener of its own may well survive. */
const isSurvived = (): boolean =>
  process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback()

const make = Effect.gen(function*() {
  const errors = yield* ErrorTracking
  const runtime = yield* Effect.runtime()

  const monitor = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    const fatal = !isSurvived()
    const record = errors.trackNow({ ...Thrown.describe(error), fatal, severity: "CRITICAL", context: { origin } })
    Runtime.runSyncExit(runtime)(Effect.provideService(record, LastChance, true))
  }

  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("uncaughtExceptionMonitor", monitor)),
    () => Effect.sync(() => process.off("uncaughtExceptionMonitor", monitor))
  )
})

/**
 * Records uncaught exceptions and unhandled rejections for as long as the scope is open. It only looks on: the program's own
 * listeners, what Node prints and the exit code stay as they are. A rejection that a listener of the program's own takes is
 * not seen, because the program handled it.
 *
 * @example
 * import * as Layer from "effect/Layer"
 * import { GlobalErrors, TelemetryLive } from "effect-telemetry/node"
 *
 * export const Live = GlobalErrors.layer.pipe(Layer.provideMerge(TelemetryLive))
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, ErrorTracking> = Layer.scopedDiscard(make)
