/**
 * An operation with a language model, told by its phases: gathering of context, compression of it, the call itself.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ConsentGate } from "../consent/ConsentGate.js"
import { AiOperation } from "../domain/EventCatalog.js"
import type { Collector } from "./Collector.js"
import { timed } from "./Operations.js"

type Wrap = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Wrap what belongs to a phase; a phase that comes several times is the sum. Phases that run at the same time are added
 * up as if they came one after the other.
 *
 * @since 0.1.0
 * @category models
 */
export interface Phases {
  readonly gathering: Wrap
  readonly compression: Wrap
  readonly api: Wrap
  /** Adds to the tokens used. */
  readonly tokens: (count: number) => Effect.Effect<void>
  /** The size of the context that was sent, in whatever the application counts it in; the last one said. */
  readonly contextSize: (size: number) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly provider?: string | undefined
}

type Field = "gatheringMs" | "compressionMs" | "apiMs" | "tokens" | "contextSize"

const phases = (figures: Partial<Record<Field, number>>): Phases => {
  const add = (field: Field, value: number): void => {
    figures[field] = (figures[field] ?? 0) + value
  }
  const phase = (field: Field): Wrap => (self) =>
    Effect.clockWith((clock) => {
      const begun = clock.unsafeCurrentTimeNanos()
      return Effect.ensuring(
        self,
        Effect.sync(() => add(field, Number(clock.unsafeCurrentTimeNanos() - begun) / 1e6))
      )
    })
  return {
    gathering: phase("gatheringMs"),
    compression: phase("compressionMs"),
    api: phase("apiMs"),
    tokens: (count) => Effect.sync(() => add("tokens", count)),
    contextSize: (size) =>
      Effect.sync(() => {
        figures.contextSize = size
      })
  }
}

/**
 * Records `ai_operation` when the effect has ended, however it ended.
 *
 * @example
 * import * as Effect from "effect/Effect"
 * import { aiOperation } from "effect-telemetry/collection/AiOperation"
 *
 * export const answer = aiOperation({ provider: "local" }, (phases) =>
 *   Effect.gen(function*() {
 *     const files = yield* Effect.succeed(["a.ts"]).pipe(phases.gathering)
 *     yield* phases.contextSize(files.length)
 *     const reply = yield* Effect.succeed({ text: "yes", tokens: 12 }).pipe(phases.api)
 *     yield* phases.tokens(reply.tokens)
 *     return reply.text
 *   }))
 *
 * @since 0.1.0
 * @category constructors
 */
export const aiOperation = <A, E, R>(
  { provider }: Options,
  use: (phases: Phases) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Collector | ConsentGate> =>
  Effect.suspend(() => {
    const figures: Partial<Record<Field, number>> = {}
    return Effect.suspend(() => use(phases(figures))).pipe(
      timed<A, E>((collector, exit, totalMs) => {
        collector.unsafeTrack(AiOperation, {
          ...figures,
          totalMs,
          provider,
          success: Exit.isSuccess(exit)
        })
      })
    )
  })
