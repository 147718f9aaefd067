/**
 * The drain of one destination: plan, claim, send, decide, settle, until there is nothing left that may be sent now.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { ConsentGate } from "../../consent/ConsentGate.js"
import type { DestinationState } from "../../domain/Destination.js"
import type { StoreError } from "../../persistence/StoreError.js"
import { SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import { Config } from "../../TelemetryConfig.js"
import * as Permission from "../Permission.js"
import { Process } from "../Process.js"
import { RateLimit } from "../RateLimit.js"
import { notConsented } from "../Settling.js"
import * as Claiming from "./Claiming.js"
import * as Look from "./Look.js"
import * as Purse from "./Purse.js"
import * as Run from "./Run.js"
import * as Sending from "./Sending.js"

/** A person's command waits for another process to finish in short steps, and not for ever. */
const waitStepMillis = 100
const waitSteps = 100

const stop: Claiming.Prepared = { _tag: "Stop" }
const again: Claiming.Prepared = { _tag: "Again" }

/** @internal */
export const make = Effect.gen(function*() {
  const config = yield* Config
  const gate = yield* ConsentGate
  const queue = yield* SubmissionQueue
  const own = yield* Process
  const needs: Run.Needs = new Map()
  const purse = Purse.make(yield* RateLimit, Run.largestBatch(config))
  const look = yield* Look.make(needs, purse)
  const claiming = yield* Claiming.make(needs, purse)
  const send = yield* Sending.make(claiming, purse)
  const lease = Run.leaseMillis(config)

  /** Shows a pause for want of consent to this origin, or takes it back. */
  const setPause = (target: Run.Target, state: DestinationState, isPaused: boolean) =>
    queue.setState(target.id, {
      ...state,
      failures: 0,
      nextAttemptAt: null,
      paused: isPaused ? notConsented : null,
      fingerprint: isPaused ? target.transport.fingerprint : null
    })

  const isPermitted = Effect.fnUntraced(function*(run: Run.Run) {
    const effective = yield* gate.refresh
    const permission = Permission.of(effective, run.target.transport.origin)
    if (effective.enabled) yield* run.options.align(effective)
    if (permission._tag === "Granted") return true
    run.lastError = permission.message
    if (permission._tag === "OtherOrigin") {
      const state = yield* queue.state(run.target.id)
      if (state.paused !== notConsented) yield* setPause(run.target, state, true)
    }
    return false
  })

  const hasRight = Effect.fnUntraced(function*(run: Run.Run) {
    for (let step = 0;; step++) {
      const now = yield* Clock.currentTimeMillis
      if (now < run.rightUntil - lease / 2) return true
      const until = now + lease
      if (yield* queue.acquire(run.target.id, own.owner, now, until, own.isGone)) {
        run.rightUntil = until
        return true
      }
      if (!run.options.person || step >= waitSteps || run.options.stop()) return false
      yield* Effect.sleep(waitStepMillis)
    }
  })

  /** Looks, and claims what may be sent. */
  const next = Effect.fnUntraced(function*(run: Run.Run): Effect.fn.Return<Claiming.Prepared, StoreError> {
    if (!(yield* isPermitted(run))) return stop
    const first = run.requests === 0
    const { plan, state } = yield* look(run.target, { person: run.options.person && first, patient: !first })
    if (plan._tag === "Done") return stop
    if (state.paused === notConsented) {
      yield* setPause(run.target, state, false)
      return again
    }
    if (plan._tag === "Wait") {
      const isAway = plan.why === "back-off" || plan.why === "paused" || plan.why === "retry-after"
      if (isAway) run.lastError ??= state.paused ?? state.lastError
      return stop
    }
    const had = run.rightUntil > -Infinity
    if (!(yield* hasRight(run))) {
      run.held = true
      run.lastError = "another process is submitting"
      return stop
    }
    // Whoever had the right before may have changed what was seen.
    if (!had) return again
    run.state = state
    return yield* claiming.prepare(run, plan)
  })

  /** One turn; false when there is nothing more to do now. */
  const turn = (run: Run.Run): Effect.Effect<boolean, StoreError> =>
    Effect.suspend(() => {
      const claimed = run.next
      run.next = null
      return Effect.flatMap(
        claimed === null ? next(run) : claiming.check(run, claimed),
        (prepared) =>
          prepared._tag === "Ready"
            ? Effect.as(send(run, prepared.batch, prepared.events), true)
            : Effect.succeed(prepared._tag === "Again")
      )
    })

  const drain = (target: Run.Target, options: Run.Options): Effect.Effect<Run.Run, StoreError> =>
    Effect.suspend(() => {
      const run = Run.make(target, options)
      const goesOn = () => run.requests < options.maxRequests && !options.stop()
      const loop: Effect.Effect<Run.Run, StoreError> = Effect.suspend(() =>
        goesOn()
          ? Effect.flatMap(turn(run), (more) => more ? Effect.zipRight(Effect.yieldNow(), loop) : Effect.succeed(run))
          : Effect.succeed(run)
      )
      return loop
    })

  return { drain, look, giveBack: purse.empty }
})
