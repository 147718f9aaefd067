/**
 * Submission in Effect's metric registry.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type { StatsDelta } from "../persistence/SubmissionQueue.js"

/**
 * Counters, latency and queue size, tagged with the destination and updated once a batch. Their names begin with
 * `effect_telemetry_`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = () => {
  const counter = (name: string, description: string) =>
    Metric.counter(`effect_telemetry_${name}`, { description, incremental: true })
  const counters: ReadonlyArray<readonly [keyof StatsDelta, Metric.Metric.Counter<number>]> = [
    ["requests", counter("requests", "Requests made")],
    ["failedRequests", counter("failed_requests", "Requests that were not answered well")],
    ["networkErrors", counter("network_errors", "Requests without an answer")],
    ["submitted", counter("submitted", "Events the destination has taken")],
    ["rejected", counter("rejected", "Events the destination has refused for good")],
    ["failed", counter("failed", "Events whose attempt failed")],
    ["retries", counter("retries", "Requests that repeated earlier ones")],
    ["bytes", counter("bytes", "Bytes of request bodies")]
  ]
  const latency = Metric.histogram(
    "effect_telemetry_latency_ms",
    MetricBoundaries.exponential({ start: 1, factor: 2, count: 16 }),
    "Milliseconds from request to answer"
  )
  const size = Metric.gauge("effect_telemetry_queue_size", { description: "Events that wait" })
  const make = (destination: string) => ({
    counters: counters.map(([key, metric]) => [key, Metric.tagged(metric, "destination", destination)] as const),
    latency: Metric.tagged(latency, "destination", destination),
    size: Metric.tagged(size, "destination", destination)
  })
  const made = new Map<string, ReturnType<typeof make>>()
  const of = (destination: string): ReturnType<typeof make> => {
    const known = made.get(destination)
    if (known !== undefined) return known
    const fresh = make(destination)
    made.set(destination, fresh)
    return fresh
  }
  return {
    settled: (destination: string, delta: StatsDelta): void => {
      const metrics = of(destination)
      for (const [key, metric] of metrics.counters) {
        const by = delta[key] ?? 0
        if (by > 0) metric.unsafeUpdate(by, [])
      }
      if (delta.latencyMs !== undefined) metrics.latency.unsafeUpdate(delta.latencyMs, [])
    },
    queueSize: (destination: string, waiting: number): Effect.Effect<void> => Metric.set(of(destination).size, waiting)
  }
}
