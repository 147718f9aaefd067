/**
 * Sends one batch and writes what came of it.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { admit } from "../../domain/Consent.js"
import { Ids } from "../../domain/Ids.js"
import * as Outcome from "../../domain/Outcome.js"
import type { ConsentedEvent } from "../../domain/TelemetryEvent.js"
import type { StoreError } from "../../persistence/StoreError.js"
import {
  type ClaimedBatch,
  type Settlement,
  type StatsDelta,
  SubmissionQueue,
  type Verdict
} from "../../persistence/SubmissionQueue.js"
import * as Policy from "../../Policy.js"
import { Config } from "../../TelemetryConfig.js"
import * as Decision from "../Decision.js"
import * as Permission from "../Permission.js"
import { Process } from "../Process.js"
import * as RetryPolicy from "../RetryPolicy.js"
import { nextState } from "../Settling.js"
import * as Claiming from "./Claiming.js"
import type { Purse } from "./Purse.js"
import * as Run from "./Run.js"

const isAway = (decision: Decision.Decision): boolean =>
  decision.destination._tag === "BackOff" || decision.destination._tag === "Pause"

const noteAnswer = (run: Run.Run, outcome: Outcome.Outcome): void => {
  if (Outcome.tookSome(outcome)) {
    run.accepted = true
    run.faultsInRow = 0
  } else if (outcome._tag === "Faulted") run.faultsInRow += 1
  run.lastError = Outcome.errorOf(outcome) ?? run.lastError
}

/** Counts the events by what becomes of them. */
const noteFates = (run: Run.Run, decision: Decision.Decision): Readonly<Record<Decision.Fate["_tag"], number>> => {
  const counts = { Delivered: 0, Release: 0, Retry: 0, Bury: 0 }
  for (const [seq, fate] of decision.fates) {
    counts[fate._tag] += 1
    if (fate._tag === "Delivered" || fate._tag === "Bury") run.failed.delete(seq)
    else run.failed.add(seq)
  }
  const lost = decision.lost ?? 0
  counts.Delivered -= lost
  counts.Bury += lost
  run.submitted += counts.Delivered
  run.rejected += counts.Bury
  return counts
}

