import { expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { paced } from "../../src/browser/Pacing.js"

/** A millisecond of the page's thread. */
const work = Effect.sync(() => {
  const end = performance.now() + 1
  while (performance.now() < end);
})

const works = Effect.forEach(Array.from({ length: 100 }), () => work, { discard: true })

/** How many turns the page has had so far. */
const page = Effect.gen(function*() {
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  yield* Effect.addFinalizer(() => Effect.sync(() => clearInterval(timer)))
  return Effect.sync(() => turns)
})

it.live("the page has its turns while a layer is built", () =>
  Effect.gen(function*() {
    const turns = yield* page
    const before = yield* turns
    let after = before
    yield* Layer.build(paced(Layer.effectDiscard(Effect.zipRight(works, Effect.map(turns, (n) => void (after = n))))))
    expect(after).toBeGreaterThan(before)
  }).pipe(Effect.scoped))

it.live("what a layer leaves running gives no turn away once it is built", () =>
  Effect.gen(function*() {
    const begin = yield* Deferred.make<void>()
    const turns = yield* page
    const left = yield* Deferred.make<number>()
    const seen = Effect.gen(function*() {
      yield* Deferred.await(begin)
      const before = yield* turns
      yield* works
      yield* Deferred.succeed(left, (yield* turns) - before)
    })
    yield* Layer.build(paced(Layer.scopedDiscard(Effect.forkScoped(seen))))
    yield* Deferred.succeed(begin, undefined)
    expect(yield* Deferred.await(left)).toBe(0)
  }).pipe(Effect.scoped))

it.live("what a layer leaves running for ever does not keep the page from its turns", () =>
  Effect.gen(function*() {
    const turns = yield* page
    yield* Layer.build(paced(Layer.scopedDiscard(Effect.forkScoped(Effect.forever(Effect.yieldNow())))))
    const before = yield* turns
    yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(turns, (now) => now > before) })
  }).pipe(Effect.scoped))
