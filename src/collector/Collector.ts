/**
 * The whole collector as one layer.
 *
 * @since 0.1.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpPlatform from "@effect/platform-node/NodeHttpPlatform"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Etag from "@effect/platform/Etag"
import * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as EventCatalog from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import { version } from "../internal/version.js"
import * as Alerts from "./alerts/Alerts.js"
import * as Webhooks from "./alerts/Webhooks.js"
import * as Counters from "./Counters.js"
import * as SignIns from "./dashboard/SignIns.js"
import * as Database from "./Database.js"
import * as Erasure from "./Erasure.js"
import * as EventIntake from "./EventIntake.js"
import * as EventTypes from "./EventTypes.js"
import * as FastPath from "./FastPath.js"
import * as Ingest from "./Ingest.js"
import type { Insights } from "./Insights.js"
import * as InsightsSql from "./insights/InsightsSql.js"
import * as Jobs from "./Jobs.js"
import * as Keys from "./Keys.js"
import * as Limits from "./Limits.js"
import * as Listener from "./Listener.js"
import * as RateLimit from "./RateLimit.js"
import * as Retention from "./Retention.js"
import * as Rollups from "./Rollups.js"
import * as Server from "./Server.js"
import { Settings } from "./Settings.js"
import * as SubjectWeeks from "./SubjectWeeks.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** `sqlite:PATH` or `postgres://…`. */
  readonly database: string
  /** The interface to listen on; 127.0.0.1 unless said otherwise. */
  readonly host?: string | undefined
  /** 4318 unless said otherwise; 0 picks a free one. */
  readonly port?: number | undefined
  /**
   * On Postgres: may other collectors use the database too? They share the background work then, which needs the package
   * `@effect/cluster`. True unless said otherwise.
   */
  readonly shared?: boolean | undefined
  /** Changes to {@link Limits.defaults}. */
  readonly limits?: Partial<Limits.Limits> | undefined
  /** How long raw events are kept; without rules, until they are erased. Rollups are kept. */
  readonly retention?: ReadonlyArray<Retention.Rule> | undefined
  /** Events of an application, checked and counted like the built-in ones. */
  readonly events?: ReadonlyArray<EventDefinition.Any> | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Collector extends Context.Tag("effect-telemetry/collector/Collector")<Collector, {
  /** Where it listens, for example `http://127.0.0.1:4318`. */
  readonly url: string
}>() {}

/**
 * What runs inside, for the program that holds the collector.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | Collector
  | Keys.Keys
  | Ingest.Ingest
  | Rollups.Rollups
  | SubjectWeeks.SubjectWeeks
  | Insights
  | Erasure.Erasure
  | Retention.Retention
  | Alerts.Alerts
  | Webhooks.Webhooks
  | Jobs.Jobs
  | SqlClient.SqlClient

const urlOf = (address: HttpServer.Address): string =>
  address._tag === "TcpAddress"
    ? `http://${address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname}:${address.port}`
    : address.path

const platform = Layer.mergeAll(NodeHttpPlatform.layer, Etag.layerWeak, NodeFileSystem.layer, NodePath.layer)

const services = Layer.mergeAll(SignIns.layer, Alerts.layer).pipe(
  Layer.provideMerge(Webhooks.layerNode),
  Layer.provideMerge(Layer.mergeAll(Keys.layer, Erasure.layer, Retention.layer, SubjectWeeks.layer, InsightsSql.layer)),
  Layer.provideMerge(Ingest.layer),
  Layer.provideMerge(Rollups.layer),
  Layer.provideMerge(Counters.layer)
)

/**
 * Opens the database, listens, and answers until the scope closes: then no new request is taken, those in flight are
 * answered, and the database closes last. It prints nothing.
 *
 * @example
 * import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
 * import { layer } from "effect-telemetry/collector"
 * import * as Layer from "effect/Layer"
 *
 * Layer.launch(layer({ database: "sqlite:collector.db" })).pipe(NodeRuntime.runMain)
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Services, Database.DatabaseError | ServeError> => {
  const host = options.host ?? "127.0.0.1"
  const port = options.port ?? 4318
  const collector = Layer.effect(
    Collector,
    Effect.map(HttpServer.HttpServer, ({ address }) => ({ url: urlOf(address) }))
  )
  // The database is outside of the server: it must still be there while the last requests are answered.
  return Layer.merge(Server.layer, collector).pipe(
    Layer.provide(Layer.unwrapEffect(Effect.map(FastPath.make, (past) => Listener.layer({ host, port }, past)))),
    Layer.provide([platform, EventIntake.layer, Layer.succeed(Settings, { host, version })]),
    Layer.provide(RateLimit.layer),
    Layer.provideMerge(Jobs.layer(options)),
    Layer.provideMerge(services),
    Layer.provideMerge(Database.layerDatabase(options.database)),
    Layer.provide([
      Layer.succeed(Limits.CollectorLimits, { ...Limits.defaults, ...options.limits }),
      Layer.succeed(Retention.Rules, options.retention ?? []),
      Layer.sync(
        EventTypes.EventTypes,
        () => EventTypes.make([...EventCatalog.builtIn, ...(options.events ?? [])])
      ),
      Layer.setTracerEnabled(false)
    ])
  )
}

/**
 * The same, in the caller's scope, for one that wants to know where it listens.
 *
 * @since 0.1.0
 * @category constructors
 */
export const serve = (
  options: Options
): Effect.Effect<Context.Context<Services>, Database.DatabaseError | ServeError, Scope.Scope> =>
  Layer.build(layer(options))
