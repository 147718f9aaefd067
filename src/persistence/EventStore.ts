/**
 * Where recorded events are kept until retention or the person removes them.
 *
 * Each verb is one transaction. None wraps an effect of the caller: the browser's store commits at the first foreign await.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Ledger from "../domain/Ledger.js"
import type { Level } from "../domain/Level.js"
import type { Rollup } from "../domain/Rollup.js"
import type { Window } from "../domain/RollupWindow.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import type { StoreError } from "./StoreError.js"

/**
 * What is committed together: the events, one queue entry each and destination, and the counts that belong to them.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendGroup {
  readonly events: ReadonlyArray<RedactedEvent>
  /** The active destinations. An event whose epoch is not granted for sending is entered as `withheld`. */
  readonly destinations: ReadonlyArray<string>
  /** Offered, filtered and dropped since the last commit. `recorded` is added by the store itself. */
  readonly counts: Ledger.Delta<Exclude<Ledger.CaptureTerm, "recorded">>
  /** At most this many waiting entries a destination; the oldest ones that are not leased make room. */
  readonly queueLimit: number
  /** What the events add to the rollups; nothing by default. */
  readonly rollups?: ReadonlyArray<Rollup> | undefined
  /** Types whose events do not leave: they are entered as `withheld`. None by default. */
  readonly keptBack?: ReadonlySet<string> | undefined
  /** What the events add to the windows that leave in their place; nothing by default. */
  readonly windows?: ReadonlyArray<Window> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface AppendResult {
  readonly recorded: number
  /** Entries that made room, over all destinations. */
  readonly overflowed: number
  /** Waiting entries (pending and retrying) of the fullest destination after the commit. */
  readonly waiting: number
}

/**
 * An event as it is kept, with its place in the order of recording.
 *
 * @since 0.1.0
 * @category models
 */
export interface StoredEvent {
  readonly seq: number
  readonly event: RedactedEvent
}

/**
 * Times are milliseconds since the epoch; `from` is included, `to` is not.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventFilter {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly type?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ReadRequest extends EventFilter {
  /** Only events after this place; 0 for the start. */
  readonly after: number
  readonly limit: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface StoreSize {
  readonly events: number
  /** Bytes on disk, write-ahead log included; 0 where nothing is on disk. */
  readonly bytes: number
  /** Capture time of the oldest event. */
  readonly oldest: number | null
}

/**
 * What retention may remove: events captured before `before`, and the oldest ones beyond `maxBytes`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExpireRequest {
  readonly before: number | null
  readonly maxBytes: number | null
  /** Rows a transaction, so that none is long. */
  readonly limit: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Is there a store already? Asking never opens or creates one: while telemetry is off, nothing else is asked first. */
  readonly exists: Effect.Effect<boolean>
  /** Opens the store now, so that later commits run without a turn of the event loop in between. */
  readonly warm: Effect.Effect<void, StoreError>
  /** Commits one group. When it returns, the group is on disk. */
  readonly append: (group: AppendGroup) => Effect.Effect<AppendResult, StoreError>
  /** The next events in the order of recording, at most `limit`. */
  readonly read: (request: ReadRequest) => Effect.Effect<ReadonlyArray<StoredEvent>, StoreError>
  readonly size: Effect.Effect<StoreSize, StoreError>
  readonly ledger: Effect.Effect<Ledger.Snapshot, StoreError>
  /** Damaged stores that this one took the place of: how many since it was opened, and the names of those still kept. */
  readonly damaged: Effect.Effect<{ readonly setAside: number; readonly kept: ReadonlyArray<string> }>
  /** Removes events, their queue entries, counted as `cleared`, and the rollups, and gives the space back. */
  readonly clear: Effect.Effect<{ readonly events: number; readonly queue: number }, StoreError>
  /** Removes one portion of what retention no longer keeps; waiting entries are counted as `expired`. */
  readonly expire: (request: ExpireRequest) => Effect.Effect<{ readonly removed: number }, StoreError>
  /**
   * After the level was lowered: every event that waits in a queue and was captured above `level` goes through `lower`,
   * which gives the data that may stay, or null when the event may not. Events dropped are counted as `level`.
   */
  readonly relevel: (
    level: Level,
    lower: (event: RedactedEvent) => RedactedEvent | null
  ) => Effect.Effect<{ readonly changed: number; readonly dropped: number }, StoreError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class EventStore extends Context.Tag("effect-telemetry/persistence/EventStore")<EventStore, Service>() {}
