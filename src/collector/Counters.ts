/**
 * What the collector counts about itself since it started, for the metrics page.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { type Code, codes } from "./Verdict.js"

/**
 * Plain numbers, raised in place: they are on the path of every request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  accepted: number
  duplicates: number
  rejected: number
  batches: number
  bodyBytes: number
  /** Bytes of bodies in memory now that are not whole as yet, of all requests together. */
  receivingBytes: number
  /** The same of those that are, decompressed, and worked on. */
  heldBytes: number
  /** Requests by status. */
  readonly statuses: Map<number, number>
  /** Refusals of requests by code. */
  readonly problems: Map<string, number>
  /** Attempts to call a webhook by what became of them. */
  readonly notifications: Map<"delivered" | "failed" | "given_up", number>
  /** Refused events by code. */
  readonly rejections: Map<Code, number>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Counters extends Context.Tag("effect-telemetry/collector/Counters")<Counters, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Service => ({
  accepted: 0,
  duplicates: 0,
  rejected: 0,
  batches: 0,
  bodyBytes: 0,
  receivingBytes: 0,
  heldBytes: 0,
  statuses: new Map(),
  problems: new Map(),
  notifications: new Map(),
  rejections: new Map(codes.map((code) => [code, 0]))
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Counters> = Layer.sync(Counters, make)

/**
 * @since 0.1.0
 * @category combinators
 */
export const increment = <K>(counts: Map<K, number>, key: K, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/**
 * A metric in the Prometheus text format.
 *
 * @since 0.1.0
 * @category encoding
 */
export const family = (
  type: "counter" | "gauge",
  name: string,
  help: string,
  samples: ReadonlyArray<readonly [labels: string, value: number]>
): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}${labels} ${value}`)]
    .join("\n")

/**
 * The Prometheus text format. Label values are our own words, never a client's.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toPrometheus = (self: Service): string =>
  [
    family("counter", "collector_events_total", "Events by verdict; duplicates are among the accepted.", [
      ["{verdict=\"accepted\"}", self.accepted],
      ["{verdict=\"rejected\"}", self.rejected],
      ["{verdict=\"duplicate\"}", self.duplicates]
    ]),
    family(
      "counter",
      "collector_rejections_total",
      "Refused events by reason.",
      [...self.rejections].map(([code, n]) => [`{code="${code}"}`, n] as const)
    ),
    family("counter", "collector_batches_total", "Batches answered with 200.", [["", self.batches]]),
    family("counter", "collector_body_bytes_total", "Bytes of body received, as sent.", [["", self.bodyBytes]]),
    family("gauge", "collector_held_body_bytes", "Bytes of large bodies in memory now.", [
      ["{stage=\"receiving\"}", self.receivingBytes],
      ["{stage=\"working\"}", self.heldBytes]
    ]),
    family(
      "counter",
      "collector_requests_total",
      "Requests by status.",
      [...self.statuses].map(([status, n]) => [`{status="${status}"}`, n] as const)
    ),
    family(
      "counter",
      "collector_refusals_total",
      "Refused requests by reason.",
      [...self.problems].map(([code, n]) => [`{code="${code}"}`, n] as const)
    ),
    family(
      "counter",
      "collector_alert_notifications_total",
      "Attempts to call a webhook, here: delivered, failed and tried again, given up.",
      (["delivered", "failed", "given_up"] as const).map((outcome) =>
        [`{outcome="${outcome}"}`, self.notifications.get(outcome) ?? 0] as const
      )
    )
  ].join("\n") + "\n"
