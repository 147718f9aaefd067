/**
 * What the buttons of the panel do, and what is said when it is done.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Failure } from "../Failure.js"
import type { Flags, Host } from "../Host.js"
import { plural } from "../render/text.js"
import * as Queue from "./Queue.js"
import * as Switches from "./Switches.js"

/** Does it, and gives the page to go to. */
type Action = (flags: Flags, form: URLSearchParams) => Effect.Effect<string, Failure, Host>

const actions: Readonly<Record<string, Action>> = {
  consent: (flags, form) => Effect.as(Switches.consent(flags, form), "./?done=consent"),
  "stop-sending": (flags) => Effect.as(Switches.optOut(flags, { remoteOnly: true, erase: false }), "./?done=local"),
  "opt-out": (flags, form) => {
    const erase = form.get("erase") === "yes"
    return Effect.as(Switches.optOut(flags, { remoteOnly: false, erase }), erase ? "./?done=erased" : "./?done=off")
  },
  requeue: (flags) => Effect.map(Queue.requeue(flags), (n) => `queue?done=requeued&n=${n}`),
  purge: (flags) => Effect.map(Queue.purge(flags), (n) => `queue?done=purged&n=${n}`)
}

/**
 * @since 0.1.0
 * @category getters
 */
export const find = (name: string): Action | undefined => Object.hasOwn(actions, name) ? actions[name] : undefined

const said: Readonly<Record<string, (n: number) => string>> = {
  consent: () => "Your choice is recorded. What holds now, and why, is below.",
  local: () => "Nothing leaves this machine any more. What is recorded stays here.",
  off: () => "Telemetry is off. What is stored stays until you erase it or it expires.",
  erased: () => "Telemetry is off, and what was stored is erased.",
  requeued: (n) => `${plural(n, "dead letter")} put back into the queue.`,
  purged: (n) => `${plural(n, "dead letter")} thrown away.`
}

/**
 * What is said on the page that an action leads to; null when none did.
 *
 * @since 0.1.0
 * @category getters
 */
export const done = (params: URLSearchParams): string | null => {
  const name = params.get("done") ?? ""
  const n = Number(params.get("n") ?? 0)
  return (Object.hasOwn(said, name) ? said[name] : undefined)?.(Number.isSafeInteger(n) ? n : 0) ?? null
}
