import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Destination from "../../src/domain/Destination.js"
import * as Ledger from "../../src/domain/Ledger.js"
import { type RedactedEvent, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import {
  type ClaimedBatch,
  type ClaimRequest,
  maxRequests,
  type Owner,
  type Settlement,
  SubmissionQueue,
  type Verdict
} from "../../src/persistence/SubmissionQueue.js"
import { atLevel, context, epochA, epochB, event, events, group, nonZero } from "./events.js"

const me: Owner = { id: "me", pid: 1 }
const other: Owner = { id: "other", pid: 2 }
const T = 1_700_000_100_000
const day = 86_400_000

const request = (options: Partial<ClaimRequest> = {}): ClaimRequest => ({
  destination: "default",
  owner: me,
  now: T,
  leaseUntil: (options.now ?? T) + 60_000,
  limit: 10,
  maxBytes: 1_000_000,
  newKey: "key-1",
  isGone: () => false,
  ...options
})

const claim = (options?: Partial<ClaimRequest>) =>
  Effect.flatMap(SubmissionQueue, (queue) => queue.claim(request(options)))

const claimed = (options?: Partial<ClaimRequest>) =>
  Effect.flatMap(
    claim(options),
    (batch) => batch === null ? Effect.dieMessage("nothing to claim") : Effect.succeed(batch)
  )

const seqs = (batch: ClaimedBatch | null) => batch === null ? null : batch.events.map((one) => one.seq)

const ids = (list: ReadonlyArray<RedactedEvent>) => list.map((one) => one.id)

const settle = (
  batch: ClaimedBatch,
  verdict: Verdict | ((seq: number) => Verdict),
  options: Partial<Settlement> = {}
) =>
  Effect.flatMap(SubmissionQueue, (queue) =>
    queue.settle({
      batch,
      owner: me,
      now: T,
      verdicts: new Map(
        batch.events.map(({ seq }) => [seq, typeof verdict === "function" ? verdict(seq) : verdict])
      ),
      groups: [],
      state: Destination.initial,
      stats: {},
      ...options
    }))

const append = (...args: Parameters<typeof group>) =>
  Effect.flatMap(EventStore, (store) => store.append(group(...args)))

const counts = (destination = "default") => Effect.flatMap(SubmissionQueue, (queue) => queue.counts(destination))

const ledger = Effect.flatMap(EventStore, (store) => store.ledger)

/** The terms of the default destination without zeros; the whole ledger must balance. */
const terms = Effect.map(ledger, (snapshot) => {
  expect(Ledger.imbalance(snapshot)).toEqual(
    Object.fromEntries(Object.keys(Ledger.imbalance(snapshot)).map((k) => [k, 0]))
  )
  return nonZero(snapshot).destinations["default"] ?? {}
})

const readAll = Effect.flatMap(EventStore, (store) => store.read({ after: 0, limit: 100_000 }))

const delivered: Verdict = { _tag: "Delivered" }
const release: Verdict = { _tag: "Release" }
const retry = (dueAt: number): Verdict => ({ _tag: "Retry", dueAt, error: "try later" })
const bury: Verdict = { _tag: "Bury", error: "refused" }

/** Every implementation of the two tags must pass this. */
export const suite = (name: string, layer: () => Layer.Layer<EventStore | SubmissionQueue>): void => {
  const test = (title: string, body: () => Effect.Effect<void, unknown, EventStore | SubmissionQueue>) =>
    it.effect(title, () => Effect.provide(body(), layer()))

  describe(`EventStore on ${name}`, () => {
    test("what is appended is read back as it was, in order", () =>
      Effect.gen(function*() {
        const list = [
          event(1, { data: `{"text":"ä€😀\\u0000"}` }),
          event(2, { rate: 0.25, suppressed: 7, type: "web_vital" }),
          event(3, { context: context({ installationId: null, level: "basic", remote: false, epoch: epochB }) })
        ]
        const result = yield* append(list)
        expect(result).toEqual({ recorded: 3, overflowed: 0, waiting: 2 })
        const stored = yield* readAll
        expect(stored.map((one) => one.event)).toEqual(list)
        expect(stored.map((one) => one.seq)).toEqual([1, 2, 3])
      }))

    test("reads by time, type and place", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append(Array.from({ length: 20 }, (_, i) => event(i, { time: 1000 + i, type: i % 2 ? "odd" : "even" })))
        const read = (o: object) => Effect.map(store.read({ after: 0, limit: 100, ...o }), (x) => x.map((y) => y.seq))
        expect(yield* read({ from: 1005, to: 1008 })).toEqual([6, 7, 8])
        expect(yield* read({ type: "odd", limit: 3 })).toEqual([2, 4, 6])
        expect(yield* read({ type: "odd", after: 4, limit: 2 })).toEqual([6, 8])
        expect(yield* read({ type: "never seen" })).toEqual([])
      }))

    test("a group that is empty carries its counts", () =>
      Effect.gen(function*() {
        yield* append([], { counts: { offered: 3, "filtered:level": 2, "dropped:overflow": 1 } })
        yield* append(events(1, 2), { counts: { offered: 3, "filtered:sampling": 1 } })
        const snapshot = yield* ledger
        expect(nonZero(snapshot).capture).toEqual({
          offered: 6,
          recorded: 2,
          "filtered:level": 2,
          "filtered:sampling": 1,
          "dropped:overflow": 1
        })
        expect(Ledger.isBalanced(snapshot)).toBe(true)
      }))

    test("every destination gets an entry of its own, and events without consent for sending are withheld", () =>
      Effect.gen(function*() {
        yield* append([event(1), event(2, { context: context({ remote: false }) }), event(3)], {
          destinations: ["default", "second"]
        })
        expect(yield* terms).toEqual({ recorded: 3, pending: 2, withheld: 1 })
        expect((yield* counts("second")).pending).toBe(2)
        expect(seqs(yield* claim())).toEqual([1, 3])
        expect(seqs(yield* claim({ destination: "second" }))).toEqual([1, 3])
      }))

    test("a full queue makes room by the oldest that wait, never by what is leased", () =>
      Effect.gen(function*() {
        yield* append(events(1, 4))
        const batch = yield* claimed({ limit: 2 })
        const result = yield* append(events(5, 8), { queueLimit: 3 })
        expect(result).toEqual({ recorded: 4, overflowed: 3, waiting: 3 })
        expect(yield* terms).toEqual({ recorded: 8, pending: 3, leased: 2, "dropped:overflow": 3 })
        yield* settle(batch, delivered)
        expect(seqs(yield* claim())).toEqual([6, 7, 8])
        expect((yield* readAll).length).toBe(8)
      }))

    test("an entry that waits for its time makes room like any other", () =>
      Effect.gen(function*() {
        yield* append(events(1, 2))
        yield* settle(yield* claimed(), (seq) => seq === 1 ? retry(T + 1000) : release)
        yield* append(events(3, 3), { queueLimit: 2 })
        expect(yield* terms).toEqual({ recorded: 3, pending: 2, "dropped:overflow": 1 })
        expect(seqs(yield* claim({ now: T + 5000 }))).toEqual([2, 3])
      }))

    test("a group larger than the queue keeps its newest", () =>
      Effect.gen(function*() {
        const result = yield* append(events(1, 10), { queueLimit: 4 })
        expect(result.waiting).toBe(4)
        expect(seqs(yield* claim())).toEqual([7, 8, 9, 10])
      }))

    test("clearing removes events and entries, counts them, and never gives a place twice", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append([...events(1, 5), event(6, { context: context({ remote: false }) })])
        const batch = yield* claimed({ limit: 2 })
        expect(yield* store.clear).toEqual({ events: 6, queue: 5 })
        expect((yield* store.size).events).toBe(0)
        expect(yield* terms).toEqual({ recorded: 6, "dropped:cleared": 6 })
        expect(yield* settle(batch, delivered)).toEqual({ settled: 0 })
        yield* append(events(7, 8))
        expect((yield* readAll).map((one) => one.seq)).toEqual([7, 8])
        expect(yield* terms).toEqual({ recorded: 8, pending: 2, "dropped:cleared": 6 })
        expect((yield* readAll).map((one) => one.event)).toEqual(events(7, 8))
      }))

    test("retention removes what is older, in portions, with its entries, whatever their state", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        const at = (n: number, d: number, options = {}) => event(n, { time: d * day + n, ...options })
        yield* append([
          at(1, 10),
          at(2, 10),
          at(3, 30),
          at(4, 11),
          at(5, 10, { context: context({ remote: false }) }),
          at(6, 12)
        ])
        yield* settle(yield* claimed({ limit: 1 }), bury)
        expect(yield* store.expire({ before: 12 * day, maxBytes: null, limit: 2 })).toEqual({ removed: 2 })
        expect((yield* readAll).map((one) => one.seq)).toEqual([3, 4, 5, 6])
        expect(yield* store.expire({ before: 12 * day, maxBytes: null, limit: 10 })).toEqual({ removed: 2 })
        expect(yield* store.expire({ before: 12 * day, maxBytes: null, limit: 10 })).toEqual({ removed: 0 })
        expect((yield* readAll).map((one) => one.seq)).toEqual([3, 6])
        expect(yield* terms).toEqual({ recorded: 6, pending: 2, "dropped:expired": 4 })
        expect((yield* store.size).events).toBe(2)
      }))

    test("retention leaves alone what is in flight", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append(events(1, 4))
        const batch = yield* claimed({ limit: 2 })
        expect(yield* store.expire({ before: T, maxBytes: null, limit: 10 })).toEqual({ removed: 2 })
        expect(yield* settle(batch, delivered)).toEqual({ settled: 2 })
        expect(yield* terms).toEqual({ recorded: 4, delivered: 2, "dropped:expired": 2 })
        expect(yield* store.expire({ before: T, maxBytes: null, limit: 10 })).toEqual({ removed: 2 })
      }))

    test("retention by size removes the oldest until it fits", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append(events(1, 200, { data: JSON.stringify({ text: "x".repeat(1000) }) }))
        const first = yield* store.expire({ before: null, maxBytes: 100_000_000, limit: 50 })
        expect(first.removed).toBe(0)
        const { removed } = yield* store.expire({ before: null, maxBytes: 150_000, limit: 500 })
        expect(removed).toBeGreaterThan(50)
        expect(removed).toBeLessThan(200)
        expect((yield* readAll)[0]!.seq).toBe(removed + 1)
        expect(yield* store.expire({ before: null, maxBytes: 0, limit: 5 })).toEqual({ removed: 5 })
      }))

    test("a lowered level changes or drops what waits, and then there is nothing left to do", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append([event(1, { context: atLevel("basic") }), ...events(2, 4)])
        let asked = 0
        const lower = (one: RedactedEvent) => {
          asked++
          return one.data === `{"n":3}` ? null : unsafeRedacted({ ...one, data: "{}" })
        }
        expect(yield* store.relevel("basic", lower)).toEqual({ changed: 2, dropped: 1 })
        expect(yield* store.relevel("basic", lower)).toEqual({ changed: 0, dropped: 0 })
        expect(asked).toBe(3)
        const batch = yield* claimed()
        expect(batch.events.map((one) => [one.seq, one.event.data, one.event.context.level])).toEqual([
          [1, `{"n":1}`, "basic"],
          [2, "{}", "basic"],
          [4, "{}", "basic"]
        ])
        expect(yield* terms).toEqual({ recorded: 4, leased: 3, "dropped:level": 1 })
        expect((yield* readAll).length).toBe(4)
      }))

    test("the size tells how many events there are and how old the first one is", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        expect(yield* store.size).toMatchObject({ events: 0, oldest: null })
        yield* append([event(1, { time: 500 }), event(2, { time: 600 })])
        expect(yield* store.size).toMatchObject({ events: 2, oldest: 500 })
      }))
  })

  describe(`SubmissionQueue on ${name}`, () => {
    test("an empty or unknown queue answers everything", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        expect(yield* claim()).toBeNull()
        expect(yield* counts()).toEqual({ pending: 0, retrying: 0, leased: 0, dead: 0, total: 0, oldestQueuedAt: null })
        expect(yield* queue.nextDue("default", T)).toBeNull()
        expect(yield* queue.state("default")).toEqual(Destination.initial)
        expect((yield* queue.stats("default")).latency).toEqual([])
        expect(yield* queue.list("default", "waiting", 0, 10)).toEqual([])
        expect(yield* queue.requeue("default")).toBe(0)
        expect(yield* queue.purge("default")).toBe(0)
        expect(yield* queue.clear("default")).toBe(0)
        expect(yield* queue.withhold("default", new Set())).toBe(0)
      }))

    test("a claim takes the oldest, at most the limit, and nobody else gets them", () =>
      Effect.gen(function*() {
        const list = events(1, 5)
        yield* append(list)
        const batch = yield* claimed({ limit: 3, newKey: "k" })
        expect(batch).toMatchObject({ destination: "default", key: "k", faults: 0 })
        expect(batch.events.map((one) => one.event)).toEqual(list.slice(0, 3))
        expect(batch.events.every((one) => one.attempts === 0)).toBe(true)
        expect(seqs(yield* claim({ owner: other }))).toEqual([4, 5])
        expect(yield* claim({ owner: other })).toBeNull()
        expect(yield* terms).toEqual({ recorded: 5, leased: 5 })
      }))

    test("a claim is bounded by bytes, but takes one event in any case", () =>
      Effect.gen(function*() {
        yield* append([
          event(1, { data: JSON.stringify("x".repeat(98)) }),
          event(2, { data: JSON.stringify("é".repeat(49)) }),
          event(3, { data: JSON.stringify("x".repeat(500)) })
        ])
        expect(seqs(yield* claim({ maxBytes: 200 }))).toEqual([1, 2])
        expect(seqs(yield* claim({ maxBytes: 200 }))).toEqual([3])
      }))

    test("delivered entries go, their events stay", () =>
      Effect.gen(function*() {
        yield* append(events(1, 3))
        expect(yield* settle(yield* claimed(), delivered)).toEqual({ settled: 3 })
        expect(yield* terms).toEqual({ recorded: 3, delivered: 3 })
        expect(yield* claim()).toBeNull()
        expect((yield* readAll).length).toBe(3)
      }))

    test("released entries are back in their place, and no attempt is charged", () =>
      Effect.gen(function*() {
        yield* append(events(1, 4))
        yield* settle(yield* claimed({ limit: 2 }), release)
        expect(yield* terms).toEqual({ recorded: 4, pending: 4 })
        const batch = yield* claimed({ newKey: "again" })
        expect(seqs(batch)).toEqual([1, 2, 3, 4])
        expect(batch.key).toBe("again")
      }))

    test("a refused event waits for its time, with one attempt more", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 2))
        yield* settle(yield* claimed(), (seq) => seq === 1 ? retry(T + 5000) : delivered)
        expect(yield* terms).toEqual({ recorded: 2, retrying: 1, delivered: 1 })
        expect(yield* queue.nextDue("default", T)).toBe(T + 5000)
        expect(yield* claim({ now: T + 4999 })).toBeNull()
        const batch = yield* claimed({ now: T + 5000 })
        expect(batch.events.map((one) => one.attempts)).toEqual([1])
        yield* settle(batch, retry(T + 9000), { now: T + 5000 })
        expect(yield* queue.list("default", "waiting", 0, 10)).toMatchObject([
          { id: 1, attempts: 2, nextAttemptAt: T + 9000, lastError: "try later", state: "retrying" }
        ])
      }))

    test("what has come due is ahead of younger events, and keeps its attempts when released", () =>
      Effect.gen(function*() {
        yield* append(events(1, 1))
        yield* settle(yield* claimed(), retry(T + 10))
        yield* append(events(2, 3))
        const batch = yield* claimed({ now: T + 10 })
        expect(seqs(batch)).toEqual([1, 2, 3])
        yield* settle(batch, release, { now: T + 10 })
        expect(yield* terms).toEqual({ recorded: 3, retrying: 1, pending: 2 })
        expect((yield* claimed({ now: T + 10 })).events.map((one) => one.attempts)).toEqual([1, 0, 0])
      }))

    test("the whole batch as one group keeps its key, however large the next claim may be", () =>
      Effect.gen(function*() {
        yield* append(events(1, 6))
        const batch = yield* claimed({ limit: 3, newKey: "kept" })
        yield* settle(batch, release, { groups: [{ key: "kept", seqs: seqs(batch)!, faults: 2 }] })
        const again = yield* claimed({ limit: 100, newKey: "new" })
        expect(again).toMatchObject({ key: "kept", faults: 2 })
        expect(seqs(again)).toEqual([1, 2, 3])
        expect(again.id).not.toBe(batch.id)
        expect(seqs(yield* claim({ newKey: "next" }))).toEqual([4, 5, 6])
      }))

    test("a kept batch that does not fit gives its first part, under the new key; the rest is free", () =>
      Effect.gen(function*() {
        yield* append(events(1, 6))
        const batch = yield* claimed({ limit: 4, newKey: "kept" })
        yield* settle(batch, release, { groups: [{ key: "kept", seqs: seqs(batch)!, faults: 1 }] })
        const probe = yield* claimed({ limit: 2, newKey: "probe" })
        expect(probe).toMatchObject({ key: "probe", faults: 1 })
        expect(seqs(probe)).toEqual([1, 2])
        expect(seqs(yield* claim({ newKey: "rest" }))).toEqual([3, 4, 5, 6])
      }))

    test("groups split a batch: each part is a batch of its own, in its place", () =>
      Effect.gen(function*() {
        yield* append(events(1, 8))
        const batch = yield* claimed({ limit: 6 })
        yield* settle(batch, (seq) => seq === 3 ? bury : release, {
          groups: [{ key: "left", seqs: [1, 2], faults: 1 }, { key: "right", seqs: [4, 5, 6], faults: 3 }]
        })
        const left = yield* claimed()
        const right = yield* claimed()
        expect([seqs(left), left.key, left.faults]).toEqual([[1, 2], "left", 1])
        expect([seqs(right), right.key, right.faults]).toEqual([[4, 5, 6], "right", 3])
        expect(seqs(yield* claim())).toEqual([7, 8])
      }))

    test("free events ahead of a kept batch are claimed without it", () =>
      Effect.gen(function*() {
        yield* append(events(1, 6))
        const batch = yield* claimed({ limit: 4 })
        yield* settle(batch, release, { groups: [{ key: "kept", seqs: [3, 4], faults: 0 }] })
        expect(seqs(yield* claim())).toEqual([1, 2])
        expect(yield* claimed()).toMatchObject({ key: "kept" })
        expect(seqs(yield* claim())).toEqual([5, 6])
      }))

    test("a kept batch that lost an event takes a new key: it is not the same events any more", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append([event(1, { time: 5 }), ...events(2, 3)])
        const batch = yield* claimed({ newKey: "old" })
        yield* settle(batch, release, { groups: [{ key: "old", seqs: [1, 2, 3], faults: 4 }] })
        yield* store.expire({ before: 6, maxBytes: null, limit: 10 })
        const again = yield* claimed({ newKey: "new" })
        expect([seqs(again), again.key, again.faults]).toEqual([[2, 3], "new", 4])
      }))

    test("a kept batch whose data was lowered takes a new key", () =>
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* append(events(1, 2))
        const batch = yield* claimed({ newKey: "old" })
        yield* settle(batch, release, { groups: [{ key: "old", seqs: [1, 2], faults: 0 }] })
        yield* store.relevel("basic", (one) => one)
        expect(yield* claimed({ newKey: "new" })).toMatchObject({ key: "new" })
      }))

    test("a lease that has ended comes back as the batch it was, and its old owner can settle nothing", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 3))
        const lost = yield* claimed({ limit: 2, newKey: "k1", leaseUntil: T + 100 })
        expect(yield* queue.nextDue("default", T)).toBe(T)
        expect(seqs(yield* claim({ owner: other, now: T + 99, leaseUntil: T + 9999 }))).toEqual([3])
        expect(yield* queue.nextDue("default", T + 99)).toBe(T + 100)
        const again = yield* claimed({ owner: other, now: T + 100, newKey: "k2" })
        expect([seqs(again), again.key]).toEqual([[1, 2], "k1"])
        expect(yield* settle(lost, delivered)).toEqual({ settled: 0 })
        expect(yield* queue.renew(lost, me, T + 99_999)).toBe(false)
        expect(yield* terms).toEqual({ recorded: 3, leased: 3 })
        expect(yield* settle(again, delivered, { owner: other })).toEqual({ settled: 2 })
      }))

    test("a claim that was lost and taken again by the same owner is another claim", () =>
      Effect.gen(function*() {
        yield* append(events(1, 2))
        const lost = yield* claimed({ leaseUntil: T + 1 })
        const again = yield* claimed({ now: T + 1 })
        expect(yield* settle(lost, delivered)).toEqual({ settled: 0 })
        expect(yield* settle(again, release)).toEqual({ settled: 2 })
      }))

    test("a renewed lease lasts until its new end", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 1))
        const batch = yield* claimed({ leaseUntil: T + 100 })
        expect(yield* queue.renew(batch, me, T + 500)).toBe(true)
        expect(yield* queue.renew(batch, other, T + 900)).toBe(false)
        expect(yield* claim({ owner: other, now: T + 499 })).toBeNull()
        expect(seqs(yield* claim({ owner: other, now: T + 500 }))).toEqual([1])
      }))

    test("the lease of a process that is gone comes back at once, one's own never counts as gone", () =>
      Effect.gen(function*() {
        yield* append(events(1, 2))
        yield* claimed({ limit: 1 })
        expect(seqs(yield* claim({ limit: 1, isGone: () => true }))).toEqual([2])
        const queue = yield* SubmissionQueue
        expect(yield* queue.nextDue("default", T)).toBeGreaterThan(T)
        expect(yield* queue.nextDue("default", T, (pid) => pid === 1)).toBe(T)
        expect(yield* claim({ owner: other, isGone: () => false })).toBeNull()
        expect(seqs(yield* claim({ owner: other, isGone: (pid) => pid === 1 }))).toEqual([1])
      }))

    test("a lease without a process id waits for its end", () =>
      Effect.gen(function*() {
        yield* append(events(1, 1))
        yield* claimed({ owner: { id: "browser", pid: null } })
        expect(yield* claim({ isGone: () => true })).toBeNull()
      }))

    test("a clock that is put back keeps the length of every wait", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 3))
        yield* settle(yield* claimed({ limit: 1 }), retry(T + 1000))
        yield* claimed({ limit: 1, leaseUntil: T + 60_000 })
        const back = T - 400 * day
        expect(seqs(yield* claim({ owner: other, now: back }))).toEqual([3])
        expect(yield* queue.nextDue("default", back)).toBe(back + 1000)
        expect(seqs(yield* claim({ owner: other, now: back + 1000 }))).toEqual([1])
        expect(seqs(yield* claim({ owner: other, now: back + 60_000, limit: 1 }))).toEqual([2])
      }))

    test("everything of one owner can be given back at once", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 3))
        yield* claimed({ limit: 1, newKey: "mine" })
        const kept = yield* claimed({ limit: 1, owner: other })
        yield* queue.acquire("default", me, T, T + 1000, () => false)
        yield* queue.releaseAll(me)
        expect(yield* terms).toEqual({ recorded: 3, pending: 2, leased: 1 })
        expect(yield* claimed({ newKey: "x", owner: other })).toMatchObject({ key: "mine" })
        expect(yield* settle(kept, delivered, { owner: other })).toEqual({ settled: 1 })
        expect(yield* queue.acquire("default", other, T, T + 1000, () => false)).toBe(true)
      }))

    test("one process at a time may submit", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        const no = () => false
        expect(yield* queue.acquire("default", me, T, T + 100, no)).toBe(true)
        expect(yield* queue.acquire("default", other, T, T + 100, no)).toBe(false)
        expect(yield* queue.acquire("default", me, T + 50, T + 150, () => true)).toBe(true)
        expect(yield* queue.acquire("default", other, T + 149, T + 900, no)).toBe(false)
        expect(yield* queue.acquire("second", other, T, T + 100, no)).toBe(true)
        expect(yield* queue.acquire("default", other, T + 60, T + 100, (pid) => pid === 1)).toBe(true)
        expect(yield* queue.acquire("default", me, T + 100, T + 300, no)).toBe(true)
      }))

    test("entries whose consent is gone are withheld, and stay so", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        const old = context({ epoch: epochB })
        yield* append([event(1), event(2, { context: old }), event(3, { context: old }), event(4)])
        const batch = yield* claimed({ limit: 2 })
        yield* settle(batch, (seq) => seq === 2 ? retry(T + 1) : release)
        expect(yield* queue.withhold("default", new Set([epochA, epochB]))).toBe(0)
        expect(yield* queue.withhold("default", new Set([epochA]))).toBe(2)
        expect(yield* queue.withhold("default", new Set([epochA]))).toBe(0)
        expect(yield* terms).toEqual({ recorded: 4, pending: 2, withheld: 2 })
        yield* queue.withhold("default", new Set([epochA, epochB]))
        expect(seqs(yield* claim({ now: T + 9999 }))).toEqual([1, 4])
      }))

    test("a leased entry can be withheld by its verdict", () =>
      Effect.gen(function*() {
        yield* append(events(1, 2))
        yield* settle(yield* claimed(), (seq) => seq === 1 ? { _tag: "Withhold" } : delivered)
        expect(yield* terms).toEqual({ recorded: 2, withheld: 1, delivered: 1 })
      }))

    test("dead letters are kept, listed, requeued and thrown away", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 5))
        yield* settle(yield* claimed({ limit: 4 }), bury)
        expect(yield* terms).toEqual({ recorded: 5, dead: 4, pending: 1 })
        const list = yield* queue.list("default", "dead", 1, 2)
        expect(list.map((one) => [one.id, one.eventId, one.state, one.lastError, one.nextAttemptAt])).toEqual([
          [2, event(2).id, "dead", "refused", null],
          [3, event(3).id, "dead", "refused", null]
        ])
        expect(yield* queue.requeue("default", [2, 99, 5])).toBe(1)
        expect(yield* queue.purge("default", [3])).toBe(1)
        expect(yield* terms).toEqual({ recorded: 5, dead: 2, pending: 2, "dropped:purged": 1 })
        expect(yield* queue.requeue("default")).toBe(2)
        const batch = yield* claimed()
        expect(ids(batch.events.map((one) => one.event))).toEqual(ids([event(1), event(2), event(4), event(5)]))
        expect(batch.events.every((one) => one.attempts === 0)).toBe(true)
      }))

    test("clearing a queue takes what waits and what is dead, not what is in flight, and keeps the events", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append([...events(1, 6), event(7, { context: context({ remote: false }) })])
        yield* settle(yield* claimed({ limit: 2 }), (seq) => seq === 1 ? bury : retry(T + 1000))
        const flying = yield* claimed({ limit: 1 })
        expect(yield* queue.clear("default")).toBe(5)
        expect(yield* terms).toEqual({ recorded: 7, leased: 1, withheld: 1, "dropped:cleared": 5 })
        expect(yield* settle(flying, delivered)).toEqual({ settled: 1 })
        expect((yield* readAll).length).toBe(7)
      }))

    test("counts tell what waits, and since when", () =>
      Effect.gen(function*() {
        yield* append(events(1, 5))
        yield* settle(yield* claimed({ limit: 2 }), (seq) => seq === 1 ? bury : retry(T + 9))
        yield* claimed({ limit: 1 })
        expect(yield* counts()).toEqual({
          pending: 2,
          retrying: 1,
          leased: 1,
          dead: 1,
          total: 5,
          oldestQueuedAt: event(2).time
        })
      }))

    test("the list shows every entry in its place", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 4))
        yield* settle(yield* claimed({ limit: 2 }), (seq) => seq === 1 ? retry(T + 9) : release)
        yield* claimed({ limit: 1 })
        const list = yield* queue.list("default", "waiting", 0, 3)
        expect(list.map((one) => [one.id, one.state, one.nextAttemptAt])).toEqual([
          [1, "retrying", T + 9],
          [2, "leased", null],
          [3, "pending", null]
        ])
        expect((yield* queue.list("default", "waiting", 3, 3)).map((one) => one.id)).toEqual([4])
      }))

    test("state and figures of a destination are written with the verdicts, even when the lease was lost", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 2))
        const batch = yield* claimed()
        const state = { ...Destination.initial, failures: 3, nextAttemptAt: T + 7, paused: "401", lastError: "no" }
        yield* settle(batch, delivered, { state, stats: { requests: 1, submitted: 2, bytes: 500, latencyMs: 120 } })
        yield* settle(batch, delivered, { state, stats: { requests: 1, failedRequests: 1, latencyMs: 120 } })
        expect(yield* queue.state("default")).toEqual(state)
        const stats = yield* queue.stats("default")
        expect(stats).toMatchObject({
          requests: 2,
          failedRequests: 1,
          submitted: 2,
          bytes: 500,
          latencySumMs: 240,
          latencyCount: 2
        })
        expect(stats.latency.length).toBe(1)
        expect(stats.latency[0]![1]).toBe(2)
        yield* queue.setState("default", Destination.initial)
        expect(yield* queue.state("default")).toEqual(Destination.initial)
      }))

    test("destinations go their own ways", () =>
      Effect.gen(function*() {
        yield* append(events(1, 3), { destinations: ["default", "second"] })
        yield* settle(yield* claimed(), delivered)
        expect((yield* counts("second")).pending).toBe(3)
        yield* settle(yield* claimed({ destination: "second" }), retry(T + 1))
        const snapshot = yield* ledger
        expect(nonZero(snapshot).destinations).toEqual({
          default: { recorded: 3, delivered: 3 },
          second: { recorded: 3, retrying: 3 }
        })
      }))

    test("many entries of mixed fate are settled at once", () =>
      Effect.gen(function*() {
        yield* append(events(1, 300))
        const batch = yield* claimed({ limit: 300 })
        const fates: ReadonlyArray<Verdict> = [delivered, release, retry(T + 5), bury]
        expect(yield* settle(batch, (seq) => fates[seq % 4]!)).toEqual({ settled: 300 })
        expect(yield* terms).toEqual({ recorded: 300, delivered: 75, pending: 75, retrying: 75, dead: 75 })
        const rest = yield* claimed({ now: T + 5, limit: 300 })
        expect(seqs(rest)).toEqual(
          Array.from({ length: 300 }, (_, i) => i + 1).filter((n) => n % 4 === 1 || n % 4 === 2)
        )
      }))

    test("logs each request where it went, when and how it ended, and no more of them than it may", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        yield* append(events(1, 4))
        const first = yield* claimed({ limit: 2 })
        yield* settle(first, release, { now: T, stats: {} })
        expect(yield* queue.requests("default", 10)).toEqual([])
        const sent = yield* claimed({ limit: 2, newKey: "k" })
        yield* settle(sent, delivered, {
          now: T + 1,
          place: "https://t.example.com",
          stats: { requests: 1, submitted: 2, bytes: 77 }
        })
        expect(yield* queue.requests("default", 10)).toEqual([{
          at: T + 1,
          place: "https://t.example.com",
          key: sent.key,
          events: 2,
          first: 1,
          last: 2,
          bytes: 77,
          accepted: 2,
          rejected: 0,
          error: null
        }])
        const state = { ...Destination.initial, lastError: "away" }
        for (let n = 0; n < maxRequests + 5; n++) {
          const batch = yield* claimed({ limit: 2 })
          yield* settle(batch, release, { now: T + 2 + n, state, stats: { requests: 1 } })
        }
        const log = yield* queue.requests("default", 2 * maxRequests)
        expect(log.length).toBe(maxRequests)
        expect([log[0], log.at(-1)]).toMatchObject([{ at: T + 6 + maxRequests, error: "away", place: null }, {
          at: T + 7
        }])
        yield* Effect.flatMap(EventStore, (store) => store.clear)
        expect(yield* queue.requests("default", 10)).toEqual([])
      }))

    test("tells the life of an event by its place or its id, through every state", () =>
      Effect.gen(function*() {
        const queue = yield* SubmissionQueue
        const life = (id: number | string) => queue.life("default", id)
        expect(yield* life(1)).toBeNull()
        yield* append(events(1, 5))
        expect(yield* life(1)).toMatchObject({ seq: 1, state: "pending", attempts: 0, requests: [] })
        expect(yield* life(event(2).id)).toEqual(yield* life(2))
        expect((yield* life(2))?.event).toEqual(event(2))
        const batch = yield* claimed({ limit: 4 })
        expect(yield* life(1)).toMatchObject({ state: "leased" })
        const fates: ReadonlyArray<Verdict> = [delivered, retry(T + 5), bury, { _tag: "Withhold" }]
        yield* settle(batch, (seq) => fates[seq - 1]!, { stats: { requests: 1, submitted: 1 } })
        expect(yield* Effect.forEach([1, 2, 3, 4, 5], life)).toMatchObject([
          { state: null, requests: [{ accepted: 1 }] },
          { state: "retrying", attempts: 1, nextAttemptAt: T + 5, requests: [{}] },
          { state: "dead", requests: [{}] },
          { state: "withheld", requests: [{}] },
          { state: "pending", requests: [] }
        ])
        expect(yield* life("0197f3c2-0000-7000-8000-00000000ffff")).toBeNull()
      }))
  })
}
