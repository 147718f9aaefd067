/**
 * Gets a batch ready to be sent: claims it, pays for it, and looks at consent once more.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { ConsentGate } from "../../consent/ConsentGate.js"
import { admit } from "../../domain/Consent.js"
import { Ids } from "../../domain/Ids.js"
import * as RollupWindow from "../../domain/RollupWindow.js"
import type { ConsentedEvent } from "../../domain/TelemetryEvent.js"
import type { StoreError } from "../../persistence/StoreError.js"
import {
  type ClaimedBatch,
  type ClaimRequest,
  type Settlement,
  SubmissionQueue,
  type Verdict
} from "../../persistence/SubmissionQueue.js"
import { Config } from "../../TelemetryConfig.js"
import * as Permission from "../Permission.js"
import { Process } from "../Process.js"
import type { Purse } from "./Purse.js"
import * as Run from "./Run.js"

/**
 * - `Ready`: to be sent as it is
 * - `Again`: what waits has changed, look once more
 * - `Stop`: nothing that may be sent now
 *
 * @internal
 */
export type Prepared =
  | { readonly _tag: "Ready"; readonly batch: ClaimedBatch; readonly events: ReadonlyArray<ConsentedEvent> }
  | { readonly _tag: "Again" }
  | { readonly _tag: "Stop" }

/** @internal */
export interface Size {
  /** Of a batch made anew. */
  readonly limit: number
  /** Of a batch that has to stay as it is. */
  readonly kept: number
}

/** @internal */
export interface Claiming {
  /** Claims the next batch and gets it ready. */
  readonly prepare: (run: Run.Run, size: Size) => Effect.Effect<Prepared, StoreError>
  /** Gets a batch ready that was claimed ahead. */
  readonly check: (run: Run.Run, claimed: Run.Claimed) => Effect.Effect<Prepared, StoreError>
  /**
   * The claim that may be made in the very transaction that settles the batch before; null when there is something to look
   * at first.
   */
  readonly ahead: (run: Run.Run) => Effect.Effect<ClaimRequest | null>
  /** Puts a batch back without having tried it; events without a verdict are released. */
  readonly giveBack: (
    batch: ClaimedBatch,
    groups: Settlement["groups"],
    verdicts?: ReadonlyMap<number, Verdict>
  ) => Effect.Effect<void, StoreError>
}

/** The batch as one group under its own key: as it is. @internal */
export const whole = (batch: ClaimedBatch): Settlement["groups"] => [
  { key: batch.key, seqs: batch.events.map(({ seq }) => seq), faults: batch.faults }
]

const release: Verdict = { _tag: "Release" }

/**
 * What is done for each batch, here and in the other files, is a generator function made once. Of one that is made anew V8 keeps
 * all it closes over, the events of the batch among them, until it collects the old generation.
 *
 * @internal
 */
export const make = (needs: Run.Needs, purse: Purse) =>
  Effect.gen(function*() {
    const config = yield* Config
    const gate = yield* ConsentGate
    const queue = yield* SubmissionQueue
    const own = yield* Process
    const ids = yield* Ids
    const lease = Run.leaseMillis(config)
    const largest = Run.largestBatch(config)
    const aggregated = RollupWindow.typesOf(config)

    const giveBack = Effect.fnUntraced(function*(
      batch: ClaimedBatch,
      groups: Settlement["groups"],
      verdicts: ReadonlyMap<number, Verdict> = new Map()
    ): Effect.fn.Return<void, StoreError> {
      const now = yield* Clock.currentTimeMillis
      const state = yield* queue.state(batch.destination)
      yield* queue.settle({
        batch,
        owner: own.owner,
        now,
        verdicts: new Map(batch.events.map(({ seq }) => [seq, verdicts.get(seq) ?? release])),
        groups,
        state,
        stats: {}
      })
    })

    const request = (destination: string, size: number, now: number): ClaimRequest => ({
      destination,
      owner: own.owner,
      now,
      leaseUntil: now + lease,
      limit: size,
      maxBytes: config.batchBytes,
      newKey: ids.uuid4(),
      isGone: own.isGone
    })

    const ahead = Effect.fnUntraced(function*(run: Run.Run) {
      const { options, requests, rightUntil, target } = run
      const now = yield* Clock.currentTimeMillis
      const isDue = requests < options.maxRequests && now < rightUntil - lease / 2 &&
        purse.unsafeHas(target.id, largest, now)
      if (!isDue || options.stop()) return null
      const effective = yield* gate.refresh
      const permission = Permission.of(effective, target.transport.origin)
      return permission._tag === "Granted" && options.isAligned(effective) ? request(target.id, largest, now) : null
    })

    const ready = Effect.fnUntraced(
      function*(run: Run.Run, { batch, isNew }: Run.Claimed, size: Size): Effect.fn.Return<Prepared, StoreError> {
        const { options, target } = run
        const count = batch.events.length
        if (isNew && count > size.limit) {
          // Only a batch of its own may be sent: after a crash the rest would come back under the same key.
          const part = batch.events.slice(0, size.limit).map(({ seq }) => seq)
          yield* giveBack(batch, [{ key: batch.key, seqs: part, faults: batch.faults }])
          return { _tag: "Again" }
        }
        const asItWas = isNew && batch.faults === 0 ? [] : whole(batch)
        if (!(yield* purse.take(target.id, count))) {
          needs.set(target.id, count)
          yield* giveBack(batch, asItWas)
          return { _tag: "Stop" }
        }
        needs.delete(target.id)
        const effective = yield* gate.refresh
        const permission = Permission.of(effective, target.transport.origin)
        if (options.stop() || !options.isAligned(effective) || permission._tag !== "Granted") {
          yield* purse.refund(target.id, count)
          yield* giveBack(batch, asItWas)
          return { _tag: "Again" }
        }
        const events: Array<ConsentedEvent> = []
        const withheld = new Map<number, Verdict>()
        for (const { event, seq } of batch.events) {
          const consented = aggregated.has(event.type) ? null : admit(event, effective)
          if (consented === null) withheld.set(seq, { _tag: "Withhold" })
          else events.push(consented)
        }
        if (withheld.size > 0) {
          yield* purse.refund(target.id, count)
          yield* giveBack(batch, [], withheld)
          return { _tag: "Again" }
        }
        return { _tag: "Ready", batch, events }
      }
    )

    const prepare = Effect.fnUntraced(function*(run: Run.Run, size: Size): Effect.fn.Return<Prepared, StoreError> {
      const wanted = request(run.target.id, size.kept, yield* Clock.currentTimeMillis)
      const batch = yield* queue.claim(wanted)
      if (batch === null) return { _tag: "Stop" }
      return yield* ready(run, { batch, isNew: batch.key === wanted.newKey }, size)
    })

    const check = (run: Run.Run, claimed: Run.Claimed) => ready(run, claimed, { limit: largest, kept: largest })

    const claiming: Claiming = { prepare, check, ahead, giveBack }
    return claiming
  })
