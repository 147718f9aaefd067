/**
 * Telemetry on Node: files for consent, settings and store, Node's own HTTP client, nothing that keeps a process alive.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as path from "node:path"
import type { Breadcrumbs } from "../collection/Breadcrumbs.js"
import type { Collector } from "../collection/Collector.js"
import { ErrorTracking } from "../collection/ErrorTracking.js"
import type { Health } from "../collection/health/Health.js"
import { Intake } from "../collection/Intake.js"
import type { Session } from "../collection/Session.js"
import type { ConfigIssue } from "../ConfigIssue.js"
import * as ConsentGate from "../consent/ConsentGate.js"
import * as ConsentWatch from "../consent/ConsentWatch.js"
import * as Destination from "../domain/Destination.js"
import * as OwnCost from "../OwnCost.js"
import type { EventStore } from "../persistence/EventStore.js"
import type { Rollups } from "../persistence/Rollups.js"
import type { Settings, SettingsError } from "../persistence/Settings.js"
import { LastChance } from "../persistence/Sql/Database.js"
import * as EventStoreSql from "../persistence/Sql/EventStoreSql.js"
import * as RateLimiterStoreSql from "../persistence/Sql/RateLimiterStore.js"
import * as RollupsSql from "../persistence/Sql/RollupsSql.js"
import * as SubmissionQueueSql from "../persistence/Sql/SubmissionQueueSql.js"
import type { SubmissionQueue } from "../persistence/SubmissionQueue.js"
import * as Pipeline from "../Pipeline.js"
import type { SubmissionStats } from "../scheduling/SubmissionStats.js"
import * as Status from "../Status.js"
import type { Compression } from "../submission/Compression.js"
import * as ErasureTransport from "../submission/ErasureTransport.js"
import type { Http } from "../submission/Http.js"
import * as HttpTransport from "../submission/HttpTransport.js"
import { layerDestinations, type Transport } from "../submission/Transport.js"
import type * as Telemetry from "../Telemetry.js"
import * as TelemetryConfig from "../TelemetryConfig.js"
import * as ConsentFile from "./ConsentFile.js"
import * as Directories from "./Directories.js"
import * as ExitHook from "./ExitHook.js"
import * as NodeCompression from "./NodeCompression.js"
import * as NodeDebugFile from "./NodeDebugFile.js"
import * as NodeEnvironment from "./NodeEnvironment.js"
import * as NodeHttp from "./NodeHttp.js"
import * as NodeIds from "./NodeIds.js"
import * as NodeMachineNames from "./NodeMachineNames.js"
import * as NodeNetwork from "./NodeNetwork.js"
import * as NodeOverrides from "./NodeOverrides.js"
import * as NodeProcess from "./NodeProcess.js"
import * as NodeVariables from "./NodeVariables.js"
import * as OwnCommand from "./OwnCommand.js"
import * as SettingsFile from "./SettingsFile.js"
import * as SqliteDatabase from "./SqliteDatabase.js"
import * as UnrefClock from "./UnrefClock.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<TelemetryConfig.Options, "destinations"> {
  /** Where everything is kept; by default the platform's data directory, under the application's name. */
  readonly dataDir?: string | undefined
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
  | SubmissionStats
  | TelemetryConfig.Config
  | OwnCommand.OwnCommand

const defaultTransports = { [Destination.defaultId]: HttpTransport.layer }

const destinations = (transports: NonNullable<Options["transports"]>) =>
  layerDestinations(transports).pipe(Layer.provide(Layer.merge(NodeHttp.layer, NodeCompression.layer)))

const erasure = ErasureTransport.layer.pipe(Layer.provide(NodeHttp.layer))

/** Without a place for it there is no consent either, and so it is never opened. */
const persistence = Layer.mergeAll(
  EventStoreSql.layerSql,
  SubmissionQueueSql.layerSql,
  RollupsSql.layerSql,
  RateLimiterStoreSql.layerSql
)
  .pipe(
    Layer.provide(
      Layer.unwrapEffect(
        Effect.map(
          Directories.Directories,
          (directories) => SqliteDatabase.layer(path.join(directories.path ?? "", Directories.storeName))
        )
      )
    )
  )

