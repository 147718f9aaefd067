/**
 * `disable`: opts out, of everything or of sending only. Damaged settings and refused variables do not stand in its way.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { Telemetry } from "../../Telemetry.js"
import { type Flags, withWhateverIsThere } from "../Host.js"
import { printStatus } from "./statusView.js"

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & { readonly remote: boolean; readonly erase: boolean }) =>
  Effect.flatMap(Telemetry, (telemetry) => telemetry.disable({ erase: flags.erase, remoteOnly: flags.remote })).pipe(
    withWhateverIsThere(flags),
    Effect.flatMap((status) => printStatus(flags, status))
  )
