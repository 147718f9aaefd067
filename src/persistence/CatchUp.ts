/**
 * Sums up what was recorded by a version of the library that kept no rollups: once, in portions, and before retention removes
 * any of it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Rollup from "../domain/Rollup.js"
import type { Service } from "./Rollups.js"
import type { StoreError } from "./StoreError.js"

/**
 * Costs one look into the store where there is nothing to do, which is nearly always.
 *
 * @since 0.1.0
 * @category combinators
 */
export const run = (
  rollups: Service,
  definition: (eventType: string) => EventDefinition.Any | undefined
): Effect.Effect<void, StoreError> =>
  Effect.suspend(() => {
    const fold = Rollup.folder(definition)
    const again: Effect.Effect<void, StoreError> = Effect.flatMap(
      rollups.catchUp(fold),
      (summed) => summed === 0 ? Effect.void : Effect.zipRight(Effect.yieldNow(), again)
    )
    return again
  })
