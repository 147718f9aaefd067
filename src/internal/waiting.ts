/**
 * What waits to be taken by one reader, at most so much of it: of more the oldest are let go of. A `Queue` does the same, and
 * more; a page without Effect loads it for nothing else.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * @since 0.1.0
 * @category models
 */
export interface Waiting<A> {
  readonly unsafeAdd: (a: A) => void
  /** All there is now. */
  readonly unsafeTake: () => ReadonlyArray<A>
  /** All there is, once there is something. */
  readonly take: Effect.Effect<ReadonlyArray<A>>
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = <A>(capacity: number): Waiting<A> => {
  const some = Effect.unsafeMakeLatch(false)
  const waiting: Array<A> = []
  const unsafeTake = (): ReadonlyArray<A> => {
    some.unsafeClose()
    return waiting.splice(0)
  }
  return {
    unsafeAdd: (a) => {
      if (waiting.push(a) > capacity) waiting.shift()
      some.unsafeOpen()
    },
    unsafeTake,
    take: Effect.zipRight(some.await, Effect.sync(unsafeTake))
  }
}
