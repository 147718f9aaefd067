/**
 * How much is worked on at a time. A parsed body is many objects; while many of them wait for the database at once, the garbage
 * collector copies them all, twice, and that costs more than to parse them did. Bodies that wait as bytes cost nothing.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * @since 0.1.0
 * @category models
 */
export interface Gate {
  /**
   * Waits until there is room for so much, or nothing else is inside; in the order of arrival. It is left with `leave`, or when
   * `use` is done. The wait cannot be interrupted: it ends when what is inside was left.
   */
  readonly through: <A, E, R>(
    size: number,
    use: (leave: () => void) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

const nothing = () => {}

interface Waiting {
  readonly size: number
  readonly enter: () => void
}

/**
 * `most` may be inside at once; up to `free` is too little to count.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ free, most }: { readonly most: number; readonly free: number }): Gate => {
  let inside = 0
  const waiting: Array<Waiting> = []
  const hasRoom = (size: number): boolean => inside === 0 || inside + size <= most
  const admit = (): void => {
    for (let next = waiting[0]; next !== undefined && hasRoom(next.size); next = waiting[0]) {
      waiting.shift()
      inside += next.size
      next.enter()
    }
  }
  const enter = (size: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (waiting.length > 0 || !hasRoom(size)) {
        return Effect.async((resume) => {
          waiting.push({ size, enter: () => resume(Effect.void) })
        })
      }
      inside += size
      return Effect.void
    })
  return {
    through: (size, use) =>
      size <= free ? use(nothing) : Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(enter(size), () => {
          let isInside = true
          const leave = () => {
            if (!isInside) return
            isInside = false
            inside -= size
            admit()
          }
          return Effect.ensuring(restore(Effect.suspend(() => use(leave))), Effect.sync(leave))
        })
      )
  }
}
