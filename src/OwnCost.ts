/**
 * What telemetry itself costs the program it is in: time on the program's own thread. Requests wait, and cost next to none.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

/**
 * - `capture`: taking an event in, a sample of the calls scaled up
 * - `store`: statements and transactions, those of the queue included
 *
 * @since 0.1.0
 * @category models
 */
export type Part = "capture" | "store"

/**
 * Synchronous and free of failure: it stands beside the work of every transaction.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly unsafeAdd: (part: Part, nanos: number) => void
  /** Milliseconds so far. */
  readonly unsafeSpent: () => Readonly<Record<Part, number>>
}

/**
 * Without a layer nothing is counted.
 *
 * @since 0.1.0
 * @category references
 */
export class OwnCost extends Context.Reference<OwnCost>()("effect-telemetry/OwnCost", {
  defaultValue: (): Service => ({ unsafeAdd: () => {}, unsafeSpent: () => ({ capture: 0, store: 0 }) })
}) {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Service => {
  const nanos = { capture: 0, store: 0 }
  return {
    unsafeAdd: (part, more) => {
      nanos[part] += more
    },
    unsafeSpent: () => ({ capture: nanos.capture / 1e6, store: nanos.store / 1e6 })
  }
}

/**
 * As `status` shows it. The two times are nanoseconds of one clock.
 *
 * @since 0.1.0
 * @category conversions
 */
export const share = (
  spent: Readonly<Record<Part, number>>,
  openedAt: bigint,
  now: bigint,
  buffered: { readonly events: number; readonly bytes: number }
) => {
  const elapsed = Number(now - openedAt) / 1e6
  return {
    captureMs: spent.capture,
    storeMs: spent.store,
    share: elapsed > 0 ? (spent.capture + spent.store) / elapsed : null,
    bufferedEvents: buffered.events,
    bufferedBytes: buffered.bytes
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<OwnCost> = Layer.sync(OwnCost, make)
