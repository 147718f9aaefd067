/**
 * Hourly sums of what was recorded, written in the same transaction as the events (`EventStore.append`) and kept when those
 * are gone: statistics over months cost no rescan, and say the same before and after retention.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Rollup } from "../domain/Rollup.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import type { StoreError } from "./StoreError.js"

/**
 * One hour of one series, with its place in the order of hours.
 *
 * @since 0.1.0
 * @category models
 */
export interface StoredRollup {
  readonly place: number
  readonly rollup: Rollup
}

/**
 * Times are milliseconds since the epoch. Hours are never cut: every one that overlaps `from` (included) to `to` (not
 * included) counts as a whole.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReadRequest {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly type?: string | undefined
  /** Only rows after this place; 0 for the start. */
  readonly after: number
  readonly limit: number
}

/**
 * The dimension that stands for all values beyond `Policy.maxDimensions`.
 *
 * @since 0.1.0
 * @category constants
 */
export const otherDimensions = "(other)"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The next rows, oldest hour first, at most `limit`. */
  readonly read: (request: ReadRequest) => Effect.Effect<ReadonlyArray<StoredRollup>, StoreError>
  /**
   * Sums up one portion of the events that were recorded before there were rollups, and gives how many. 0 when there are
   * no more, and then it has written nothing.
   */
  readonly catchUp: (
    fold: (events: ReadonlyArray<RedactedEvent>) => ReadonlyArray<Rollup>
  ) => Effect.Effect<number, StoreError>
  /** Removes the hours before `before`, and gives how many rows went. */
  readonly expire: (before: number) => Effect.Effect<number, StoreError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Rollups extends Context.Tag("effect-telemetry/persistence/Rollups")<Rollups, Service>() {}
