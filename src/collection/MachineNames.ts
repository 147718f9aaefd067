/**
 * The names of the machine and of the person logged in to it, for redaction alone: they are never stored and never sent.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * @since 0.1.0
 * @category models
 */
export interface Names {
  readonly users: ReadonlyArray<string>
  readonly hosts: ReadonlyArray<string>
}

/**
 * Asked when the first event comes, so that nothing is looked up while telemetry is off. Where nobody knows them, there are
 * none.
 *
 * @since 0.1.0
 * @category references
 */
export class MachineNames extends Context.Reference<MachineNames>()("effect-telemetry/collection/MachineNames", {
  defaultValue: () => (): Names => ({ users: [], hosts: [] })
}) {}
