/**
 * The state at a glance, and why it is so: the document of `status --json`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import { type Effective, originOf, type Reason } from "./domain/Consent.js"
import * as Destination from "./domain/Destination.js"
import * as Erasure from "./domain/Erasure.js"
import * as Ledger from "./domain/Ledger.js"
import type { Level } from "./domain/Level.js"
import type { StoreSize } from "./persistence/EventStore.js"
import { type QueueCounts, type Stats, waiting } from "./persistence/SubmissionQueue.js"
import * as Policy from "./Policy.js"
import { notConsented } from "./scheduling/Settling.js"

/**
 * Figures, or null for each where the store is there and cannot be read.
 *
 * @since 0.1.0
 * @category models
 */
export type IfKnown<Figures> = { readonly [K in keyof Figures]: Figures[K] | null }

/**
 * Times are milliseconds since the epoch; what is not known is null, and 0 is what is known to be none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Status {
  readonly enabled: boolean
  readonly reason: Reason
  readonly level: Level
  readonly remote: boolean
  readonly endpoint: string | null
  readonly optedOutAt: number | null
  readonly installationId: string | null
  readonly dataDir: string | null
  readonly store: IfKnown<StoreSize>
  readonly queue: IfKnown<QueueCounts>
  readonly submission: {
    readonly totalSubmitted: number | null
    readonly totalFailed: number | null
    readonly totalRejected: number | null
    /** Requests that were answered well, 0 to 1. */
    readonly successRate: number | null
    readonly lastSubmissionAt: number | null
    readonly lastError: string | null
    readonly nextAttemptAt: number | null
    readonly paused: string | null
  }
  readonly dropped: Readonly<Record<string, number>>
  /** What the collector was asked to erase and has not confirmed yet. */
  readonly erasure: Erasure.Waiting | null
  /** What a person should know, one sentence each. */
  readonly warnings: ReadonlyArray<string>
  /**
   * What telemetry has cost this process since it was opened; on disk it takes `store.bytes`. Absent where somebody else
   * asks, as the command line does.
   */
  readonly cost?: {
    /** Milliseconds on the program's own thread. */
    readonly captureMs: number
    readonly storeMs: number
    /** Of the time since then, 0 to 1; null before any has passed. */
    readonly share: number | null
    /** Events in memory, and about how many bytes they take there. */
    readonly bufferedEvents: number
    readonly bufferedBytes: number
  }
  /** Only with several destinations. */
  readonly destinations?: Readonly<Record<string, QueueCounts>>
}

/**
 * What the store knows; {@link nothingStored} when there is none, {@link unknown} when it cannot be read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Stored {
  readonly size: IfKnown<StoreSize>
  readonly ledger: Ledger.Snapshot
  /** Names of damaged stores that were set aside. */
  readonly damaged: ReadonlyArray<string>
  readonly destinations: ReadonlyArray<{
    readonly id: string
    readonly counts: QueueCounts
    readonly state: Destination.DestinationState
    readonly stats: Stats
  }>
}

/**
 * What `status` says of the place where everything is kept, and of what was found there.
 *
 * @since 0.1.0
 * @category references
 */
export class Place extends Context.Reference<Place>()("effect-telemetry/Status/Place", {
  defaultValue: (): { readonly dataDir: string | null; readonly warnings: ReadonlyArray<string> } => ({
    dataDir: null,
    warnings: []
  })
}) {}

/**
 * @since 0.1.0
 * @category constants
 */
export const nothingStored: Stored = {
  size: { events: 0, bytes: 0, oldest: null },
  ledger: Ledger.empty,
  damaged: [],
  destinations: []
}

/**
 * @since 0.1.0
 * @category constants
 */
export const unknown: Stored = { ...nothingStored, size: { events: null, bytes: null, oldest: null } }

const queueWarning = (counts: QueueCounts | undefined, limit: number): ReadonlyArray<string> => {
  const n = counts ? waiting(counts) : 0
  return n < limit * Policy.queueWarningShare ? [] : [
    `The queue holds ${n} of at most ${limit} events; beyond that the oldest make room. Check the endpoint, or raise queue-limit.`
  ]
}

const damageWarning = (name: string): string =>
  `The store was damaged and set aside as ${name}, and a new one begun: look into it with sqlite3, or remove it.`

/** Consent and endpoint are known as they are now; a pause for want of consent is stored when something is to be sent. */
const pauseOf = (effective: Effective, endpoint: string | null, stored: string | null): string | null =>
  endpoint === null
    ? stored
    : effective.remote && effective.epoch?.origin !== originOf(endpoint)
    ? notConsented
    : stored === notConsented
    ? null
    : stored

/**
 * Puts the document together. Pure: everything it says is among its arguments.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (input: {
  readonly effective: Effective
  readonly endpoint: string | null
  readonly dataDir: string | null
  readonly queueLimit: number
  readonly stored: Stored
  /** Counted but not yet committed. */
  readonly uncommitted: Ledger.Delta<Ledger.CaptureTerm>
  readonly erasures?: ReadonlyArray<Erasure.Erasure> | undefined
  readonly warnings: ReadonlyArray<string>
  readonly cost?: Status["cost"]
}): Status => {
  const { effective, stored } = input
  const main = stored.destinations[0]
  const none = stored.size.events && 0
  const state = main?.state ?? Destination.initial
  const stats: Partial<Stats> = main?.stats ?? {}
  const { failed = none, failedRequests = 0, rejected = none, requests = 0, submitted = none } = stats
  return {
    enabled: effective.enabled,
    reason: effective.reason,
    level: effective.level,
    remote: effective.remote,
    endpoint: input.endpoint,
    optedOutAt: effective.optedOutAt,
    installationId: effective.installationId,
    dataDir: input.dataDir,
    store: stored.size,
    queue: main?.counts ??
      { pending: none, retrying: none, leased: none, dead: none, total: none, oldestQueuedAt: null },
    submission: {
      totalSubmitted: submitted,
      totalFailed: failed,
      totalRejected: rejected,
      successRate: requests === 0 ? null : (requests - failedRequests) / requests,
      lastSubmissionAt: state.lastSuccessAt,
      lastError: state.lastError,
      nextAttemptAt: Math.max(state.nextAttemptAt ?? 0, state.retryAfter ?? 0) || null,
      paused: pauseOf(effective, input.endpoint, state.paused)
    },
    dropped: Ledger.dropped(
      Ledger.withUncommitted(stored.ledger, input.uncommitted),
      main?.id ?? Destination.defaultId
    ),
    erasure: Erasure.waiting(input.erasures ?? []),
    warnings: [
      ...input.warnings,
      ...stored.damaged.map(damageWarning),
      ...queueWarning(main?.counts, input.queueLimit)
    ],
    ...(input.cost === undefined ? {} : { cost: input.cost }),
    ...(stored.destinations.length > 1
      ? { destinations: Object.fromEntries(stored.destinations.map((d) => [d.id, d.counts])) }
      : {})
  }
}
