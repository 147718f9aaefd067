/**
 * Seals the windows of what is sent as sums only: when their hour is over, at the start and whenever somebody submits. What is
 * no longer covered by the consent is let go of instead; it stays in the local statistics.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import * as Level from "../domain/Level.js"
import * as Rollup from "../domain/Rollup.js"
import { Rollups } from "../persistence/Rollups.js"
import type { StoreError } from "../persistence/StoreError.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Seals what is due and gives how many windows that were. Nothing while telemetry is off. */
  readonly seal: Effect.Effect<number, StoreError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Sealing extends Context.Tag("effect-telemetry/scheduling/Sealing")<Sealing, Service>() {}

const make = Effect.gen(function*() {
  const config = yield* Config
  const gate = yield* ConsentGate
  const rollups = yield* Rollups
  const rollupsOf = Rollup.folder((type) => config.events.find((event) => event.type === type))

  const seal: Service["seal"] = Effect.gen(function*() {
    const effective = yield* gate.refresh
    if (!effective.enabled) return 0
    const before = (yield* Clock.currentTimeMillis) - Policy.windowGraceMillis
    let total = 0
    while (true) {
      const sealed = yield* rollups.seal({
        before,
        limit: Policy.maxGroupSize,
        mayBeSent: ({ epoch, level }) => {
          const granted = effective.sendable.get(epoch)
          return granted !== undefined && Level.includes(granted.level, level) && Level.includes(effective.level, level)
        },
        group: (events) => ({
          destinations: config.destinations,
          counts: { offered: events.length },
          queueLimit: config.queueLimit,
          rollups: rollupsOf(events)
        })
      })
      total += sealed
      if (sealed < Policy.maxGroupSize) return total
      yield* Effect.yieldNow()
    }
  })

  return Sealing.of({ seal: Effect.withTracerEnabled(seal, false) })
})

/** Until a moment after the hour. */
const untilDue = Effect.map(
  Clock.currentTimeMillis,
  (now) => Rollup.hourOf(now - Policy.windowGraceMillis) + Rollup.hourMillis + Policy.windowGraceMillis - now
)

/**
 * With a timer of its own only where something is sent as sums.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Sealing, never, Config | ConsentGate | Rollups> = Layer.scoped(
  Sealing,
  Effect.gen(function*() {
    const sealing = yield* make
    const { aggregate } = yield* Config
    if (aggregate.length > 0) {
      yield* sealing.seal.pipe(
        Effect.catchAllCause((cause) => Effect.logDebug("telemetry: windows were not sealed", cause)),
        Effect.zipRight(Effect.flatMap(untilDue, Effect.sleep)),
        Effect.forever,
        Effect.interruptible,
        Effect.forkScoped
      )
    }
    return sealing
  })
)
