/**
 * The durable queue between the store and the destinations. Entries are claimed in batches under a lease; a batch keeps its
 * identity (and so its idempotency key) for as long as it is the same events.
 *
 * Times are milliseconds since the epoch, passed in by the caller: the store never looks at a clock of its own.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { DestinationState } from "../domain/Destination.js"
import type * as Ledger from "../domain/Ledger.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import type { StoreError } from "./StoreError.js"

/**
 * Who holds a lease or the right to submit: a random id for each process, with the process id where there is one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Owner {
  readonly id: string
  readonly pid: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ClaimRequest {
  readonly destination: string
  readonly owner: Owner
  readonly now: number
  /** When the lease ends unless it is renewed. */
  readonly leaseUntil: number
  /** At most this many events, at least 1. */
  readonly limit: number
  /** At most this many bytes of event data, unless the first event alone has more. */
  readonly maxBytes: number
  /** The key of a new batch, should one be made. */
  readonly newKey: string
  /**
   * Leases whose process is known to be gone are taken back at once, without waiting for their end. A lease of `owner`
   * itself never counts as gone.
   */
  readonly isGone: (pid: number) => boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ClaimedEvent {
  readonly seq: number
  /** How often the endpoint has refused this event for now. */
  readonly attempts: number
  readonly event: RedactedEvent
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ClaimedBatch {
  readonly id: number
  readonly destination: string
  /** The idempotency key: the same for as long as the batch is the same events. */
  readonly key: string
  /** How often this batch, or the one it was split from, has drawn a 500. */
  readonly faults: number
  /** Oldest first. */
  readonly events: ReadonlyArray<ClaimedEvent>
}

/**
 * What becomes of one claimed entry.
 *
 * - `Delivered`: the endpoint has it; the entry goes, the event stays until retention
 * - `Release`: back to its place, as if it had not been claimed; no attempt is charged
 * - `Retry`: refused for now; one attempt more, due again at `dueAt`
 * - `Bury`: a dead letter, kept and listed
 * - `Withhold`: its consent for sending is gone; it stays stored and never leaves
 *
 * @since 0.1.0
 * @category models
 */
export type Verdict =
  | { readonly _tag: "Delivered" }
  | { readonly _tag: "Release" }
  | { readonly _tag: "Retry"; readonly dueAt: number; readonly error: string }
  | { readonly _tag: "Bury"; readonly error: string }
  | { readonly _tag: "Withhold" }

/**
 * Figures about submissions that are kept over restarts, as amounts to add.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatsDelta {
  readonly requests?: number
  readonly failedRequests?: number
  readonly networkErrors?: number
  readonly submitted?: number
  readonly rejected?: number
  /** Events whose attempt failed, whoever's fault it was. */
  readonly failed?: number
  readonly retries?: number
  readonly bytes?: number
  /** Milliseconds from request to answer, one for each answered request. */
  readonly latencyMs?: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Stats {
  readonly requests: number
  readonly failedRequests: number
  readonly networkErrors: number
  readonly submitted: number
  readonly rejected: number
  readonly failed: number
  readonly retries: number
  readonly bytes: number
  readonly latencySumMs: number
  readonly latencyCount: number
  /** Latency as log-bucket counts (`domain/Histogram`). */
  readonly latency: ReadonlyArray<readonly [bucket: number, count: number]>
}

/**
 * Before the first request.
 *
 * @since 0.1.0
 * @category constants
 */
export const noStats: Stats = {
  requests: 0,
  failedRequests: 0,
  networkErrors: 0,
  submitted: 0,
  rejected: 0,
  failed: 0,
  retries: 0,
  bytes: 0,
  latencySumMs: 0,
  latencyCount: 0,
  latency: []
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Settlement {
  readonly batch: ClaimedBatch
  readonly owner: Owner
  readonly now: number
  /** Exactly one for each claimed entry, by `seq`. */
  readonly verdicts: ReadonlyMap<number, Verdict>
  /**
   * How released entries stay together: each group is a batch of its own, with its key, at its place. Released entries in
   * no group are free to be batched anew. The whole batch as one group under its own key keeps it as it is.
   */
  readonly groups: ReadonlyArray<
    { readonly key: string; readonly seqs: ReadonlyArray<number>; readonly faults: number }
  >
  readonly state: DestinationState
  readonly stats: StatsDelta
  /** Where a request went, when there was one: an origin, or null where nothing left the machine. */
  readonly place?: string | null | undefined
}

/**
 * One request that was made: what went where, when, and how it ended. Of the newest {@link maxRequests} of a destination;
 * written with what became of the batch.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestRecord {
  /** Milliseconds since the epoch, of the answer. */
  readonly at: number
  readonly place: string | null
  /** The idempotency key of the batch. */
  readonly key: string
  readonly events: number
  /** Places of its first and its last event. */
  readonly first: number
  readonly last: number
  /** Bytes of body that went out. */
  readonly bytes: number
  readonly accepted: number
  readonly rejected: number
  readonly error: string | null
}

/**
 * @since 0.1.0
 * @category constants
 */
export const maxRequests = 1_000

/**
 * What is known of one stored event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Life {
  readonly seq: number
  readonly event: RedactedEvent
  /** Null once it is in no queue: it was delivered, or was taken out of the queue. */
  readonly state: Ledger.DeliveryState | null
  readonly attempts: number
  readonly nextAttemptAt: number | null
  readonly lastError: string | null
  /** Requests in whose range of events it was, newest first. */
  readonly requests: ReadonlyArray<RequestRecord>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface QueueCounts {
  readonly pending: number
  readonly retrying: number
  readonly leased: number
  readonly dead: number
  /** The sum of the four. */
  readonly total: number
  /** Capture time of the oldest event still waiting. */
  readonly oldestQueuedAt: number | null
}

/**
 * Events that are still to be sent: dead letters are left out.
 *
 * @since 0.1.0
 * @category getters
 */
export const waiting = (counts: QueueCounts): number => counts.pending + counts.retrying + counts.leased

/**
 * @since 0.1.0
 * @category models
 */
export interface QueueItem {
  readonly id: number
  readonly eventId: string
  readonly eventType: string
  readonly state: Ledger.DeliveryState
  readonly queuedAt: number
  readonly attempts: number
  readonly nextAttemptAt: number | null
  readonly lastError: string | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * The next batch, or null when nothing is claimable. Leases that have ended, or whose process is gone, come back first.
   * When the head of the queue belongs to a kept batch, exactly that batch is claimed, under its key; if it does not fit
   * `limit` or `maxBytes`, its first part is, under `newKey`.
   */
  readonly claim: (request: ClaimRequest) => Effect.Effect<ClaimedBatch | null, StoreError>
  /**
   * Writes what became of a batch, the state of its destination and the figures, at once. Entries whose lease was lost
   * meanwhile are left alone; `settled` says how many were not.
   */
  readonly settle: (settlement: Settlement) => Effect.Effect<{ readonly settled: number }, StoreError>
  /** The two at once, for a queue that is being emptied. */
  readonly settleThenClaim: (
    settlement: Settlement,
    request: ClaimRequest
  ) => Effect.Effect<{ readonly settled: number; readonly next: ClaimedBatch | null }, StoreError>
  /** Extends the lease of a batch; false when it was lost. */
  readonly renew: (batch: ClaimedBatch, owner: Owner, until: number) => Effect.Effect<boolean, StoreError>
  /**
   * Moves waiting entries whose epoch is not in `sendable` to `withheld`: they stay stored and never leave. Cheap when there
   * are none.
   */
  readonly withhold: (destination: string, sendable: ReadonlySet<string>) => Effect.Effect<number, StoreError>
  /** Gives back everything `owner` holds: batches as they are, and the right to submit. */
  readonly releaseAll: (owner: Owner) => Effect.Effect<void, StoreError>
  /**
   * The right to submit to a destination, held by one process at a time. True when `owner` has it until `until`; asking
   * again renews it.
   */
  readonly acquire: (
    destination: string,
    owner: Owner,
    now: number,
    until: number,
    isGone: (pid: number) => boolean
  ) => Effect.Effect<boolean, StoreError>
  readonly state: (destination: string) => Effect.Effect<DestinationState, StoreError>
  readonly setState: (destination: string, state: DestinationState) => Effect.Effect<void, StoreError>
  readonly stats: (destination: string) => Effect.Effect<Stats, StoreError>
  readonly counts: (destination: string) => Effect.Effect<QueueCounts, StoreError>
  /** When the next entry becomes claimable: `now` if one is, null if none waits. */
  readonly nextDue: (
    destination: string,
    now: number,
    isGone?: (pid: number) => boolean
  ) => Effect.Effect<number | null, StoreError>
  /** The newest requests first. */
  readonly requests: (destination: string, limit: number) => Effect.Effect<ReadonlyArray<RequestRecord>, StoreError>
  /** What is known of one event, by its place in the order of recording or its id; null when it is not stored. */
  readonly life: (destination: string, id: number | string) => Effect.Effect<Life | null, StoreError>
  /** Waiting or dead entries, oldest first, after entry `after` (0 for the start). */
  readonly list: (
    destination: string,
    which: "waiting" | "dead",
    after: number,
    limit: number
  ) => Effect.Effect<ReadonlyArray<QueueItem>, StoreError>
  /** Dead letters back into the queue with their attempts forgotten; all, or the given entries. */
  readonly requeue: (destination: string, ids?: ReadonlyArray<number>) => Effect.Effect<number, StoreError>
  /** Throws dead letters away, counted as `purged`; all, or the given entries. */
  readonly purge: (destination: string, ids?: ReadonlyArray<number>) => Effect.Effect<number, StoreError>
  /** Empties the queue (waiting and dead, not what is leased), counted as `cleared`; the events stay stored. */
  readonly clear: (destination: string) => Effect.Effect<number, StoreError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SubmissionQueue extends Context.Tag("effect-telemetry/persistence/SubmissionQueue")<
  SubmissionQueue,
  Service
>() {}
