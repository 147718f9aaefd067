/**
 * The application a command line belongs to, and how its telemetry is opened.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DebugEcho } from "../collection/DebugLog.js"
import type { ConsentGate } from "../consent/ConsentGate.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import type { EventStore } from "../persistence/EventStore.js"
import type { Rollups } from "../persistence/Rollups.js"
import type { Settings } from "../persistence/Settings.js"
import type { SubmissionQueue } from "../persistence/SubmissionQueue.js"
import type { Status } from "../Status.js"
import type { Telemetry } from "../Telemetry.js"
import type { Config } from "../TelemetryConfig.js"
import { failed, Failure } from "./Failure.js"

/**
 * What the commands work on.
 *
 * @since 0.1.0
 * @category models
 */
export type Services = Telemetry | SubmissionQueue | EventStore | Rollups | Settings | ConsentGate | Config

/**
 * The options that every command takes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Flags {
  readonly json: boolean
  readonly dataDir: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Opening {
  readonly dataDir: string | undefined
  /** Open even where environment or settings are refused: telemetry is off then, and its status says why. */
  readonly forgiving: boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly app: { readonly name: string; readonly version: string }
  /** What a person types before the words of a command; for hints. */
  readonly invocation: string
  /** The declared events, for the catalogue; undefined: the built-in ones. */
  readonly events: ReadonlyArray<EventDefinition.Any> | undefined
  /** Built anew for each use: what a command has changed is seen by the next one that opens. */
  readonly layer: (options: Opening) => Layer.Layer<
    Services,
    { readonly message: string }
  >
  /** The state at a glance, without opening more than it takes. */
  readonly status: (options: { readonly dataDir: string | undefined }) => Effect.Effect<
    Status,
    { readonly message: string }
  >
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Host extends Context.Tag("effect-telemetry/cli/Host")<Host, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly app: { readonly name: string; readonly version: string }
  /** Events of the application beside the built-in ones. */
  readonly events?: ReadonlyArray<EventDefinition.Any> | undefined
  /** How telemetry is opened; by default as `TelemetryLive` does on Node. */
  readonly layer?: Service["layer"] | undefined
}

/** Without a background worker, and without events of the command line itself. */
const layerNode = (options: Options): Service["layer"] => ({ dataDir, forgiving }) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("../node/TelemetryNode.js")),
      (node) =>
        (forgiving ? node.layerForgiving : node.layer)({
          app: options.app,
          worker: false,
          automatic: false,
          ...(options.events === undefined ? {} : { events: options.events }),
          ...(dataDir === undefined ? {} : { dataDir })
        }).pipe(Layer.provide(Layer.succeed(DebugEcho, false)))
    )
  )

/** From the whole telemetry, where the application has put it together by itself. */
const statusOf = (layer: Service["layer"]): Service["status"] => ({ dataDir }) =>
  Effect.flatMap(
    Effect.promise(() => import("../Telemetry.js")),
    ({ Telemetry }) =>
      Effect.flatMap(Telemetry, (telemetry) => telemetry.status).pipe(
        Effect.provide(layer({ dataDir, forgiving: true }))
      )
  )

const statusNode = (app: Options["app"]): Service["status"] => ({ dataDir }) =>
  Effect.flatMap(Effect.promise(() => import("./StatusNode.js")), (light) => light.read({ app, dataDir }))

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options, invocation: string): Service => ({
  app: options.app,
  invocation,
  events: options.events,
  layer: options.layer ?? layerNode(options),
  status: options.layer === undefined ? statusNode(options.app) : statusOf(options.layer)
})

const opened = (flags: Flags, forgiving: boolean) =>
<A, E extends { readonly message: string }, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Failure, Exclude<R, Services> | Host> =>
  Effect.flatMap(Host, (host) => Effect.provide(effect, host.layer({ dataDir: flags.dataDir, forgiving }))).pipe(
    Effect.mapError((error) => error instanceof Failure ? error : failed(error.message))
  )

/**
 * Runs an effect on the telemetry that the flags name; every failure becomes one line for a person.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withTelemetry = (flags: Flags) => opened(flags, false)

/**
 * The same for what must work when environment or settings are refused: to look, and to put them right.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withWhateverIsThere = (flags: Flags) => opened(flags, true)
