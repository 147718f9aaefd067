/**
 * Who this process is to the others that share its store.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type { Owner } from "../persistence/SubmissionQueue.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly owner: Owner
  /** Is it certain that no process with this id runs any more? False when in doubt. */
  readonly isGone: (pid: number) => boolean
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Process extends Context.Tag("effect-telemetry/scheduling/Process")<Process, Service>() {}
