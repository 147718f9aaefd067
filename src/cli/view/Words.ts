/**
 * What the pipeline's own terms mean, for a person.
 *
 * @since 0.1.0
 */
import type { Result } from "../../collection/health/HealthState.js"
import type { Level } from "../../domain/Level.js"
import type { Tone } from "../../web/Page.js"

/** Of {@link Ledger.DropReason}, and of whatever a later version may have stored. */
const reasons: Readonly<Record<string, string>> = {
  overflow: "The buffer or the queue was full; the oldest made room.",
  invalid: "The data did not fit the declaration of its event.",
  oversize: "Larger than one event may be.",
  store: "The store could not take it before the program ended.",
  consent: "Consent was withdrawn before it was stored.",
  closed: "Recorded after telemetry was closed.",
  expired: "Older than the retention.",
  cleared: "Erased by you.",
  level: "No longer allowed after the level was lowered.",
  purged: "A dead letter that was thrown away."
}

/**
 * @since 0.1.0
 * @category formatting
 */
export const dropped = (reason: string): string => Object.hasOwn(reasons, reason) ? reasons[reason] ?? reason : reason

/**
 * @since 0.1.0
 * @category constants
 */
export const levels: Readonly<Record<Level, string>> = {
  basic: "names and numbers, no free text, no installation id",
  enhanced: "also what was typed and error messages, redacted and cut",
  full: "also stacks, contexts and breadcrumbs, redacted"
}

/**
 * @since 0.1.0
 * @category formatting
 */
export const health = (result: Result): readonly [tone: Tone, word: string, detail: string] => {
  switch (result._tag) {
    case "Up":
      return ["good", "working", ""]
    case "Impaired":
      return ["warn", "impaired", result.error]
    case "Down":
      return ["bad", "down", result.error]
    case "Unknown":
      return ["plain", "not known", ""]
  }
}
