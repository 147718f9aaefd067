/**
 * Replicas that share background work: each job is a singleton of `@effect/cluster`, kept by locks in the collector's own
 * Postgres. Loaded when a database URL asks for it: the package is an optional peer.
 *
 * Replicas send each other nothing, so none listens for others and none needs an address: a replica is a name in a table,
 * with a heartbeat. Its locks are rows that expire, not locks of its connection: a process that is paused keeps its connection,
 * and would keep the work with it. What it holds when it wakes is fenced by the transactions of the jobs.
 *
 * @since 0.1.0
 */
import * as MessageStorage from "@effect/cluster/MessageStorage"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as Singleton from "@effect/cluster/Singleton"
import * as SqlRunnerStorage from "@effect/cluster/SqlRunnerStorage"
import type { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Crypto from "node:crypto"
import * as Limits from "./Limits.js"
import * as Postgres from "./Postgres.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Single {
  readonly name: string
  readonly run: Effect.Effect<never>
}

const config = Layer.unwrapEffect(Effect.sync(() =>
  ShardingConfig.layer({
    // A new one each time: one that comes back after a kill waits for its old locks like anybody else.
    runnerAddress: Option.some(RunnerAddress.make(`replica-${Crypto.randomUUID()}`, 0)),
    shardsPerGroup: Limits.clusterShards,
    shardLockDisableAdvisory: true,
    shardLockExpiration: Duration.millis(Limits.clusterExpiryMillis),
    shardLockRefreshInterval: Duration.millis(Limits.clusterRefreshMillis),
    refreshAssignmentsInterval: Duration.millis(Limits.clusterLookMillis),
    // Also how often locks are tried for that another did not give up in time.
    entityMessagePollInterval: Duration.millis(Limits.clusterLookMillis)
  })
))

/**
 * Runs each of them while it is this replica's turn. It has connections of its own: a busy pool must not make it lose its
 * locks.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (url: string, singles: ReadonlyArray<Single>): Layer.Layer<never, SqlError> =>
  Layer.mergeAll(Layer.empty, ...singles.map(({ name, run }) => Singleton.make(`collector/${name}`, run))).pipe(
    Layer.provide(Sharding.layer),
    Layer.provide([Runners.layerNoop, RunnerHealth.layerNoop, SqlRunnerStorage.layer]),
    Layer.provide([
      MessageStorage.layerNoop,
      config,
      Postgres.layerWith({ url, connections: Limits.clusterConnections })
    ]),
    Layer.provide(Layer.setTracerEnabled(false))
  )
