/**
 * The code in slices: each is evaluated in a turn of the page of its own, so that none holds it up for long. A bundler that
 * splits makes files of them; in a bundle of one file they are still evaluated one by one.
 *
 * @since 0.1.0
 */

/**
 * Loads something; a bundler sees what by the `import()` in it.
 *
 * @since 0.1.0
 * @category models
 */
export type Load<A> = () => Promise<A>

/**
 * Effect itself. It looks at a stack trace when `effect/Utils` is evaluated, for which a browser parses the file of that module
 * once more: it comes first and alone.
 *
 * @since 0.1.0
 * @category constants
 */
export const runtime: ReadonlyArray<Load<unknown>> = [
  () => import("./slices/Utils.js"),
  () => import("./slices/Runtime.js")
]

/**
 * What the stages stand on, for a page that has Effect.
 *
 * @since 0.1.0
 * @category constants
 */
export const stages: ReadonlyArray<Load<unknown>> = [
  () => import("./slices/Schema.js"),
  () => import("./slices/Collection.js")
]

/** What the page itself has to do comes first. */
const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0))

const load = async <A>(slice: Load<A>): Promise<A> => {
  const loaded = await slice()
  await turn()
  return loaded
}

/**
 * One after the other; gives the last.
 *
 * @since 0.1.0
 * @category loading
 */
export const inTurn = async <A>(before: ReadonlyArray<Load<unknown>>, last: Load<A>): Promise<A> => {
  for (const slice of before) await load(slice)
  return load(last)
}

/**
 * What is said where something could not be loaded.
 *
 * @since 0.1.0
 * @category messages
 */
export const message = (error: unknown): string =>
  `Telemetry is off: a part of its code could not be loaded (${
    String(error)
  }). It is tried again when it is next opened.`
