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
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
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
  readonly answer: (exit: Exit.Exit<B, E>) => void
}

/** Requests that the event loop holds ready come in before what was waited for goes on. */
const afterOthers = Effect.async<void>((resume) => {
  Timers.setImmediate(() => resume(Effect.void))
})

/** What waits for another replica, or for a slow database, holds up the next group no longer than this. */
const patienceMillis = 50

/** Until it has ended, or patience has. A race with a clock would be three more fibers for each group. */
const awaitPatiently = (fiber: Fiber.RuntimeFiber<void>): Effect.Effect<void> =>
  Effect.async((resume) => {
    const goOn = () => resume(Effect.void)
    const timer = Timers.setTimeout(goOn, patienceMillis)
    fiber.addObserver(() => {
      Timers.clearTimeout(timer)
      goOn()
    })
  })

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
            (exit) => {
              if (Exit.isFailure(exit) && group.length > 1 && Option.exists(Cause.failureOption(exit.cause), isOfOne)) {
                return Effect.forEach(group, (one) => settle([one]), { discard: true })
              }
              group.forEach(({ answer }, i) => answer(Exit.map(exit, (answers) => answers[i]!)))
              return Effect.void
            }
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
          Effect.suspend(() => fiber.unsafePoll() === null ? awaitPatiently(fiber) : Effect.void)
        )
    )
    const settleAll: Effect.Effect<void> = Effect.whileLoop({
      while: () => waiting.length > 0,
      body: () => Effect.zipRight(afterOthers, settleNext),
      step: () => {}
    })
    yield* Effect.addFinalizer(() =>
      Effect.map(Effect.fiberId, (id) => waiting.forEach(({ answer }) => answer(Exit.interrupt(id))))
    )
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.zipRight(Queue.take(some), settleAll))))

    return (item) =>
      Effect.async<B, E>((answer) => {
        waiting.push({ item, answer })
        some.unsafeOffer(undefined)
      })
  })
