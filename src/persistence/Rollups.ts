/**
 * Hourly sums of what was recorded, written in the same transaction as the events (`EventStore.append`) and kept when those
 * are gone: statistics over months cost no rescan, and say the same before and after retention.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Rollup } from "../domain/Rollup.js"
import type { EventContext, RedactedEvent } from "../domain/TelemetryEvent.js"
import type { AppendGroup } from "./EventStore.js"
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
 * How long a row is. Days are in UTC; reading days costs a fraction of reading their hours.
 *
 * @since 0.1.0
 * @category models
 */
export type Grain = "hour" | "day"

/**
 * The length of a row in milliseconds.
 *
 * @since 0.1.0
 * @category constants
 */
export const grainMillis: Readonly<Record<Grain, number>> = { hour: 3_600_000, day: 86_400_000 }

/**
 * Times are milliseconds since the epoch. Rows are never cut: every one that overlaps `from` (included) to `to` (not
 * included) counts as a whole.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReadRequest {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly type?: string | undefined
  /** Default: hour. */
  readonly grain?: Grain | undefined
  /** Only rows after this place; 0 for the start. */
  readonly after: number
  readonly limit: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SealRequest {
  /** Windows that end at this time or earlier. Milliseconds since the epoch. */
  readonly before: number
  readonly limit: number
  /** Is what was recorded in this context still granted for sending? If not, its window goes without being sent. */
  readonly mayBeSent: (context: EventContext) => boolean
  /** What is committed with the events that the windows become. */
  readonly group: (events: ReadonlyArray<RedactedEvent>) => Omit<AppendGroup, "events">
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
  /** The next rows, oldest first, at most `limit`. */
  readonly read: (request: ReadRequest) => Effect.Effect<ReadonlyArray<StoredRollup>, StoreError>
  /**
   * Sums up one portion of the events that were recorded before there were rollups, and gives how many. 0 when there are
   * no more, and then it has written nothing.
   */
  readonly catchUp: (
    fold: (events: ReadonlyArray<RedactedEvent>) => ReadonlyArray<Rollup>
  ) => Effect.Effect<number, StoreError>
  /** Turns windows that are over into events, recorded and queued at once, and gives how many windows went. */
  readonly seal: (request: SealRequest) => Effect.Effect<number, StoreError>
  /** Removes the days that end at `before` or earlier, and gives how many hours of a series went. */
  readonly expire: (before: number) => Effect.Effect<number, StoreError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Rollups extends Context.Tag("effect-telemetry/persistence/Rollups")<Rollups, Service>() {}
