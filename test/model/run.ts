import * as Effect from "effect/Effect"
import { isDeepStrictEqual } from "node:util"
import { expect } from "vitest"
import * as Destination from "../../src/domain/Destination.js"
import * as Ledger from "../../src/domain/Ledger.js"
import { type RedactedEvent, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import type * as EventStore from "../../src/persistence/EventStore.js"
import type { ClaimedBatch, Verdict } from "../../src/persistence/SubmissionQueue.js"
import type * as SubmissionQueue from "../../src/persistence/SubmissionQueue.js"
import * as Model from "../../src/testing/QueueModel.js"
import * as Actions from "../../src/testing/QueueModelActions.js"
import * as Leases from "../../src/testing/QueueModelLeases.js"
import { context, epochA, epochB, event, group, nonZero } from "../suites/events.js"

/** An implementation under test: it can be lost and opened anew, and counted from its rows. */
export interface Subject {
  store: EventStore.Service
  queue: SubmissionQueue.Service
  readonly crash: () => void
  /** Compares stored counters with the rows, in the implementation's own terms; `whole` looks for loose ends as well. */
  readonly recount: (whole: boolean) => void
  readonly close: () => void
}

interface Held {
  readonly real: ClaimedBatch
  readonly model: Leases.ModelClaim
  readonly owner: Model.ModelOwner
}

const destinations = ["default", "second"]
const contexts = (["basic", "enhanced", "full"] as const).flatMap((level) =>
  [epochA, epochB].map((epoch) => context({ level, epoch }))
)
const unsent = context({ remote: false })
const hour = 3_600_000

/** The comparison of the test runner costs more than what is compared: it is asked only to show a difference. */
export const same = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

const utf8 = (one: RedactedEvent): number => Buffer.byteLength(one.data)

/** One sequence; what was done is counted in `done`. Throws at the first difference. */
export const sequence = (subject: Subject, seed: number, length: number, done: Map<string, number>): void => {
  const next = Actions.seeded(seed)
  const int = (n: number): number => Math.floor(next() * n)
  const pick = <A>(list: ReadonlyArray<A>): A => list[int(list.length)]!
  const model = Model.make()
  const trace: Array<string> = []
  const gone = new Set<number>()
  const isGone = (pid: number): boolean => gone.has(pid)
  let held: ReadonlyArray<Held> = []
  let owners = [{ id: "o1", pid: 1 }, { id: "o2", pid: 2 }]
  let now = 1_700_000_000_000
  let n = 0
  let keys = 0

  const run = <A, E>(effect: Effect.Effect<A, E>): A => Effect.runSync(effect)

  const append = (options: { readonly withheld?: boolean; readonly limit?: number }): void => {
    const to = int(4) === 0 ? ["default"] : destinations
    const events = Array.from({ length: 1 + int(8) }, () => {
      const size = int(60)
      return event(++n, {
        time: now + int(5) * hour,
        type: pick(["a", "b"]),
        data: JSON.stringify({ n, x: "é".repeat(size) }),
        context: options.withheld === true && int(2) === 0 ? unsent : pick(contexts)
      })
    })
    const counts = { offered: events.length + 2, "filtered:sampling": 1, "dropped:oversize": 1 }
    const limit = options.limit ?? 10_000
    same(
      run(subject.store.append(group(events, { destinations: to, counts, queueLimit: limit }))),
      Model.append(model, events, to, counts, limit)
    )
  }

  const claimRequest = () => ({
    destination: pick(destinations),
    owner: pick(owners),
    now,
    leaseUntil: now + 60_000,
    limit: 1 + int(12),
    maxBytes: int(3) === 0 ? 200 + int(400) : 1_000_000,
    newKey: "k" + ++keys,
    isGone
  })

  const checkClaim = (
    request: ReturnType<typeof claimRequest>,
    real: SubmissionQueue.ClaimedBatch | null
  ): void => {
    const expected = Leases.claim(model, { ...request, bytes: utf8 })
    same(
      real === null ? null : {
        key: real.key,
        faults: real.faults,
        events: real.events.map((one) => [one.seq, one.attempts, one.event])
      },
      expected === null ? null : {
        key: expected.key,
        faults: expected.batch.faults,
        events: expected.entries.map((one, i) => [one.seq, expected.attempts[i], model.events.get(one.seq)])
      }
    )
    if (real !== null && expected !== null) held = [...held, { real, model: expected, owner: request.owner }]
  }

  const claim = (): void => {
    const request = claimRequest()
    checkClaim(request, run(subject.queue.claim(request)))
  }

  const settle = (
    verdict: (seq: number, i: number) => Verdict,
    split: (seqs: ReadonlyArray<number>, key: string) => SubmissionQueue.Settlement["groups"] = () => []
  ): void => {
    const one = pick(held)
    held = held.filter((other) => other !== one)
    const seqs = one.real.events.map((claimed) => claimed.seq)
    const verdicts = new Map(seqs.map((seq, i) => [seq, verdict(seq, i)]))
    const groups = split(seqs.filter((seq) => verdicts.get(seq)?._tag === "Release"), one.real.key)
    const settlement = {
      batch: one.real,
      owner: one.owner,
      now,
      verdicts,
      groups,
      state: Destination.initial,
      stats: { requests: 1 }
    }
    const expected = () => Leases.settle(model, one.model, one.owner, now, verdicts, groups)
    if (int(2) === 0) return same(run(subject.queue.settle(settlement)), { settled: expected() })
    const request = claimRequest()
    const { next, settled } = run(subject.queue.settleThenClaim(settlement, request))
    same({ settled }, { settled: expected() })
    checkClaim(request, next)
  }

  const release: Verdict = { _tag: "Release" }
  const delivered: Verdict = { _tag: "Delivered" }
  const retry = (): Verdict => ({ _tag: "Retry", dueAt: now + 1000 * int(100), error: "later" })
  const bury: Verdict = { _tag: "Bury", error: "refused" }

  const lower = (one: RedactedEvent): RedactedEvent | null =>
    one.type === "a" ? unsafeRedacted({ ...one, data: "{}" }) : null

  const chosen = (place: "dead"): ReadonlyArray<number> | undefined =>
    int(2) === 0
      ? undefined
      : model.entries.filter((entry) => entry.place === place && int(2) === 0).map((entry) => entry.seq)

  const actions: Readonly<Record<Actions.Name, () => void>> = {
    Append: () => append({}),
    AppendWithheld: () => append({ withheld: true }),
    Overflow: () => append({ limit: 3 + int(8) }),
    Claim: claim,
    Ack: () => settle(() => delivered),
    Partial: () => settle(() => pick([delivered, delivered, retry(), bury, release])),
    Fail: () => settle(() => release, (seqs, key) => [{ key, seqs, faults: int(3) }]),
    Release: () => settle(() => release),
    Retry: () => settle(retry),
    Bury: () => settle(() => bury),
    Split: () =>
      settle(() => release, (seqs) => {
        const half = Math.ceil(seqs.length / 2)
        const halves = [seqs.slice(0, half), seqs.slice(half)].filter((part) => part.length > 0)
        return halves.map((part) => ({ key: "s" + ++keys, seqs: part, faults: 1 }))
      }),
    Withdraw: () => settle((_, i) => i % 2 === 0 ? { _tag: "Withhold" } : release),
    Renew: () => {
      const one = pick(held)
      const until = now + 30_000 + int(60_000)
      same(run(subject.queue.renew(one.real, one.owner, until)), Leases.renew(model, one.model, one.owner, until))
    },
    ReleaseAll: () => {
      const owner = pick(owners)
      run(subject.queue.releaseAll(owner))
      Leases.releaseAll(model, owner)
    },
    Acquire: () => {
      const [id, owner] = [pick(destinations), pick(owners)]
      same(
        run(subject.queue.acquire(id, owner, now, now + 60_000, isGone)),
        Leases.acquire(model, id, owner, now, now + 60_000, isGone)
      )
    },
    Crash: () => {
      const lost = pick(owners)
      gone.add(lost.pid)
      owners = owners.map((owner) => owner === lost ? { id: "o" + (10 + gone.size), pid: 10 + gone.size } : owner)
      if (int(2) === 0) held = held.filter((one) => one.owner !== lost)
      subject.crash()
    },
    Wait: () => {
      now += 1000 * int(40)
    },
    LeaseExpiry: () => {
      now += 100_000
    },
    ClockForward: () => {
      now += hour * (1 + int(100))
    },
    ClockBack: () => {
      now -= int(3) === 0 ? 1000 * int(50) : hour * (1 + int(200))
    },
    Consent: () => {
      const id = pick(destinations)
      const sendable = new Set(pick([[epochA], [epochB], [epochA, epochB]]))
      same(run(subject.queue.withhold(id, sendable)), Model.withhold(model, id, sendable))
    },
    Level: () => {
      const level = pick(["basic", "enhanced"] as const)
      same(run(subject.store.relevel(level, lower)), Model.relevel(model, level, lower))
    },
    Retention: () => {
      const before = int(3) === 0 ? null : now - hour * int(48)
      const maxBytes = int(5) === 0 ? 0 : null
      const request = { before, maxBytes, limit: 1 + int(10) } as const
      same(run(subject.store.expire(request)), { removed: Model.expire(model, request) })
    },
    Requeue: () => {
      const [id, ids] = [pick(destinations), chosen("dead")]
      same(run(subject.queue.requeue(id, ids)), Model.requeue(model, id, ids))
    },
    Purge: () => {
      const [id, ids] = [pick(destinations), chosen("dead")]
      same(run(subject.queue.purge(id, ids)), Model.purge(model, id, ids))
    },
    ClearQueue: () => {
      const id = pick(destinations)
      same(run(subject.queue.clear(id)), Model.clearQueue(model, id))
    },
    Clear: () => {
      same(run(subject.store.clear), Model.clear(model))
    }
  }

  const compare = (): void => {
    const snapshot = run(subject.store.ledger)
    same(nonZero(snapshot), nonZero(Model.ledger(model)))
    same(Ledger.isBalanced(snapshot), true)
    subject.recount(false)
  }

  const compareAll = (): void => {
    subject.recount(true)
    same(run(subject.store.read({ after: 0, limit: 10_000 })).map((one) => [one.seq, one.event]), [
      ...model.events
    ])
    same(run(subject.store.size).events, model.events.size)
    for (const id of destinations) {
      for (const place of ["waiting", "dead"] as const) {
        same(
          run(subject.queue.list(id, place, 0, 10_000)).map((one) => [
            one.id,
            one.eventId,
            one.state,
            one.attempts,
            one.nextAttemptAt
          ]),
          Model.list(model, id, place).map((entry) => [
            entry.seq,
            model.events.get(entry.seq)!.id,
            Model.termOf(entry),
            entry.attempts,
            entry.due
          ])
        )
      }
    }
  }

  try {
    for (let i = 0; i < length; i++) {
      const name = Actions.choose(next, held.length)
      trace.push(name)
      actions[name]()
      done.set(name, (done.get(name) ?? 0) + 1)
      compare()
      if (i % 8 === 7) compareAll()
    }
    compareAll()
  } catch (error) {
    throw new Error(`seed ${seed}, after ${trace.join(" ")}`, { cause: error })
  } finally {
    subject.close()
  }
}
