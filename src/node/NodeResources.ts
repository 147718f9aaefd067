/**
 * What a process of Node uses: memory, processor, and how late its event loop is.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { monitorEventLoopDelay } from "node:perf_hooks"
import type { Performance } from "../collection/Performance.js"
import * as Resources from "../collection/Resources.js"
import type { ConsentGate } from "../consent/ConsentGate.js"
import * as UnrefClock from "./UnrefClock.js"

/** The event loop is asked so often whether it is late; that much is no delay. */
const resolutionMillis = 20

/**
 * Watches the event loop for as long as the scope is open; that does not keep the process alive. Network traffic is not
 * known to Node.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerUsage: Layer.Layer<Resources.ResourceUsage> = Layer.scoped(
  Resources.ResourceUsage,
  Effect.gen(function*() {
    const delay = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const histogram = monitorEventLoopDelay({ resolution: resolutionMillis })
        histogram.enable()
        return histogram
      }),
      (histogram) => Effect.sync(() => histogram.disable())
    )
    const clock = yield* Effect.clock
    let seen = { at: clock.unsafeCurrentTimeNanos(), cpu: process.cpuUsage() }
    return {
      look: Effect.sync(() => {
        const at = clock.unsafeCurrentTimeNanos()
        const { system, user } = process.cpuUsage(seen.cpu)
        const elapsed = Number(at - seen.at) / 1e3
        const { heapUsed, rss } = process.memoryUsage()
        const late = delay.percentile(99) / 1e6 - resolutionMillis
        delay.reset()
        seen = { at, cpu: process.cpuUsage() }
        return {
          memory: rss,
          heap: heapUsed,
          cpu: elapsed > 0 ? (user + system) / elapsed * 100 : undefined,
          eventLoopDelay: Math.max(0, late)
        }
      })
    }
  })
)

/**
 * {@link Resources.layer} on Node: to add to telemetry. It does not keep the process alive.
 *
 * @example
 * import * as Layer from "effect/Layer"
 * import * as Performance from "effect-telemetry/collection/Performance"
 * import { NodeResources, TelemetryLive } from "effect-telemetry/node"
 *
 * export const Live = NodeResources.layer({ interval: "5 minutes" }).pipe(
 *   Layer.provideMerge(Performance.layer),
 *   Layer.provideMerge(TelemetryLive)
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Resources.Options = {}): Layer.Layer<never, never, Performance | ConsentGate> =>
  UnrefClock.within(Layer.provide(Resources.layer(options), layerUsage))
