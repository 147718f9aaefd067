/**
 * What must still happen when the process ends by `process.exit` or by itself.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"

const hooks = new Set<() => void>()

const runAll = (): void => {
  for (const hook of [...hooks].reverse()) hook()
}

// One listener for all, so that a program with many scopes is not warned of a leak, and none when there is no scope.
const add = (hook: () => void): void => {
  if (hooks.size === 0) process.on("exit", runAll)
  hooks.add(hook)
}

const remove = (hook: () => void): void => {
  hooks.delete(hook)
  if (hooks.size === 0) process.off("exit", runAll)
}

/**
 * Runs `effect` when the process exits while the scope is open; the last one registered runs first. It has to be
 * synchronous: what suspends is cut off. Its failures are ignored, and the exit code stays as it is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const onExit = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<void, never, R | Scope.Scope> =>
  Effect.flatMap(Effect.runtime<R>(), (runtime) => {
    const hook = (): void => {
      Runtime.runSyncExit(runtime)(effect)
    }
    return Effect.acquireRelease(Effect.sync(() => add(hook)), () => Effect.sync(() => remove(hook)))
  })
