/**
 * What changes, told to whoever listens, each in its own time. A page listens all the time and loads nothing that runs
 * streams for it.
 *
 * @since 0.1.0
 */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Waiting from "./waiting.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Changes<A> {
  readonly unsafeTell: (change: A) => void
  /** Takes every change from now on, after what there is now; of a slow reader the oldest are dropped. */
  readonly subscribe: Effect.Effect<Waiting.Waiting<A>["take"], never, Scope>
}

/**
 * So many changes are kept for each reader.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A>(kept: number, now: () => ReadonlyArray<A> = () => []): Changes<A> => {
  const readers = new Set<Waiting.Waiting<A>>()
  return {
    unsafeTell: (change) => {
      for (const reader of readers) reader.unsafeAdd(change)
    },
    subscribe: Effect.acquireRelease(
      Effect.sync(() => {
        const reader = Waiting.make<A>(kept)
        now().forEach(reader.unsafeAdd)
        readers.add(reader)
        return reader
      }),
      (reader) => Effect.sync(() => readers.delete(reader))
    ).pipe(Effect.map(({ take }) => take))
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
  Effect.scoped(Effect.flatMap(
    changes.subscribe,
    (take) => Effect.forever(Effect.flatMap(take, (some) => Effect.forEach(some, f, { discard: true })))
  ))

/**
 * Each as an element. Made of channels, because `Stream.unwrapScoped` alone loads what runs streams.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = <A>(changes: Changes<A>): Stream.Stream<A> =>
  Stream.fromChannel(
    Channel.unwrapScoped(Effect.map(
      changes.subscribe,
      (take) => Stream.toChannel(Stream.repeatEffectChunk(Effect.map(take, Chunk.unsafeFromArray)))
    ))
  )
