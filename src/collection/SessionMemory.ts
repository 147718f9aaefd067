/**
 * A session that outlives what runs: a page is gone with every step through a site, and its visit goes on. By default nothing
 * is remembered, and a session is of one process.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * @since 0.1.0
 * @category models
 */
export interface Remembered {
  readonly id: string
  /** Of the consent it was recorded under: under another one it is another session. */
  readonly epoch: string
  /** Milliseconds since the epoch, as is `lastEventAt`. */
  readonly startedAt: number
  readonly lastEventAt: number
  readonly events: number
  readonly errors: number
}

/**
 * Neither fails: what cannot be kept is not remembered.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly recall: () => Remembered | null
  /** Null forgets. */
  readonly keep: (session: Remembered | null) => void
}

/**
 * @since 0.1.0
 * @category references
 */
export class SessionMemory extends Context.Reference<SessionMemory>()("effect-telemetry/collection/SessionMemory", {
  defaultValue: (): Service | null => null
}) {}
