/**
 * The background work of a collector, all of it, and who does it.
 *
 * On SQLite a process does its own, as plain fibers. On Postgres each job has one runner at a time among all replicas, as a
 * singleton of a cluster that is loaded for it; a replica that cannot join goes on serving, and tries again.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { Alerts } from "./alerts/Alerts.js"
import { Webhooks } from "./alerts/Webhooks.js"
import { DatabaseError, isPostgres } from "./Database.js"
import { Erasure } from "./Erasure.js"
import * as Job from "./Job.js"
import * as Limits from "./Limits.js"
import { Retention } from "./Retention.js"
import { Rollups } from "./Rollups.js"
import { SubjectWeeks } from "./SubjectWeeks.js"
import * as Transaction from "./Transaction.js"

/**
 * - `fibers`: this process does all of it
 * - `joining`: not yet among the replicas that share it
 * - `cluster`: one of them
 * - `unavailable`: it could not join, and tries again
 *
 * @since 0.1.0
 * @category models
 */
export type Runner = "fibers" | "joining" | "cluster" | "unavailable"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  runner: Runner
  readonly progress: ReadonlyArray<Job.Progress>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Jobs extends Context.Tag("effect-telemetry/collector/Jobs")<Jobs, Service>() {}

interface Tracked {
  readonly job: Job.Job
  readonly progress: Job.Progress
}

/** Who has something to do. */
type Workers = Rollups | SubjectWeeks | Erasure | Retention | Alerts | Webhooks

const tracked: Effect.Effect<ReadonlyArray<Tracked>, never, Workers> = Effect.map(
  Effect.all([Rollups, SubjectWeeks, Erasure, Retention, Alerts, Webhooks]),
  (services) => services.map(({ job }) => ({ job, progress: Job.progress(job) }))
)

/**
 * This process does all of it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerFibers: Layer.Layer<Jobs, never, Workers> = Layer.scoped(
  Jobs,
  Effect.gen(function*() {
    const all = yield* tracked
    for (const { job, progress } of all) {
      yield* Effect.forkScoped(Effect.interruptible(Job.loop(job, progress, { shared: false })))
    }
    return Jobs.of({ runner: "fibers", progress: all.map(({ progress }) => progress) })
  })
)

const loaded = Effect.tryPromise({
  try: () => import("./JobsCluster.js"),
  catch: (cause) =>
    new DatabaseError({
      message: "Replicas on Postgres need the packages @effect/cluster, @effect/rpc and @effect/workflow; " +
        "install them beside this one",
      cause
    })
})

/**
 * This process and the others on that Postgres share it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerCluster = (url: string): Layer.Layer<Jobs, DatabaseError, Workers> =>
  Layer.scoped(
    Jobs,
    Effect.gen(function*() {
      const cluster = yield* loaded
      const all = yield* tracked
      const limits = yield* Limits.CollectorLimits
      const jobs = Jobs.of({ runner: "joining", progress: all.map(({ progress }) => progress) })
      const singletons = all.map(({ job, progress }) => ({
        name: job.name,
        run: Job.loop(job, progress, { shared: true })
      }))
      // Replicas that make the library's tables at once get in each other's way, for a moment.
      const joined = Effect.retry(
        Layer.build(cluster.layer(url, singletons)),
        { times: 2, schedule: Schedule.jittered(Schedule.spaced(Duration.millis(200))) }
      )
      const member = joined.pipe(
        Effect.tap(() => {
          jobs.runner = "cluster"
        }),
        Effect.zipRight(Effect.never),
        Effect.scoped,
        Effect.provideService(Limits.CollectorLimits, limits)
      )
      yield* member.pipe(
        Effect.catchAllCause((cause) => {
          jobs.runner = "unavailable"
          return Effect.zipRight(
            Effect.logWarning(
              "The background work of the replicas cannot be joined; tried again",
              Transaction.reasonOf(Cause.squash(cause))
            ),
            Effect.sleep(Duration.seconds(Limits.unavailableRetrySeconds))
          )
        }),
        Effect.forever,
        Effect.interruptible,
        Effect.forkScoped
      )
      return jobs
    })
  )

/**
 * As the database wants it, unless nobody else uses it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: { readonly database: string; readonly shared?: boolean | undefined }
): Layer.Layer<Jobs, DatabaseError, Workers> =>
  isPostgres(options.database) && options.shared !== false ? layerCluster(options.database) : layerFibers
