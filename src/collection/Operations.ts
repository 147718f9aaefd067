/**
 * Effects that tell how long they took and how they ended. They give and fail as before.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { ConsentGate } from "../consent/ConsentGate.js"
import { CommandExecuted, PerformanceMeasured, ProviderCall } from "../domain/EventCatalog.js"
import { Collector } from "./Collector.js"
import * as Ending from "./performance/Ending.js"

/**
 * Calls `record` with the end of the effect and its length in milliseconds by the monotonic clock. While telemetry is off
 * the effect runs as it is.
 *
 * @since 0.1.0
 * @category combinators
 */
export const timed =
  <A, E>(record: (collector: Collector["Type"], exit: Exit.Exit<A, E>, duration: number) => void) =>
  <R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Collector | ConsentGate> =>
    Effect.flatMap(ConsentGate, (gate) => {
      if (!gate.unsafeCurrent().enabled) return self
      return Effect.flatMap(Collector, (collector) =>
        Effect.clockWith((clock) => {
          const begun = clock.unsafeCurrentTimeNanos()
          return Effect.onExit(self, (exit) =>
            Effect.sync(() => record(collector, exit, Number(clock.unsafeCurrentTimeNanos() - begun) / 1e6)))
        }))
    })

/**
 * Records `performance_measured` under this name; its context says, as `exit`, how it ended and, as `errorType`, the tag of its error.
 *
 * @example
 * import * as Effect from "effect/Effect"
 * import { operation } from "effect-telemetry/collection/Operations"
 *
 * export const build = Effect.sleep("20 millis").pipe(operation("build"))
 *
 * @since 0.1.0
 * @category combinators
 */
export const operation = (metricName: string, context?: Readonly<Record<string, unknown>>) =>
<A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Collector | ConsentGate> =>
  timed<A, E>((collector, exit, value) => {
    collector.unsafeTrack(PerformanceMeasured, {
      metricName,
      value,
      unit: "ms",
      // Read by the encoder, at the level that keeps it, where a context that cannot be read is counted.
      get context() {
        return { ...context, ...Ending.of(exit) }
      }
    })
  })(self)

/**
 * @since 0.1.0
 * @category models
 */
export interface CommandOptions {
  /** Of these only the names of flags are kept. */
  readonly args?: ReadonlyArray<string> | undefined
  /** Default: 0, 1 for an error, 130 for an interruption. */
  readonly exitCode?: ((exit: Exit.Exit<unknown, unknown>) => number) | undefined
}

const codeOf = ({ exitCode }: CommandOptions, exit: Exit.Exit<unknown, unknown>): number => {
  try {
    return exitCode?.(exit) ?? Ending.exitCode(Ending.of(exit))
  } catch {
    return Ending.exitCode(Ending.of(exit))
  }
}

/**
 * Records `command_executed`; its error is the tag, never the message. For any effect whose name you know; around a whole
 * command line of `@effect/cli`, `CommandTelemetry.instrument` finds the name and calls this.
 *
 * @since 0.1.0
 * @category combinators
 */
export const command = (name: string, options: CommandOptions = {}) =>
<A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Collector | ConsentGate> =>
  timed<A, E>((collector, exit, duration) => {
    collector.unsafeTrack(CommandExecuted, {
      command: name,
      args: options.args ?? [],
      duration,
      exitCode: codeOf(options, exit),
      error: Ending.errorTag(Ending.of(exit))
    })
  })(self)

/**
 * Records `provider_call`. An interrupted call, as by a time-out, is no success; its tag is `Interrupted`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const providerCall =
  (provider: string) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Collector | ConsentGate> =>
    timed<A, E>((collector, exit, duration) => {
      const ending = Ending.of(exit)
      collector.unsafeTrack(ProviderCall, {
        provider,
        success: ending.exit === "success",
        duration,
        errorTag: Ending.errorTag(ending)
      })
    })(self)
