/**
 * What another process was told: a program that is off looks at the consent record from time to time, so that it need not be
 * started again after `enable`. Nothing else is looked at, and nothing is written.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Reason } from "../domain/Consent.js"
import { Config } from "../TelemetryConfig.js"
import { ConsentGate, until } from "./ConsentGate.js"

/** What a new record would change. All else is decided once, at the start, by environment, project and program. */
const byRecord: ReadonlySet<Reason> = new Set(["not-asked", "opted-out", "unreadable", "policy-changed"])

/**
 * Looks after every `interval` of the configuration while the record is what keeps telemetry off. While it is on there is no
 * timer: every commit and every submission looks anyway, and stops at once after `disable`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, ConsentGate | Config> = Layer.scopedDiscard(Effect.gen(function*() {
  const gate = yield* ConsentGate
  const { interval } = yield* Config
  const step = Effect.suspend((): Effect.Effect<unknown> => {
    const current = gate.unsafeCurrent()
    const changed = until(gate, (now) => now !== current)
    return !current.enabled && byRecord.has(current.reason)
      ? Effect.raceFirst(changed, Effect.zipRight(Effect.sleep(interval), gate.refresh))
      : changed
  })
  yield* step.pipe(Effect.forever, Effect.interruptible, Effect.forkScoped)
}))