/** @internal */
export const make = (claiming: Claiming.Claiming, purse: Purse) =>
  Effect.gen(function*() {
    const config = yield* Config
    const queue = yield* SubmissionQueue
    const own = yield* Process
    const ids = yield* Ids
    const policy = RetryPolicy.fromConfig(config.retry)
    const lease = Run.leaseMillis(config)
    /** To find one event among a batch takes at most this many requests; more 500s in a row are an outage. */
    const maxFaultsInRow = 2 * Math.ceil(Math.log2(Math.max(config.batchSize, 2))) + 2

    /** Is the endpoint well, but for this batch? */
    const isWell = Effect.fnUntraced(
      function*(run: Run.Run, batch: ClaimedBatch, nested: boolean): Effect.fn.Return<boolean, StoreError> {
        if (run.faultsInRow > maxFaultsInRow) return false
        if (run.accepted) return true
        const { id, transport } = run.target
        const ping = Effect.timeoutTo(transport.ping, {
          duration: config.timeout,
          onSuccess: (well) => well,
          onTimeout: () => false
        })
        if (yield* ping) return true
        // It may have no ping at all. Then the events behind this batch show whether it is well.
        if (nested || batch.faults < 2) return false
        const size = Math.min(yield* purse.available(id), Policy.probeBatchSize)
        if (size < 1) return false
        const other = yield* claiming.prepare(run, { limit: size, kept: size })
        if (other._tag !== "Ready") return false
        yield* send(run, other.batch, other.events, true)
        return run.accepted
      }
    )

    const delayOf = ({ destination }: Decision.Decision, failures: number): Effect.Effect<number> => {
      if (destination._tag === "Pause" && destination.seldom === true) {
        return Effect.succeed(Duration.toMillis(policy.longest))
      }
      return destination._tag === "BackOff" || destination._tag === "Pause"
        ? RetryPolicy.persistedDelay(policy, failures)
        : Effect.succeed(0)
    }

    const settle = Effect.fnUntraced(function*(
      run: Run.Run,
      batch: ClaimedBatch,
      decision: Decision.Decision,
      figures: StatsDelta,
      nested: boolean
    ) {
      const { id, transport } = run.target
      const now = yield* Clock.currentTimeMillis
      const state = run.state ?? (yield* queue.state(id))
      const verdicts = new Map<number, Verdict>()
      for (const [seq, fate] of decision.fates) {
        if (fate._tag !== "Retry") verdicts.set(seq, fate)
        else {
          const delay = yield* RetryPolicy.persistedDelay(policy, fate.attempt)
          verdicts.set(seq, { _tag: "Retry", dueAt: now + delay, error: fate.error })
        }
      }
      const counts = noteFates(run, decision)
      const isRetry = state.failures > 0 || batch.faults > 0 || batch.events.some(({ attempts }) => attempts > 0)
      const stats: StatsDelta = {
        ...figures,
        submitted: counts.Delivered,
        rejected: counts.Bury,
        failed: counts.Retry + (isAway(decision) ? counts.Release : 0),
        retries: isRetry ? 1 : 0
      }
      const settlement: Settlement = {
        batch,
        owner: own.owner,
        now,
        verdicts,
        groups: decision.groups.map(({ faults, keepsKey, seqs }) => ({
          key: keepsKey ? batch.key : ids.uuid4(),
          seqs,
          faults
        })),
        state: nextState(state, decision.destination, {
          now,
          delay: yield* delayOf(decision, state.failures),
          fingerprint: transport.fingerprint
        }),
        stats,
        place: transport.origin
      }
      const ahead = decision.destination._tag === "Healthy" && !nested ? yield* claiming.ahead(run) : null
      if (ahead === null) yield* queue.settle(settlement)
      else {
        const { next } = yield* queue.settleThenClaim(settlement, ahead)
        run.next = next === null ? null : { batch: next, isNew: next.key === ahead.newKey }
      }
      run.state = settlement.state
      run.options.onSettled(id, stats)
    })

    const send = Effect.fnUntraced(function*(
      run: Run.Run,
      batch: ClaimedBatch,
      events: ReadonlyArray<ConsentedEvent>,
      nested: boolean
    ): Effect.fn.Return<void, StoreError> {
      const { id, transport } = run.target
      const started = yield* Clock.currentTimeNanos
      run.requests += 1
      const submission = yield* run.options.guard.watch({
        isAllowed: (effective) =>
          Permission.of(effective, transport.origin)._tag === "Granted" &&
          events.every((event) => admit(event, effective) !== null),
        renew: (now) => queue.renew(batch, own.owner, now + lease),
        request: transport.submit({ key: batch.key, events })
      })
      if (submission === null) return yield* claiming.giveBack(batch, Claiming.whole(batch))
      const { bytes, outcome } = submission
      const latencyMs = Number((yield* Clock.currentTimeNanos) - started) / 1e6
      const answered = Outcome.isAnswered(outcome)
      if (Outcome.nothingSent(outcome)) yield* purse.refund(id, events.length)
      noteAnswer(run, outcome)

      const sent = batch.events.map(({ attempts, event, seq }) => ({ seq, id: event.id, attempts }))
      const { faults } = batch
      const suspect = outcome._tag === "Faulted" && Decision.isRepeated({ faults, events: sent })
      const healthy = suspect && (yield* isWell(run, batch, nested))
      const decision = Decision.decide(outcome, { events: sent, faults, healthy, maxRetries: config.maxRetries })
      yield* settle(run, batch, decision, {
        requests: 1,
        failedRequests: Outcome.isWell(outcome) ? 0 : 1,
        networkErrors: answered ? 0 : 1,
        bytes,
        ...(answered ? { latencyMs } : {})
      }, nested)
    })

    return (run: Run.Run, batch: ClaimedBatch, events: ReadonlyArray<ConsentedEvent>) => send(run, batch, events, false)
  })
