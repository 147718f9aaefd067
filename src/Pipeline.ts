/**
 * The stages put together: collection, scheduling and the service an application sees, over whatever persistence, transport
 * and platform are provided.
 *
 * The order is that of closing, backwards: the last words of a session are recorded, the intake closes and commits, the
 * worker ends (with one last submission if it was given time for that), leases go back, the store closes.
 *
 * @since 0.1.0
 */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as AutomaticEvents from "./collection/AutomaticEvents.js"
import * as Breadcrumbs from "./collection/Breadcrumbs.js"
import * as Collector from "./collection/Collector.js"
import * as DebugLog from "./collection/DebugLog.js"
import * as Encoders from "./collection/Encoders.js"
import * as ErrorTracking from "./collection/ErrorTracking.js"
import * as Health from "./collection/health/Health.js"
import * as Intake from "./collection/Intake.js"
import * as Session from "./collection/Session.js"
import * as PipelineHealth from "./PipelineHealth.js"
import * as Erasures from "./scheduling/Erasures.js"
import { Lowering } from "./scheduling/Lowering.js"
import * as Maintenance from "./scheduling/Maintenance.js"
import * as RateLimit from "./scheduling/RateLimit.js"
import * as Sealing from "./scheduling/Sealing.js"
import * as SubmissionStats from "./scheduling/SubmissionStats.js"
import * as Submitter from "./scheduling/Submitter.js"
import * as Worker from "./scheduling/Worker.js"
import * as SubmissionHealth from "./SubmissionHealth.js"
import { Config } from "./TelemetryConfig.js"
import * as TelemetryService from "./TelemetryService.js"

/** What an event may keep when the level is lowered is known by its declaration. */
const lowering = Layer.effect(Lowering, Effect.map(Encoders.Encoders, (encoders) => encoders.lower))

/**
 * Retry, rate limit, submission and the background work.
 *
 * @since 0.1.0
 * @category layers
 */
export const scheduling = Layer.mergeAll(
  Layer.unwrapEffect(Effect.map(Config, ({ worker }) => worker ? Worker.layer : Worker.layerNoop)),
  Maintenance.layer,
  Sealing.layer,
  SubmissionStats.layer
).pipe(
  Layer.provideMerge(Submitter.layer),
  Layer.provideMerge(Erasures.layer),
  Layer.provideMerge(RateLimit.layer.pipe(Layer.provide(RateLimiter.layer))),
  Layer.provide(lowering)
)

/** The worker learns of what is committed: an empty queue has no timer, and a full batch need not wait for one. */
const wakeByCommit = Layer.scopedDiscard(Effect.gen(function*() {
  const intake = yield* Intake.Intake
  const worker = yield* Worker.Worker
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      intake.unsafeOnCommit(({ result }) => {
        worker.unsafeArrived(result.waiting)
      })
    ),
    (stop) => Effect.sync(stop)
  )
}))

/**
 * The front door with its session, and the buffer behind it. Repeated errors are recorded before the session ends.
 *
 * @since 0.1.0
 * @category layers
 */
export const collection = ErrorTracking.layer.pipe(
  Layer.provideMerge(Breadcrumbs.layer),
  Layer.provideMerge(Layer.merge(AutomaticEvents.layer, wakeByCommit)),
  Layer.provideMerge(Health.layer),
  Layer.provideMerge(Collector.layer.pipe(Layer.provide(DebugLog.layer))),
  Layer.provideMerge(Session.layer),
  Layer.provideMerge(Intake.layer)
)

/**
 * Everything but persistence, transport and platform.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = Layer.mergeAll(TelemetryService.layer, PipelineHealth.layer, SubmissionHealth.layer).pipe(
  Layer.provideMerge(collection),
  Layer.provideMerge(scheduling),
  Layer.provideMerge(Encoders.layer)
)