const place = (warnings: ReadonlyArray<string>) =>
  Layer.effect(
    Status.Place,
    Effect.gen(function*() {
      const { path: dataDir } = yield* Directories.Directories
      const found = yield* NodeOverrides.read()
      return { dataDir, warnings: [...warnings, ...found.warnings] }
    })
  )

/** What was tracked in the turn in which the process ends is committed in its `exit` hook. */
const lastCommit = Layer.scopedDiscard(
  Effect.gen(function*() {
    const intake = yield* Intake
    const errors = yield* ErrorTracking
    const last = Effect.zipRight(errors.settle, intake.commitNow)
    yield* ExitHook.onExit(Effect.provideService(last, LastChance, true))
  })
)

const compose = <E>(
  options: Options,
  config: Layer.Layer<TelemetryConfig.Config, E, Settings>,
  refused?: string
): Layer.Layer<Services, E> =>
  Layer.merge(lastCommit, ConsentWatch.layer).pipe(
    Layer.provideMerge(Pipeline.layer),
    Layer.provideMerge(Layer.mergeAll(persistence, destinations(options.transports ?? defaultTransports), erasure)),
    Layer.provideMerge(ConsentGate.layer),
    Layer.provideMerge(OwnCommand.layer.pipe(Layer.provide(ConsentFile.layer))),
    Layer.provide(Layer.mergeAll(
      NodeOverrides.layer({ noticeFailed: options.noticeFailed, refused }),
      NodeIds.layer,
      NodeProcess.layer,
      NodeNetwork.layer,
      NodeEnvironment.layer,
      NodeMachineNames.layer,
      place(refused === undefined ? [] : [refused])
    )),
    Layer.provideMerge(NodeDebugFile.layer),
    Layer.provideMerge(config),
    Layer.provideMerge(SettingsFile.layer),
    Layer.provide(Directories.layer({
      appName: options.app?.name ?? TelemetryConfig.defaults().app.name,
      dataDir: options.dataDir
    })),
    Layer.provide(NodeVariables.layer),
    Layer.provide(OwnCost.layer),
    UnrefClock.within
  )

const configOptions = (options: Options): TelemetryConfig.Options => ({
  ...options,
  destinations: Object.keys(options.transports ?? defaultTransports)
})

/**
 * Telemetry for an application, from options, environment and stored settings. Fails when one of them is refused; the
 * message names it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Services, ConfigIssue | SettingsError> =>
  compose(options, TelemetryConfig.layer(configOptions(options)))

/**
 * The same, but what a person's environment or settings hold never breaks the program: when it is refused, telemetry is off,
 * `status` says why, and opting out works all the same. Options of the program itself are still refused.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerForgiving = (options: Options = {}): Layer.Layer<Services, ConfigIssue> => {
  const config = configOptions(options)
  return Layer.unwrapEffect(Effect.gen(function*() {
    const alone = yield* TelemetryConfig.resolve({ options: config })
    const directories = Directories.layer({ appName: alone.app.name, dataDir: options.dataDir })
    const found = yield* TelemetryConfig.fromConfig({ options: config }).pipe(
      Effect.provide(SettingsFile.layer.pipe(Layer.provide(directories))),
      Effect.either
    )
    return Either.match(found, {
      onLeft: ({ message }) => compose(options, Layer.succeed(TelemetryConfig.Config, alone), message),
      onRight: (resolved) => compose(options, Layer.succeed(TelemetryConfig.Config, resolved))
    })
  }))
}

/**
 * Telemetry from the environment alone. Never fails and never keeps a program from starting.
 *
 * @since 0.1.0
 * @category layers
 */
export const TelemetryLive: Layer.Layer<Services> = Layer.orDie(layerForgiving())
