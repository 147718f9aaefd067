/**
 * From a batch to an answer that says what became of each event: judged at once, stored together with what else waits.
 *
 * @since 0.1.0
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import type { SubmitAnswer } from "../submission/Contract.js"
import type * as Batches from "./Batches.js"
import * as BatchStore from "./BatchStore.js"
import * as Counters from "./Counters.js"
import { EventTypes } from "./EventTypes.js"
import * as Grouped from "./Grouped.js"
import * as Limits from "./Limits.js"
import * as Received from "./Received.js"
import * as Retention from "./Retention.js"
import * as RollupDelta from "./RollupDelta.js"
import { Rollups } from "./Rollups.js"
import * as Transaction from "./Transaction.js"
import * as Verdict from "./Verdict.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * `app`: what the key is bound to. `batch`: what it is known by; null: only its events are. `begun` is called when the
   * database begins with it. Fails when storage is away; then nothing of it was kept.
   */
  readonly batch: (
    events: ReadonlyArray<unknown>,
    app: string | null,
    options?: { readonly batch: Batches.Batch | null; readonly begun: () => void }
  ) => Effect.Effect<SubmitAnswer, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Ingest extends Context.Tag("effect-telemetry/collector/Ingest")<Ingest, Service>() {}

const unknownBatch = { batch: null, begun: () => {} }

/** So many applications are told apart where events are refused. */
const mostApps = 1_000

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Ingest, never, SqlClient.SqlClient | Rollups | Counters.Counters> = Layer.scoped(
  Ingest,
  Effect.gen(function*() {
    const store = yield* BatchStore.make
    const rollups = yield* Rollups
    const counters = yield* Counters.Counters
    const types = yield* EventTypes
    const rules = yield* Retention.Rules
    const isTooOld = (now: number) => ({ app, level, timestamp }: WireEvent): boolean =>
      rules.length > 0 && timestamp < (Retention.cutoff(rules, app.name, level, now) ?? 0)
    const known = new Set<string>()
    const write = yield* Grouped.make({
      handle: store.write,
      sizeOf: ({ verdicts }: BatchStore.Request) => verdicts.passed.length,
      most: Limits.groupEvents,
      isOfOne: Transaction.isOfData
    })

    /** A client cannot make us write by sending rubbish. */
    const refuse = (request: BatchStore.Request): BatchStore.Stored => {
      if (request.verdicts.refused.length > 0) {
        const delta = RollupDelta.make()
        Received.addBatch(delta.received, { ...request, fresh: [] })
        rollups.note(delta)
      }
      return { answer: BatchStore.answerOf(request.verdicts, 0), fresh: 0 }
    }

    const count = ({ verdicts }: BatchStore.Request, { answer, fresh }: BatchStore.Stored): void => {
      for (const { event } of verdicts.passed) if (known.size < mostApps) known.add(event.app.name)
      for (const { code } of verdicts.refused) Counters.increment(counters.rejections, code)
      counters.batches += 1
      counters.accepted += answer.accepted
      counters.duplicates += answer.accepted - fresh
      counters.rejected += answer.rejected
    }

    return Ingest.of({
      batch: (events, app, { batch, begun } = unknownBatch) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const verdicts = Verdict.make(events, types, app, isTooOld(now))
          const request: BatchStore.Request = { verdicts, batch, now, boundTo: app, known, begun }
          return Effect.map(
            verdicts.passed.length === 0 ? Effect.sync(() => refuse(request)) : write(request),
            (stored) => {
              count(request, stored)
              Verdict.forget(verdicts)
              return stored.answer
            }
          )
        })
    })
  })
)
