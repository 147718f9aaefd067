/**
 * What an application sees. Only what it looks like: what it does is in `TelemetryService`, so that whoever names the tag
 * carries nothing else.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Issue } from "./collection/Encoder.js"
import type { EnableOptions } from "./consent/ConsentGate.js"
import type { ConsentUnreadable } from "./consent/ConsentStore.js"
import type * as Erasure from "./domain/Erasure.js"
import type * as EventDefinition from "./domain/EventDefinition.js"
import type * as Ledger from "./domain/Ledger.js"
import type * as TelemetryEvent from "./domain/TelemetryEvent.js"
import type * as UsageSummary from "./insight/UsageSummary.js"
import type * as LocalStats from "./LocalStats.js"
import type { EventFilter } from "./persistence/EventStore.js"
import type { StoreError } from "./persistence/StoreError.js"
import type * as Preview from "./Preview.js"
import type { SubmitReport } from "./scheduling/Submitter.js"
import type * as Status from "./Status.js"

/**
 * Tracking never fails, never blocks and is never seen by the program: whatever goes wrong is counted and shown by `status`.
 * Durations are milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Records an event of a declared type. */
  readonly track: <D extends EventDefinition.Any>(definition: D, data: EventDefinition.Data<D>) => Effect.Effect<void>
  /** The same, and on disk when it returns: for fatal errors and the end of a program. */
  readonly trackNow: <D extends EventDefinition.Any>(
    definition: D,
    data: EventDefinition.Data<D>
  ) => Effect.Effect<void>
  /**
   * For callers that have no types: records an event by the name of its type. Synchronous. Gives the issue when the type
   * is not declared or the data does not fit it, null when it was taken (or telemetry is off).
   */
  readonly unsafeTrack: (eventType: string, data: unknown) => Issue | null
  /** Of `args` only the names of flags are kept. */
  readonly trackCommand: (
    command: string,
    args: ReadonlyArray<string>,
    duration: number,
    exitCode: number,
    error?: string
  ) => Effect.Effect<void>
  readonly trackQuery: (
    queryType: "symbol" | "text" | "hybrid",
    query: string,
    resultCount: number,
    duration: number,
    cached: boolean,
    language?: string
  ) => Effect.Effect<void>
  readonly trackParser: (
    language: string,
    fileExtension: string,
    duration: number,
    symbolCount: number,
    lineCount: number,
    error?: string
  ) => Effect.Effect<void>
  /** On disk when it returns if `fatal`. */
  readonly trackError: (
    errorType: string,
    message: string,
    stack?: string,
    context?: Readonly<Record<string, unknown>>,
    fatal?: boolean
  ) => Effect.Effect<void>
  readonly trackPerformance: (
    metricName: string,
    value: number,
    unit: "ms" | "bytes" | "count" | "percentage",
    context?: Readonly<Record<string, unknown>>
  ) => Effect.Effect<void>
  /** `trackFeature("export", true)`; in short, with an action: `trackFeature("chat", "started")`. */
  readonly trackFeature: (
    featureName: string,
    enabledOrAction?: boolean | string,
    variant?: string,
    action?: string
  ) => Effect.Effect<void>
  /** What would be sent of this event, to the byte, and the rule behind every change. Nothing is recorded by it. */
  readonly preview: (eventType: string, data: unknown, request?: Preview.Request) => Effect.Effect<Preview.Preview>
  /** Returns once everything tracked before is committed, or the store has refused it. */
  readonly flush: Effect.Effect<void>
  /** Commits and sends until the queue is empty, the limit is reached or the endpoint is away. */
  readonly submitNow: Effect.Effect<SubmitReport>
  readonly status: Effect.Effect<Status.Status>
  readonly ledger: Effect.Effect<Ledger.Snapshot, StoreError>
  readonly enable: (options: EnableOptions) => Effect.Effect<Status.Status, ConsentUnreadable>
  /** An application that asked by itself: records a grant unless the person opted out, which wins. */
  readonly granted: (options: EnableOptions) => Effect.Effect<Status.Status, ConsentUnreadable>
  /**
   * Opts out, of sending only with `remoteOnly`; with `erase`, what is stored goes as well, and the collector is asked to
   * erase what it was sent: until it confirms that, also after opting out.
   */
  readonly disable: (
    options: { readonly erase?: boolean; readonly remoteOnly?: boolean }
  ) => Effect.Effect<Status.Status, ConsentUnreadable | StoreError>
  /** Counts and percentiles by bucket and type, from the rollups: also of events that retention has removed. */
  readonly stats: (request: LocalStats.StatsRequest) => Effect.Effect<ReadonlyArray<LocalStats.StatsRow>, StoreError>
  /** How the program is used: features, commands, providers, conversations, suggestions, sessions, times of activity. */
  readonly usage: (filter: Pick<EventFilter, "from" | "to">) => Effect.Effect<UsageSummary.Usage, StoreError>
  /** Everything stored, in the order of recording, with bounded memory. */
  readonly export: (filter: EventFilter) => Stream.Stream<TelemetryEvent.WireEvent, StoreError>
  /** Erases what is stored and what is queued. */
  readonly clear: Effect.Effect<{ readonly events: number; readonly queue: number }, StoreError>
  /**
   * The same, and asks the collector to erase what it was sent. Recording goes on under a new session and installation id.
   * `waiting` is null when the collector has confirmed, or was never sent anything.
   */
  readonly clearEverywhere: Effect.Effect<
    { readonly events: number; readonly queue: number; readonly waiting: Erasure.Waiting | null },
    ConsentUnreadable | StoreError
  >
  /** Empties the queue; the events stay stored. */
  readonly clearQueue: Effect.Effect<number, StoreError>
  readonly sessionId: Effect.Effect<string>
  readonly isEnabled: Effect.Effect<boolean>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Telemetry extends Context.Tag("effect-telemetry/Telemetry")<Telemetry, Service>() {}
