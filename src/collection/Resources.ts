/**
 * What the program uses of the machine, looked at from time to time.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import * as Policy from "../Policy.js"
import { type Measurement, Performance } from "./Performance.js"

/**
 * What is not known on a platform is left out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Usage {
  /** Bytes of memory the process holds. */
  readonly memory?: number | undefined
  /** Bytes of it that are in use by the program's own objects. */
  readonly heap?: number | undefined
  /** Share of one processor since the last look, in percent; more than 100 where several are busy. */
  readonly cpu?: number | undefined
  /** Milliseconds by which the event loop was late since the last look: of 100 times, 99 were no later. */
  readonly eventLoopDelay?: number | undefined
  /** Bytes over the network since the last look. */
  readonly network?: number | undefined
}

/**
 * Looks at the process. Two looks are never at the same time.
 *
 * @since 0.1.0
 * @category tags
 */
export class ResourceUsage extends Context.Tag("effect-telemetry/collection/ResourceUsage")<
  ResourceUsage,
  { readonly look: Effect.Effect<Usage> }
>() {}

const metrics: ReadonlyArray<readonly [keyof Usage, Measurement["metricName"], Measurement["unit"]]> = [
  ["memory", "resource.memory", "bytes"],
  ["heap", "resource.heap", "bytes"],
  ["cpu", "resource.cpu", "percentage"],
  ["eventLoopDelay", "resource.event_loop_delay", "ms"],
  ["network", "resource.network", "bytes"]
]

/**
 * @since 0.1.0
 * @category conversions
 */
export const measurements = (usage: Usage): ReadonlyArray<Measurement> =>
  metrics.flatMap(([field, metricName, unit]) => {
    const value = usage[field]
    return value === undefined || !Number.isFinite(value) ? [] : [{ metricName, value, unit }]
  })

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default: a minute. */
  readonly interval?: Duration.DurationInput | undefined
}

/**
 * Records `resource.memory`, `resource.heap`, `resource.cpu`, `resource.event_loop_delay` and `resource.network` after every
 * interval, for as long as the scope is open. While telemetry is off it does not look. A session is not kept alive by it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  { interval = Policy.resourceIntervalMillis }: Options = {}
): Layer.Layer<never, never, ResourceUsage | Performance | ConsentGate> =>
  Layer.scopedDiscard(Effect.gen(function*() {
    const gate = yield* ConsentGate
    const performance = yield* Performance
    const usage = yield* ResourceUsage
    const record = Effect.map(usage.look, (found) => {
      for (const measurement of measurements(found)) performance.unsafeRecord(measurement, "passive")
    })
    yield* Effect.sleep(interval).pipe(
      Effect.zipRight(Effect.suspend(() => gate.unsafeCurrent().enabled ? record : Effect.void)),
      Effect.catchAllDefect(() => Effect.void),
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped
    )
  }))
