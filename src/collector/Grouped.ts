/**
 * Statements and transactions that serve several requests at once: what waits is handled together, and each is answered for
 * itself. To begin and to commit costs as much for one batch as for many, and rows of the same page are written together.
 *
 * The idea is group commit: D. Gawlick and D. Kinkade, "Varieties of Concurrency Control in IMS/VS Fast Path", 1985.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Timers from "node:timers"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options<A, B, E> {
  /** Handles them all or, when it fails, none; answers in the same order. */
  readonly handle: (group: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>, E>
  readonly sizeOf: (item: A) => number
  /** The size of a group at most; a larger item is a group of its own. */
  readonly most: number
  /** May one item be why the group failed? Then each is tried alone. */
  readonly isOfOne?: (error: E) => boolean
}

interface Waiting<A, B, E> {
  readonly item: A
  readonly answer: Deferred.Deferred<B, E>
}

/** Requests that the event loop holds ready come in before what was waited for goes on. */
const afterOthers = Effect.async<void>((resume) => {
  const immediate = Timers.setImmediate(() => resume(Effect.void))
  return Effect.sync(() => Timers.clearImmediate(immediate))
})

/** What waits for another replica, or for a slow database, holds up the next group no longer than this. */
const patience = Duration.millis(50)

/** How many of the first of them make a group. */
const lengthOf = <A>(items: ReadonlyArray<A>, sizeOf: (item: A) => number, most: number): number => {
  let size = 0
  const beyond = items.findIndex((item, i) => {
    size += sizeOf(item)
    return i > 0 && size > most
  })
  return beyond < 0 ? items.length : beyond
}

/**
 * What is handed over is handled as soon as the group before it is, or that one takes long; whoever stops waiting does not take
 * it back.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A, B, E>(
  { handle, isOfOne = () => false, most, sizeOf }: Options<A, B, E>
): Effect.Effect<(item: A) => Effect.Effect<B, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const some = yield* Queue.dropping<void>(1)
    const waiting: Array<Waiting<A, B, E>> = []
    const take = (): ReadonlyArray<Waiting<A, B, E>> =>
      waiting.splice(0, lengthOf(waiting, ({ item }) => sizeOf(item), most))

    const settle = (group: ReadonlyArray<Waiting<A, B, E>>): Effect.Effect<void> =>
      Arr.isNonEmptyReadonlyArray(group)
        ? Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(
            Effect.exit(restore(handle(Arr.map(group, ({ item }) => item)))),
            (exit) =>
              Exit.isSuccess(exit)
                ? Effect.forEach(group, ({ answer }, i) => Deferred.succeed(answer, exit.value[i]!), { discard: true })
                : group.length > 1 && Option.exists(Cause.failureOption(exit.cause), isOfOne)
                ? Effect.forEach(group, (one) => settle([one]), { discard: true })
                : Effect.forEach(group, ({ answer }) => Deferred.failCause(answer, exit.cause), { discard: true })
          )
        )
        : Effect.void

    const scope = yield* Effect.scope
    const settleNext = Effect.flatMap(
      Effect.forkIn(Effect.interruptible(Effect.suspend(() => settle(take()))), scope),
      (fiber) =>
        Effect.zipRight(
          Effect.yieldNow(),
          // SQLite has done it by now, and a timer costs more than its statement.
          Effect.suspend(() =>
            fiber.unsafePoll() === null ? Effect.timeoutOption(Fiber.await(fiber), patience) : Effect.void
          )
        )
    )
    const settleAll: Effect.Effect<void> = Effect.whileLoop({
      while: () => waiting.length > 0,
      body: () => Effect.zipRight(afterOthers, settleNext),
      step: () => {}
    })
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => Effect.forEach(waiting, ({ answer }) => Deferred.interrupt(answer), { discard: true }))
    )
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.zipRight(Queue.take(some), settleAll))))

    return (item) =>
      Effect.flatMap(Deferred.make<B, E>(), (answer) => {
        waiting.push({ item, answer })
        some.unsafeOffer(undefined)
        return Deferred.await(answer)
      })
  })
