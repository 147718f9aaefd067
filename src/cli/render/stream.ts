/**
 * Output of any length in portions, so that memory stays bounded.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import process from "node:process"

/**
 * @since 0.1.0
 * @category models
 */
export interface Frame {
  /** A line before everything; null: none. */
  readonly start: string | null
  readonly end: string | null
  /** Between two lines of one portion; a portion itself always ends with a line feed. */
  readonly separator?: string
}

/** Who reads slowly holds us up: what is written and not read yet would fill the memory. */
const taken: Effect.Effect<void> = Effect.async((resume) => {
  const { stdout } = process
  if (!stdout.writableNeedDrain) return resume(Effect.void)
  const go = () => resume(Effect.void)
  stdout.once("drain", go)
  return Effect.sync(() => stdout.off("drain", go))
})

const toOutput = (text: string): Effect.Effect<void> => Effect.zipRight(Console.log(text), taken)

/**
 * Each element as one line, a portion at a time; gives how many there were. `write` is handed text without its last line
 * feed, standard output by default.
 *
 * @since 0.1.0
 * @category output
 */
export const writeLines = <A, E, R, E2 = never, R2 = never>(
  elements: Stream.Stream<A, E, R>,
  line: (element: A, index: number) => string,
  frame: Frame,
  write: (text: string) => Effect.Effect<void, E2, R2> = toOutput
): Effect.Effect<number, E | E2, R | R2> =>
  Effect.suspend(() => {
    let count = 0
    const separator = frame.separator ?? "\n"
    const tail = separator.slice(0, -1)
    const put = (text: string | null) => text === null ? Effect.void : write(text)
    return put(frame.start).pipe(
      Effect.zipRight(Stream.runForEachChunk(elements, (chunk) =>
        Chunk.isEmpty(chunk)
          ? Effect.void
          : Effect.suspend(() =>
            write(Chunk.toReadonlyArray(chunk).map((a) => line(a, count++)).join(separator) + tail)
          ))),
      Effect.zipRight(Effect.suspend(() => put(frame.end))),
      Effect.map(() => count)
    )
  })
