/**
 * What the dashboard, its exports and the alerts ask. Every answer is made of rollups; none reads a raw event.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Interval } from "./Period.js"

/**
 * What is looked at. Times are milliseconds since the epoch; a range begins and ends with whole buckets: `from` is taken
 * down and `to` up to the nearest.
 *
 * @since 0.1.0
 * @category models
 */
export interface Scope {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly interval: Interval
  readonly app?: string | undefined
  /** Of the application. Answers that are not kept by version leave it out of account: see `InsightQueries.isByVersion`. */
  readonly version?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Volume {
  /** The start of the bucket. */
  readonly bucket: number
  readonly eventType: string
  /** Scaled back from sampling and throttling. */
  readonly count: number
  readonly errors: number
}

/**
 * Exact, and an application's: those of all together are added up. Installations are known only of people at level enhanced
 * and above.
 *
 * @since 0.1.0
 * @category models
 */
export interface Active {
  readonly sessions: number
  readonly installations: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ActiveBucket extends Active {
  readonly bucket: number
}

/**
 * A value of something events are broken down by.
 *
 * @since 0.1.0
 * @category models
 */
export interface Share extends Active {
  readonly value: string
  readonly count: number
  readonly errors: number
}

/**
 * What events can be broken down by besides a type's own dimension. All but `version` are of `environment` events.
 *
 * @since 0.1.0
 * @category models
 */
export type Facet = "version" | "os" | "arch" | "runtime" | "runtimeVersion" | "memoryClass"

/**
 * A value of a type's own dimension: a feature, a command, a provider. `p50` and the like are null for types without metric.
 *
 * @since 0.1.0
 * @category models
 */
export interface Dimension extends Share {
  readonly p50: number | null
  readonly p75: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Latency {
  readonly bucket: number
  readonly count: number
  readonly errors: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ErrorGroup extends Active {
  readonly fingerprint: string
  readonly app: string
  readonly errorType: string
  /** As redacted by the client, of the event seen last that had one; null: nobody who sent it allowed messages. */
  readonly message: string | null
  readonly severity: string
  readonly category: string
  readonly count: number
  /** Over all time, not only the range. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** The version it was first seen in. */
  readonly firstVersion: string
  /** Counts by bucket of the range, all buckets, oldest first. */
  readonly trend: ReadonlyArray<number>
}

/**
 * Null where nothing is known.
 *
 * @since 0.1.0
 * @category models
 */
export interface Conversations {
  readonly started: number
  readonly completed: number
  readonly completionRate: number | null
  readonly meanMessages: number | null
  readonly meanMessageLength: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Suggestions {
  readonly suggestionType: string
  readonly shown: number
  readonly accepted: number
  readonly dismissed: number
  /** Accepted ÷ shown; null: none shown. */
  readonly acceptanceRate: number | null
  readonly meanTimeToInteract: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Vital {
  readonly metric: string
  readonly count: number
  readonly p75: number | null
  readonly good: number
  readonly needsImprovement: number
  readonly poor: number
}

/**
 * How events came in, by the time of receipt.
 *
 * @since 0.1.0
 * @category models
 */
export interface IngestBucket {
  readonly bucket: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}

/**
 * Why events were not kept: refused here, or dropped by the programs that recorded them, as they report it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Loss {
  readonly where: "collector" | "program"
  readonly reason: string
  readonly count: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Release {
  readonly app: string
  readonly version: string
  readonly firstSeen: number
}

/**
 * A version of an application, without who used it: that is dear where there are thousands.
 *
 * @since 0.1.0
 * @category models
 */
export interface VersionCount {
  readonly app: string
  readonly version: string
  readonly count: number
  readonly errors: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Step {
  readonly eventType: string
  /** A value of the type's dimension; undefined: any. */
  readonly dimension?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface FunnelStep extends Step {
  /** Sessions that came this far, each step first done no earlier than the one before. */
  readonly sessions: number
}

/**
 * Installations by the week they were first seen in, and how many of them came back.
 *
 * @since 0.1.0
 * @category models
 */
export interface Cohort {
  /** The start of the week, a Monday. */
  readonly week: number
  readonly size: number
  /** Of the cohort, how many were active in that week and in each that followed; the first is `size`. */
  readonly active: ReadonlyArray<number>
}

type Answer<A> = Effect.Effect<A, SqlError>

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly apps: Answer<ReadonlyArray<string>>
  readonly releases: (scope: Scope) => Answer<ReadonlyArray<Release>>
  /** Of each application by itself, most frequent first. */
  readonly versions: (scope: Scope) => Answer<ReadonlyArray<VersionCount>>
  readonly volume: (scope: Scope) => Answer<ReadonlyArray<Volume>>
  readonly active: (scope: Scope) => Answer<ReadonlyArray<ActiveBucket>>
  /** Of the whole range: nobody is counted twice. */
  readonly activeInAll: (scope: Scope) => Answer<Active>
  /** Most frequent first. */
  readonly facet: (scope: Scope, facet: Facet) => Answer<ReadonlyArray<Share>>
  /** The values of a type's dimension, most frequent first. */
  readonly dimensions: (scope: Scope, eventType: string) => Answer<ReadonlyArray<Dimension>>
  readonly latency: (scope: Scope, of: Step) => Answer<ReadonlyArray<Latency>>
  /** Those with events in the range, most frequent first. */
  readonly errorGroups: (scope: Scope, limit: number) => Answer<ReadonlyArray<ErrorGroup>>
  readonly conversations: (scope: Scope) => Answer<Conversations>
  readonly suggestions: (scope: Scope) => Answer<ReadonlyArray<Suggestions>>
  readonly vitals: (scope: Scope) => Answer<ReadonlyArray<Vital>>
  readonly ingest: (scope: Scope) => Answer<ReadonlyArray<IngestBucket>>
  readonly losses: (scope: Scope) => Answer<ReadonlyArray<Loss>>
  readonly funnel: (scope: Scope, steps: ReadonlyArray<Step>) => Answer<ReadonlyArray<FunnelStep>>
  readonly retention: (scope: Scope) => Answer<ReadonlyArray<Cohort>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Insights extends Context.Tag("effect-telemetry/collector/Insights")<Insights, Service>() {}
