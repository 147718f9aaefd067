/**
 * What may switch telemetry off, or lower its level, whatever a person has consented to. Nothing here can raise anything.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type { Level } from "../domain/Level.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** `DO_NOT_TRACK` is in force. */
  readonly doNotTrack: boolean
  /** The application's own variable, `TELEMETRY_DISABLED`, is in force. */
  readonly disabledByEnv: boolean
  /** `CI` is in force. */
  readonly ci: boolean
  /** A project-level file switches telemetry off. */
  readonly projectDisabled: boolean
  /** The lowest of the levels that environment and project ask for; null when neither does. */
  readonly maxLevel: Level | null
  /** The application could not show its notice. */
  readonly noticeFailed: boolean
  /** Why environment or settings were refused; absent where they were not. Opting out goes on working. */
  readonly refused?: string | undefined
}

/**
 * Nothing is in force: what a person has consented to holds.
 *
 * @since 0.1.0
 * @category constants
 */
export const none: Service = {
  doNotTrack: false,
  disabledByEnv: false,
  ci: false,
  projectDisabled: false,
  maxLevel: null,
  noticeFailed: false
}

/**
 * @since 0.1.0
 * @category references
 */
export class Overrides extends Context.Reference<Overrides>()("effect-telemetry/consent/Overrides", {
  defaultValue: () => none
}) {}
