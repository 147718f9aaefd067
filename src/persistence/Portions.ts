/**
 * What may not fit into memory at once, read in portions.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/**
 * @since 0.1.0
 * @category models
 */
export interface Portion<A> {
  readonly rows: ReadonlyArray<A>
  /** Where to go on; null at the end. */
  readonly next: number | null
}

/**
 * Reads the portion after a place; 0 is the start.
 *
 * @since 0.1.0
 * @category models
 */
export type Portions<A, E> = (after: number) => Effect.Effect<Portion<A>, E>

/**
 * Of something that gives at most so many rows after a place.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A, E>(
  read: (range: { readonly after: number; readonly limit: number }) => Effect.Effect<ReadonlyArray<A>, E>,
  placeOf: (row: A) => number,
  limit: number
): Portions<A, E> =>
(after) =>
  Effect.map(read({ after, limit }), (rows) => {
    const last = rows.at(-1)
    return { rows, next: last === undefined || rows.length < limit ? null : placeOf(last) }
  })

/**
 * @since 0.1.0
 * @category combinators
 */
export const map = <A, B, E>(portions: Portions<A, E>, f: (row: A) => B): Portions<B, E> => (after) =>
  Effect.map(portions(after), ({ next, rows }) => ({ next, rows: rows.map(f) }))

/**
 * Asked before anything is read; where the answer is no, there is nothing.
 *
 * @since 0.1.0
 * @category combinators
 */
export const when = <A, E>(portions: Portions<A, E>, isThere: Effect.Effect<boolean>): Portions<A, E> => (after) =>
  after > 0
    ? portions(after)
    : Effect.flatMap(isThere, (yes) => yes ? portions(after) : Effect.succeed({ rows: [], next: null }))

/**
 * @since 0.1.0
 * @category accessors
 */
export const forEach = <A, E>(portions: Portions<A, E>, f: (row: A) => void): Effect.Effect<void, E> => {
  const from = (after: number): Effect.Effect<void, E> =>
    Effect.flatMap(portions(after), ({ next, rows }) => {
      rows.forEach(f)
      return next === null ? Effect.void : from(next)
    })
  return from(0)
}

/**
 * @since 0.1.0
 * @category accessors
 */
export const stream = <A, E>(portions: Portions<A, E>): Stream.Stream<A, E> =>
  Stream.unfoldChunkEffect<number | null, A, E, never>(0, (after) =>
    after === null
      ? Effect.succeedNone
      : Effect.map(portions(after), ({ next, rows }) => Option.some([Chunk.unsafeFromArray(rows), next])))

/**
 * For whoever has no streams; what cannot be read rejects.
 *
 * @since 0.1.0
 * @category accessors
 */
export const iterate = async function*<A, E>(
  portions: Portions<A, E>,
  run: (portion: Effect.Effect<Portion<A>, E>) => Promise<Portion<A>>
): AsyncGenerator<A, void> {
  for (let after: number | null = 0; after !== null;) {
    const { next, rows } = await run(portions(after))
    yield* rows
    after = next
  }
}
