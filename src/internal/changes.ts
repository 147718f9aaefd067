/**
 * What changes, told to whoever listens, each in a queue of its own. A page listens all the time and never loads what runs
 * streams for that.
 *
 * @since 0.1.0
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { Scope } from "effect/Scope"
import * as Stream from "effect/Stream"

/**
 * @since 0.1.0
 * @category models
 */
export interface Changes<A> {
  readonly unsafeTell: (change: A) => void
  /** Every change from now on, after what there is now; of a slow reader the oldest are dropped. */
  readonly subscribe: Effect.Effect<Queue.Dequeue<A>, never, Scope>
}

/**
 * So many changes are kept for each reader.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A>(kept: number, now: () => ReadonlyArray<A> = () => []): Changes<A> => {
  const readers = new Set<Queue.Queue<A>>()
  return {
    unsafeTell: (change) => {
      for (const reader of readers) reader.unsafeOffer(change)
    },
    subscribe: Effect.acquireRelease(
      Effect.map(Queue.sliding<A>(kept), (reader) => {
        for (const change of now()) reader.unsafeOffer(change)
        readers.add(reader)
        return reader
      }),
      (reader) => {
        readers.delete(reader)
        return Queue.shutdown(reader)
      }
    )
  }
}

/**
 * Does something with each, one after the other, for as long as it is not interrupted and does not fail.
 *
 * @since 0.1.0
 * @category accessors
 */
export const follow = <A, E, R>(
  changes: Changes<A>,
  f: (change: A) => Effect.Effect<unknown, E, R>
): Effect.Effect<never, E, R> =>
  Effect.scoped(Effect.flatMap(changes.subscribe, (reader) => Effect.forever(Effect.flatMap(Queue.take(reader), f))))

/**
 * Each as an element. Made of channels, because `Stream.unwrapScoped` alone loads what runs streams.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = <A>(changes: Changes<A>): Stream.Stream<A> =>
  Stream.fromChannel(
    Channel.unwrapScoped(Effect.map(changes.subscribe, (reader) => Stream.toChannel(Stream.fromQueue(reader))))
  )
