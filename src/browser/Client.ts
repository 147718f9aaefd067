/**
 * For pages that do not use Effect: the same layers behind promises.
 *
 * Here is only what is loaded at once: what does the work comes when `create` is called.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Layer from "effect/Layer"
import type * as EventDefinition from "../domain/EventDefinition.js"
import type { Level } from "../domain/Level.js"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import type { StatsRequest, StatsRow } from "../LocalStats.js"
import type { EventFilter } from "../persistence/EventStore.js"
import type { SubmitReport } from "../scheduling/Submitter.js"
import type { Status } from "../Status.js"
import type { Service } from "../Telemetry.js"
import type { Profile } from "../TelemetryConfig.js"
import type { Services } from "./Composed.js"
import * as Slices from "./Slices.js"
import * as Unloaded from "./unloaded/Client.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Capture = Layer.Layer<never, never, Services>

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateOptions {
  /** Pages of one origin that name the same application share one store. */
  readonly app: { readonly name: string; readonly version: string }
  readonly endpoint?: string
  /** A key for ingest only: whoever sees the page sees it. */
  readonly apiKey?: string
  readonly profile?: Profile
  /** The level asked for: with `consent: "granted"` it is recorded, otherwise it can only lower what the person chose. */
  readonly level?: Level
  /** Whether sending was asked for; only with `consent: "granted"`. */
  readonly remote?: boolean
  /** The application has asked by itself. A person who opted out stays opted out. Without it the stored consent decides. */
  readonly consent?: "granted"
  /** Milliseconds, or text such as `"30 seconds"`; so are all lengths of time here. */
  readonly interval?: Duration.DurationInput
  readonly batchSize?: number
  /** Events a minute. */
  readonly rateLimit?: number
  readonly burst?: number
  readonly timeout?: Duration.DurationInput
  /** One last submission at `close`, within this; by default none. */
  readonly shutdownDeadline?: Duration.DurationInput
  readonly maxRetries?: number
  readonly retry?: {
    readonly baseDelay?: Duration.DurationInput
    readonly maxDelay?: Duration.DurationInput
    readonly jitterFactor?: number
  }
  /** The background worker; default true. */
  readonly worker?: boolean
  /** Session, environment and health events by themselves; default true. */
  readonly automatic?: boolean
  /** The application's own events, beside the built-in ones; loaded with telemetry's own code where it says how. */
  readonly events?: ReadonlyArray<EventDefinition.Any> | Slices.Load<ReadonlyArray<EventDefinition.Any>>
  /**
   * What else is recorded by itself: modules beside this one, such as `() => import("effect-telemetry/browser/WebVitals")`,
   * which are loaded with telemetry's own code, or their layers. Default none.
   */
  readonly capture?: ReadonlyArray<Capture | Slices.Load<{ readonly layer: Capture }>>
}

type Untracked<K extends keyof Service> = Service[K] extends (...args: infer A) => unknown ? (...args: A) => void
  : never

/**
 * Tracking returns at once and never throws. Every promise that needs the store rejects with an error whose `message` says
 * what is wrong and what to do; `flush`, `submitNow`, `status` and `close` never reject.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  /** Records an event by the name of its type. What does not fit its declaration is counted as `invalid` in `status`. */
  readonly track: (eventType: string, eventData: unknown) => void
  readonly trackCommand: Untracked<"trackCommand">
  readonly trackQuery: Untracked<"trackQuery">
  readonly trackParser: Untracked<"trackParser">
  readonly trackError: Untracked<"trackError">
  readonly trackPerformance: Untracked<"trackPerformance">
  readonly trackFeature: Untracked<"trackFeature">
  /** Everything tracked before is committed, or the store has refused it. */
  readonly flush: () => Promise<void>
  /** Only the tab whose turn it is sends; another one tells it to. */
  readonly submitNow: () => Promise<SubmitReport>
  readonly status: () => Promise<Status>
  readonly enable: (options?: { readonly remote?: boolean; readonly level?: Level }) => Promise<Status>
  readonly disable: (options?: { readonly erase?: boolean }) => Promise<Status>
  readonly stats: (request?: StatsRequest) => Promise<ReadonlyArray<StatsRow>>
  readonly export: (filter?: EventFilter) => AsyncIterable<WireEvent>
  readonly clear: () => Promise<{ readonly events: number; readonly queue: number }>
  readonly clearQueue: () => Promise<number>
  /** Commits what was tracked and gives everything back. An endpoint that does not answer does not delay it. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
  readonly sessionId: string
  readonly isEnabled: () => boolean
}

/** All that a client is made of; nothing is opened by it. */
const load = async ({ capture = [], events, ...rest }: CreateOptions) => {
  const { open } = await Slices.inTurn([...Slices.runtime, ...Slices.stages], () => import("./Opened.js"))
  const options = {
    ...rest,
    events: typeof events === "function" ? await events() : events,
    capture: await Promise.all(capture.map(async (one) => typeof one === "function" ? (await one()).layer : one))
  }
  return { open: () => open(options) }
}

/**
 * Opens telemetry for an application. Its code is loaded in slices, none of which holds the page up for long; where that
 * fails the client records nothing, and its `status` says why. Rejects only when an option is refused, and names it.
 *
 * @example
 * import { create } from "effect-telemetry/browser"
 *
 * const telemetry = await create({ app: { name: "shop", version: "2.0.0" } })
 * telemetry.track("feature_used", { featureName: "checkout", enabled: true })
 *
 * @since 0.1.0
 * @category constructors
 */
export const create = async (options: CreateOptions): Promise<Client> => {
  const loaded = await load(options).catch(Slices.message)
  return typeof loaded === "string" ? Unloaded.make(options.endpoint, loaded) : loaded.open()
}
