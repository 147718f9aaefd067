/**
 * May anything be sent to a destination, by the consent that holds now? Asked before every claim and before every request.
 *
 * @since 0.1.0
 */
import type { Effective } from "../domain/Consent.js"
import { notConsented } from "./Settling.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Permission =
  | { readonly _tag: "Granted" }
  /** Telemetry is off, or sending is not consented to. */
  | { readonly _tag: "Off"; readonly message: string }
  /** Sending is consented to, but to another origin. */
  | { readonly _tag: "OtherOrigin"; readonly message: string }

const granted: Permission = { _tag: "Granted" }

/**
 * `origin` is where the destination would send to; null where nothing leaves the machine.
 *
 * @since 0.1.0
 * @category decisions
 */
export const of = (effective: Effective, origin: string | null): Permission => {
  if (!effective.enabled || effective.epoch === null) {
    return { _tag: "Off", message: `telemetry is off: ${effective.reason}` }
  }
  if (!effective.remote || effective.sendable.size === 0) {
    return { _tag: "Off", message: "sending is not consented to: run enable --remote" }
  }
  return origin !== null && effective.epoch.origin !== origin ? { _tag: "OtherOrigin", message: notConsented } : granted
}

/**
 * Why nothing may be sent; null when something may.
 *
 * @since 0.1.0
 * @category conversions
 */
export const describe = (effective: Effective, origin: string | null): string | null => {
  const permission = of(effective, origin)
  return permission._tag === "Granted" ? null : permission.message
}

/**
 * Everything that decides which stored events may be sent, as text: when it changes, what waits is looked at again.
 *
 * @since 0.1.0
 * @category conversions
 */
export const signature = (effective: Effective): string =>
  effective.enabled ? [effective.level, ...[...effective.sendable.keys()].sort()].join(" ") : "off"
