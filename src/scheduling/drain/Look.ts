/**
 * Looks at queue, destination and tokens, and plans.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Destination from "../../domain/Destination.js"
import { SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import * as Policy from "../../Policy.js"
import { Config } from "../../TelemetryConfig.js"
import * as Plan from "../Plan.js"
import { Process } from "../Process.js"
import { RateLimit } from "../RateLimit.js"
import * as RetryPolicy from "../RetryPolicy.js"
import type { Purse } from "./Purse.js"
import * as Run from "./Run.js"

/** @internal */
export interface Seen {
  readonly plan: Plan.Plan
  readonly state: Destination.DestinationState
  readonly now: number
}

/** @internal */
export const make = (needs: Run.Needs, purse: Purse) =>
  Effect.gen(function*() {
    const config = yield* Config
    const queue = yield* SubmissionQueue
    const limit = yield* RateLimit
    const own = yield* Process
    const longestDelay = Duration.toMillis(RetryPolicy.fromConfig(config.retry).longest)
    const largest = Run.largestBatch(config)

    return Effect.fnUntraced(function*(
      target: Run.Target,
      asked: { readonly person: boolean; readonly patient: boolean }
    ) {
      const now = yield* Clock.currentTimeMillis
      const due = yield* queue.nextDue(target.id, now, own.isGone)
      if (due === null) {
        const nothing: Seen = { plan: { _tag: "Done" }, state: Destination.initial, now }
        return nothing
      }
      const stored = yield* queue.state(target.id)
      const state = Plan.settleClock(stored, now, longestDelay)
      if (state !== stored) yield* queue.setState(target.id, state)
      const tokens = yield* purse.available(target.id)
      const counts = tokens < largest ? yield* queue.counts(target.id) : null
      const plan = Plan.plan({
        person: asked.person,
        patient: asked.patient,
        due,
        waiting: counts === null ? largest : counts.pending + counts.retrying,
        tokens,
        needed: needs.get(target.id) ?? 0,
        refillMillis: limit.refillMillis,
        burst: config.burst,
        batchSize: config.batchSize,
        probeSize: Policy.probeBatchSize,
        state,
        now,
        longestDelay,
        fingerprint: target.transport.fingerprint
      })
      const seen: Seen = { plan, state, now }
      return seen
    })
  })
