/**
 * `status`: the state at a glance. It works whatever is damaged.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Status from "../../Status.js"
import { messageOf } from "../Failure.js"
import { type Flags, Host } from "../Host.js"
import { printStatus, unreadable } from "./statusView.js"

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags) =>
  Effect.flatMap(Host, (host): Effect.Effect<Status.Status, unknown> => host.status(flags)).pipe(
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.interrupt
        : Effect.succeed(unreadable(flags.dataDir ?? null, messageOf(Cause.squash(cause))))
    ),
    Effect.flatMap((status) => printStatus(flags, status))
  )
