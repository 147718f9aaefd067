/**
 * The submission queue on SQLite.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { StoreError } from "../StoreError.js"
import { type Service, SubmissionQueue } from "../SubmissionQueue.js"
import * as Claim from "./Claim.js"
import { Database } from "./Database.js"
import * as Inspect from "./Inspect.js"
import * as Relevel from "./Relevel.js"
import * as Remove from "./Remove.js"
import * as Requests from "./Requests.js"
import * as Rights from "./Rights.js"
import type { Session } from "./Session.js"
import * as Settle from "./Settle.js"

/**
 * @since 0.1.0
 * @category layers
 */
export const layerSql: Layer.Layer<SubmissionQueue, never, Database> = Layer.effect(
  SubmissionQueue,
  Effect.map(Database, (database): Service => {
    /** A long queue is worked through a portion at a time, with turns of the event loop in between. */
    const portions = (
      step: (from: number) => (session: Session) => Relevel.Progress
    ): Effect.Effect<number, StoreError> =>
      Effect.gen(function*() {
        let changed = 0
        let from: number | null = 0
        while (from !== null) {
          const done: Relevel.Progress = yield* database.write(step(from))
          changed += done.changed
          from = done.next
          if (from !== null) yield* Effect.yieldNow()
        }
        return changed
      })
    return {
      claim: (request) => database.write((session) => Claim.claim(session, request)),
      settle: (settlement) => database.write((session) => Settle.settle(session, settlement)),
      settleThenClaim: (settlement, request) =>
        database.write((session) => ({
          ...Settle.settle(session, settlement),
          next: Claim.claim(session, request)
        })),
      renew: (batch, owner, until) => database.write((session) => Rights.renew(session, batch, owner, until)),
      withhold: (id, sendable) =>
        Effect.flatMap(
          database.read((session) => Relevel.isWithholdNeeded(session, id, sendable)),
          (needed) =>
            needed ? portions((from) => (session) => Relevel.withhold(session, id, sendable, from)) : Effect.succeed(0)
        ),
      releaseAll: (owner) => database.write((session) => Rights.releaseAll(session, owner)),
      acquire: (id, owner, now, until, isGone) =>
        database.write((session) => Rights.acquire(session, id, { owner, now, until, isGone })),
      state: (id) => database.read((session) => Inspect.state(session, id)),
      setState: (id, state) => database.write((session) => Rights.setState(session, id, state)),
      stats: (id) => database.read((session) => Inspect.stats(session, id)),
      counts: (id) => database.read((session) => Inspect.counts(session, id)),
      nextDue: (id, now, isGone) => database.read((session) => Inspect.nextDue(session, id, now, isGone)),
      requests: (id, limit) => database.read((session) => Requests.list(session, id, limit)),
      life: (id, event) => database.read((session) => Requests.life(session, id, event)),
      list: (id, which, after, limit) => database.read((session) => Inspect.list(session, id, which, after, limit)),
      requeue: (id, ids) => database.write((session) => Remove.requeue(session, id, ids)),
      purge: (id, ids) => database.write((session) => Remove.purge(session, id, ids)),
      clear: (id) => portions((from) => (session) => Remove.clear(session, id, from))
    }
  })
)
