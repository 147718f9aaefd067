/**
 * How submission is doing: the figures that are kept over restarts, as one document.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { DestinationState } from "../domain/Destination.js"
import * as Histogram from "../domain/Histogram.js"
import type { StoreError } from "../persistence/StoreError.js"
import { type QueueCounts, type Stats, SubmissionQueue } from "../persistence/SubmissionQueue.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"

/**
 * Times are milliseconds since the epoch, latencies milliseconds, shares 0 to 1. What is not known is null.
 *
 * @since 0.1.0
 * @category models
 */
export interface Figures {
  readonly requests: number
  readonly submitted: number
  /** Events whose attempt failed, each time it did. */
  readonly failed: number
  /** Events refused for good. */
  readonly rejected: number
  readonly networkErrors: number
  readonly bytes: number
  /** Requests that were answered well. */
  readonly successRate: number | null
  /** Requests that repeated earlier ones. */
  readonly retryRate: number | null
  readonly latency: { readonly mean: number; readonly p50: number; readonly p95: number; readonly p99: number } | null
  /** Events that wait. */
  readonly queueSize: number
  /** Share of the queue's limit that is used. */
  readonly queueShare: number
  readonly lastAttemptAt: number | null
  readonly lastSuccessAt: number | null
  readonly lastError: string | null
  readonly nextAttemptAt: number | null
  readonly paused: string | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly figures: (destination: string) => Effect.Effect<Figures, StoreError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SubmissionStats extends Context.Tag("effect-telemetry/scheduling/SubmissionStats")<
  SubmissionStats,
  Service
>() {}

const share = (part: number, whole: number): number | null => whole > 0 ? part / whole : null

const waitingOf = (counts: QueueCounts): number => counts.pending + counts.retrying + counts.leased

const laterOf = (a: number | null, b: number | null): number | null => a === null ? b : b === null ? a : Math.max(a, b)

/**
 * @since 0.1.0
 * @category constructors
 */
export const from = (stats: Stats, state: DestinationState, counts: QueueCounts, queueLimit: number): Figures => {
  const latency = Histogram.fromPairs(stats.latency)
  const known = Histogram.quantiles(latency)
  const quantile = (q: number): number => known(q) ?? 0
  return {
    requests: stats.requests,
    submitted: stats.submitted,
    failed: stats.failed,
    rejected: stats.rejected,
    networkErrors: stats.networkErrors,
    bytes: stats.bytes,
    successRate: share(stats.requests - stats.failedRequests, stats.requests),
    retryRate: share(stats.retries, stats.requests),
    latency: stats.latencyCount === 0 ? null : {
      mean: stats.latencySumMs / stats.latencyCount,
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99)
    },
    queueSize: waitingOf(counts),
    queueShare: share(waitingOf(counts), queueLimit) ?? 0,
    lastAttemptAt: state.lastAttemptAt,
    lastSuccessAt: state.lastSuccessAt,
    lastError: state.lastError,
    nextAttemptAt: laterOf(state.nextAttemptAt, state.retryAfter),
    paused: state.paused
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<SubmissionStats, never, SubmissionQueue | Config> = Layer.effect(
  SubmissionStats,
  Effect.gen(function*() {
    const queue = yield* SubmissionQueue
    const { queueLimit } = yield* Config
    return {
      figures: Effect.fnUntraced(function*(destination: string) {
        const [stats, state, counts] = yield* Effect.all([
          queue.stats(destination),
          queue.state(destination),
          queue.counts(destination)
        ])
        return from(stats, state, counts, queueLimit)
      })
    }
  })
)

/** Share of the threshold under which the next passing of it is news again. */
const wellBelow = 0.9

/**
 * Says once that a queue nears its limit, and again only after it has been well below.
 *
 * @since 0.1.0
 * @category warnings
 */
export const makeWarning = (queueLimit: number) => {
  const warned = new Set<string>()
  return (destination: string, waiting: number): Effect.Effect<void> => {
    const threshold = queueLimit * Policy.queueWarningShare
    if (waiting < threshold * wellBelow) warned.delete(destination)
    if (waiting < threshold || warned.has(destination)) return Effect.void
    warned.add(destination)
    return Effect.logWarning(
      `telemetry: ${waiting} of at most ${queueLimit} events wait for ${destination}; beyond that the oldest are dropped`
    )
  }
}
