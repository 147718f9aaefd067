/**
 * The stages over what a page has. Loaded when a layer is built, after the slices it stands on.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type { Breadcrumbs } from "../collection/Breadcrumbs.js"
import type { Collector } from "../collection/Collector.js"
import type { ErrorTracking } from "../collection/ErrorTracking.js"
import type { Health } from "../collection/health/Health.js"
import type { Session } from "../collection/Session.js"
import type { ConfigIssue } from "../ConfigIssue.js"
import * as ConsentGate from "../consent/ConsentGate.js"
import * as Destination from "../domain/Destination.js"
import * as OwnCost from "../OwnCost.js"
import type { EventStore } from "../persistence/EventStore.js"
import type { Rollups } from "../persistence/Rollups.js"
import type { Settings } from "../persistence/Settings.js"
import type { SubmissionQueue } from "../persistence/SubmissionQueue.js"
import * as Pipeline from "../Pipeline.js"
import * as Status from "../Status.js"
import type { Compression } from "../submission/Compression.js"
import * as ErasureTransport from "../submission/ErasureTransport.js"
import type { Http } from "../submission/Http.js"
import * as HttpTransport from "../submission/HttpTransport.js"
import { layerDestinations, type Transport } from "../submission/Transport.js"
import type * as Telemetry from "../Telemetry.js"
import * as TelemetryConfig from "../TelemetryConfig.js"
import * as BrowserCompression from "./BrowserCompression.js"
import * as BrowserHttp from "./BrowserHttp.js"
import * as BrowserWorld from "./BrowserWorld.js"
import * as ConsentLocal from "./ConsentLocal.js"
import * as Pacing from "./Pacing.js"
import * as PageLifecycle from "./PageLifecycle.js"
import * as SessionTab from "./SessionTab.js"
import * as SettingsLocal from "./SettingsLocal.js"
import * as BrowserStore from "./storage/BrowserStore.js"
import * as Tabs from "./Tabs.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<TelemetryConfig.Options, "destinations"> {
  /** The application tried to show its notice and could not: telemetry stays off. */
  readonly noticeFailed?: boolean | undefined
  /** By destination; by default HTTP to the configured endpoint, as `default`. The first one is what `status` shows. */
  readonly transports?:
    | Readonly<Record<string, Layer.Layer<Transport, never, TelemetryConfig.Config | Http | Compression>>>
    | undefined
}

/**
 * What the layers provide.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | Telemetry.Telemetry
  | Collector
  | Health
  | ErrorTracking
  | Breadcrumbs
  | ConsentGate.ConsentGate
  | EventStore
  | SubmissionQueue
  | Rollups
  | Settings
  | Session
  | TelemetryConfig.Config

/** A page is a guest: what it keeps is bounded by size as well. Bytes. */
const maxStoreBytes = 8 * 1024 * 1024

const defaultTransports = { [Destination.defaultId]: HttpTransport.layer }

const destinations = (transports: NonNullable<Options["transports"]>) =>
  layerDestinations(transports).pipe(Layer.provide([BrowserHttp.layer, BrowserCompression.layer]))

const compose = (
  options: Options,
  config: TelemetryConfig.TelemetryConfig,
  warnings: ReadonlyArray<string>
): Layer.Layer<Services> => {
  const app = config.app.name
  const { transports = defaultTransports } = options
  const store = Tabs.layerQueue.pipe(Layer.provideMerge(BrowserStore.layer(app)))
  return PageLifecycle.layer(app, transports === defaultTransports).pipe(
    Layer.provideMerge(Pipeline.layer),
    Layer.provide(SessionTab.layer(app)),
    Layer.provideMerge(Layer.mergeAll(
      store,
      RateLimiter.layerStoreMemory,
      destinations(transports),
      ErasureTransport.layer.pipe(Layer.provide(BrowserHttp.layer)),
      Tabs.layerProcess
    )),
    Layer.provideMerge(ConsentGate.layer),
    Layer.provide(Layer.mergeAll(
      ConsentLocal.layer(app),
      Layer.succeed(Status.Place, { dataDir: null, warnings }),
      OwnCost.layer
    )),
    Layer.provideMerge(Tabs.layer(app, config.worker)),
    Layer.provide(BrowserWorld.layer(options)),
    Layer.provideMerge(Layer.succeed(TelemetryConfig.Config, config)),
    Layer.provideMerge(SettingsLocal.layer(app))
  )
}

/**
 * From options and stored settings.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Services, ConfigIssue> => {
  const given: TelemetryConfig.Options = {
    maxStoreBytes,
    ...options,
    destinations: Object.keys(options.transports ?? defaultTransports)
  }
  return Layer.unwrapEffect(Effect.gen(function*() {
    const alone = yield* TelemetryConfig.resolve({ options: given })
    const found = yield* TelemetryConfig.fromConfig({ options: given }).pipe(
      Effect.provide(SettingsLocal.layer(alone.app.name)),
      Effect.either
    )
    return Either.match(found, {
      onLeft: ({ message }) => compose(options, alone, [message]),
      onRight: (config) => compose(options, config, [])
    })
  })).pipe(Layer.provide(BrowserWorld.noVariables), Pacing.paced)
}
